import { z } from 'zod';
import { UserError } from '../../error';
import { mapTensors, readsOf, TensorArgument, type Call, type Reference } from './call';

/** A layer and its calls, in the one form that all of Keras's ways to write a model become. */
export interface LayerNode {
  readonly name: string;
  readonly className: string;
  /** The Python module of the class, where the file names it: Keras 3 has functions that go by the name of a layer. */
  readonly module: string | undefined;
  readonly config: unknown;
  /** The model that this layer is, or that it applies to every step of a sequence. */
  readonly nested: Topology | undefined;
  readonly calls: readonly Call[];
}

export interface Topology {
  readonly name: string;
  readonly layers: readonly LayerNode[];
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
}

const layerSchema = z.object({
  class_name: z.string(),
  module: z.string().nullish().catch(undefined),
  config: z.unknown().optional(),
  name: z.string().optional(),
  inbound_nodes: z.array(z.unknown()).optional(),
  build_config: z.object({ input_shape: z.unknown().optional() }).nullish().catch(undefined),
});
const named = z.object({ name: z.string().optional() }).catch({});
const sequentialSchema = z.union([
  z.array(layerSchema).transform((layers) => ({ name: undefined, layers, build_input_shape: undefined })),
  z.object({ name: z.string().optional(), layers: z.array(layerSchema), build_input_shape: z.unknown().optional() }),
]);
const functionalSchema = z.object({ name: z.string().optional(), layers: z.array(layerSchema), input_layers: z.unknown().optional(), output_layers: z.unknown().optional() });
const modelSchema = z.object({ class_name: z.string(), config: z.unknown().optional(), build_config: z.object({ input_shape: z.unknown().optional() }).nullish().catch(undefined) });

const deepest = 32;

/** Reads the model configuration of Keras 2, Keras 3 or TensorFlow.js: `{"class_name": "Sequential", "config": …}`. */
export function readTopology(json: unknown, file: string): Topology {
  return readModel(json, file, 'model', 0);
}

export function isModelClass(className: string): boolean {
  return ['Sequential', 'Model', 'Functional'].includes(className);
}

function readModel(json: unknown, file: string, fallbackName: string, depth: number): Topology {
  if (depth > deepest) throw new UserError('model-config-invalid', `models are nested more than ${deepest} deep.`, { file, remedy: 'Take layers out of the innermost models and put them into the model itself.' });
  const model = parse(modelSchema, json, file);
  if (model.class_name === 'Sequential') return readSequential(model, file, fallbackName, depth);
  if (isModelClass(model.class_name)) return readFunctional(model.config, file, fallbackName, depth);
  throw new UserError('layer-unsupported', `the model's class ${model.class_name} is not supported yet: only Sequential and Functional models describe all of their layers.`, { file, remedy: 'Write the model as keras.Sequential or keras.Model(inputs, outputs), or export it to ONNX and name that.' });
}

function readSequential(model: z.output<typeof modelSchema>, file: string, fallbackName: string, depth: number): Topology {
  const config = parse(sequentialSchema, model.config, file);
  const stack = config.layers.map((layer) => readLayer(layer, file, depth));
  if (stack[0]?.className !== 'InputLayer') stack.unshift(impliedInput(stack[0], config.build_input_shape ?? model.build_config?.input_shape, file));
  const layers = stack.map((layer, index) => ({ ...layer, calls: index === 0 ? [uncalled] : [{ ...uncalled, positional: [new TensorArgument(`${stack[index - 1]?.name ?? ''}#0#0`)] }] }));
  return { name: config.name ?? fallbackName, layers, inputs: [`${layers[0]?.name ?? ''}#0#0`], outputs: [`${layers.at(-1)?.name ?? ''}#0#0`] };
}

/** A Sequential model may leave its input out: the shape then stands in its first layer, or where the model was built. */
function impliedInput(first: LayerNode | undefined, builtShape: unknown, file: string): LayerNode {
  if (first === undefined) throw new UserError('model-config-invalid', 'the model has no layers.', { file, remedy: 'Name the file of a model with at least one layer.' });
  const nestedInput = first.nested?.layers.find((layer) => layer.className === 'InputLayer');
  const config = z.object({ batch_input_shape: z.unknown(), batch_shape: z.unknown(), dtype: z.unknown() }).partial().catch({}).parse(nestedInput?.config ?? first.config);
  const shape = config.batch_input_shape ?? config.batch_shape ?? builtShape;
  const name = `${first.name}_input`;
  return { name, className: 'InputLayer', module: undefined, config: { name, batch_input_shape: shape, dtype: config.dtype }, nested: undefined, calls: [uncalled] };
}

function readFunctional(json: unknown, file: string, fallbackName: string, depth: number): Topology {
  const config = parse(functionalSchema, json, file);
  const layers = config.layers.map((layer) => {
    const calls = (layer.inbound_nodes ?? []).map(readCall);
    return { ...readLayer(layer, file, depth), calls: calls.length === 0 ? [uncalled] : calls };
  });
  const outputs = ends(config.output_layers, file);
  const renumber = renumbering(layers, outputs);
  return {
    name: config.name ?? fallbackName,
    layers: layers.map((layer) => ({ ...layer, calls: layer.calls.map((call) => mapTensors(call, ({ reference: read }) => new TensorArgument(renumber(read)))) })),
    inputs: ends(config.input_layers, file),
    outputs: outputs.map(renumber),
  };
}

/** A model that is used as a layer was called once before, when it was made: Keras 2 then counts its calls from one. */
function renumbering(layers: readonly LayerNode[], outputs: readonly Reference[]): (reference: Reference) => Reference {
  const highest = new Map<string, number>();
  for (const read of [...outputs, ...layers.flatMap((layer) => layer.calls.flatMap(readsOf))]) {
    const { layer, node } = split(read);
    highest.set(layer, Math.max(node, highest.get(layer) ?? 0));
  }
  const shifts = new Map(layers.map((layer) => [layer.name, Math.max(0, (highest.get(layer.name) ?? 0) + 1 - layer.calls.length)]));
  return (read) => {
    const { layer, node, tensor } = split(read);
    return reference([layer, node - (shifts.get(layer) ?? 0), tensor]);
  };
}

function split(read: Reference): { layer: string; node: number; tensor: number } {
  const parts = read.split('#');
  return { layer: parts.slice(0, -2).join('#'), node: Number(parts.at(-2)), tensor: Number(parts.at(-1)) };
}

function readLayer(layer: z.output<typeof layerSchema>, file: string, depth: number): LayerNode {
  const name = layer.name ?? named.parse(layer.config).name ?? layer.class_name.toLowerCase();
  const inner = layer.class_name === 'TimeDistributed' ? wrapped.safeParse(layer.config).data?.layer : layer;
  const nested = inner !== undefined && isModelClass(inner.class_name) ? readModel(inner, file, name, depth + 1) : undefined;
  return { name, className: layer.class_name, module: layer.module ?? undefined, config: layer.config, nested, calls: [] };
}

const wrapped = z.object({ layer: modelSchema });
const uncalled: Call = { positional: [], named: {} };
const tensor = z.tuple([z.string(), z.number().int().nonnegative(), z.number().int().nonnegative()]).rest(z.unknown());
const history = z.object({ class_name: z.literal('__keras_tensor__'), config: z.object({ keras_history: tensor }) });
const constant = z.tuple([z.literal('_CONSTANT_VALUE'), z.literal(-1), z.unknown()]).rest(z.unknown());
const newCall = z.object({ args: z.array(z.unknown()), kwargs: z.record(z.string(), z.unknown()).default({}) });
const namedArguments = z.record(z.string(), z.unknown()).catch({});

/** Keras 3 writes `{"args": […], "kwargs": {…}}`; Keras 2 a tensor or a list of them, with the other arguments behind the first one. */
function readCall(json: unknown): Call {
  const call = newCall.safeParse(json);
  if (call.success) return { positional: call.data.args.map(readArgument), named: namedArguments.parse(readArgument(call.data.kwargs)) };
  const list: readonly unknown[] = Array.isArray(json) ? json : [];
  const inputs = tensor.safeParse(json).success || constant.safeParse(json).success ? [json] : list;
  const [first] = inputs;
  const named = namedArguments.parse(readArgument(Array.isArray(first) ? first[3] : undefined));
  const tensors = inputs.map((input) => readArgument(Array.isArray(input) ? input.slice(0, 3) : input));
  return { positional: tensors.length === 1 ? tensors : [tensors], named };
}

/** Keras 2 writes a tensor as `["layer", node, tensor]`, Keras 3 as an object with a `keras_history` of the same form. */
function readArgument(json: unknown): unknown {
  const direct = tensor.safeParse(json);
  if (direct.success) return new TensorArgument(reference(direct.data));
  const known = history.safeParse(json);
  if (known.success) return new TensorArgument(reference(known.data.config.keras_history));
  const value = constant.safeParse(json);
  if (value.success) return value.data[2];
  if (Array.isArray(json)) return json.map(readArgument);
  return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json).map(([key, part]) => [key, readArgument(part)])) : json;
}

function ends(json: unknown, file: string): readonly Reference[] {
  const references = readsOf({ positional: [readArgument(json)], named: {} });
  if (references.length === 0) throw new UserError('model-config-invalid', 'the model names no input or output layers.', { file, remedy: 'Save the model again with Keras: model.save(…).' });
  return references;
}

function reference([layer, node, tensor]: readonly [string, number, number, ...unknown[]]): Reference {
  return `${layer}#${node}#${tensor}`;
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown, file: string): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError('model-config-invalid', `the model's configuration is not one that Keras writes: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, { file, remedy: 'Save the model again with a current Keras: model.save(…).' });
}
