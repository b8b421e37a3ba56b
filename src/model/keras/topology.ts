import { z } from 'zod';
import { UserError } from '../../error';

/** One output of one call of a layer: `dense_1#0#0`. A layer that is shared is called more than once. */
export type Reference = string;

/** A layer and its calls, in the one form that all of Keras's ways to write a model become. */
export interface LayerNode {
  readonly name: string;
  readonly className: string;
  /** The layer's own configuration, or, for a model used as a layer, that model. */
  readonly config: unknown;
  readonly nested: Topology | undefined;
  /** For each call, the references it reads. */
  readonly calls: readonly (readonly Reference[])[];
}

export interface Topology {
  readonly name: string;
  readonly layers: readonly LayerNode[];
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
}

const layerSchema = z.object({
  class_name: z.string(),
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
  if (depth > deepest) throw new UserError('model-config-invalid', `models are nested more than ${deepest} deep.`, { file });
  const model = parse(modelSchema, json, file);
  if (model.class_name === 'Sequential') return readSequential(model, file, fallbackName, depth);
  if (isModelClass(model.class_name)) return readFunctional(model.config, file, fallbackName, depth);
  throw new UserError('layer-unsupported', `the model's class ${model.class_name} is not supported yet: only Sequential and Functional models describe all of their layers.`, { file });
}

function readSequential(model: z.output<typeof modelSchema>, file: string, fallbackName: string, depth: number): Topology {
  const config = parse(sequentialSchema, model.config, file);
  const stack = config.layers.map((layer) => readLayer(layer, file, depth));
  if (stack[0]?.className !== 'InputLayer') stack.unshift(impliedInput(stack[0], config.build_input_shape ?? model.build_config?.input_shape, file));
  const layers = stack.map((layer, index) => ({ ...layer, calls: index === 0 ? [[]] : [[`${stack[index - 1]?.name ?? ''}#0#0`]] }));
  return { name: config.name ?? fallbackName, layers, inputs: [`${layers[0]?.name ?? ''}#0#0`], outputs: [`${layers.at(-1)?.name ?? ''}#0#0`] };
}

/** A Sequential model may leave its input out: the shape then stands in its first layer, or where the model was built. */
function impliedInput(first: LayerNode | undefined, builtShape: unknown, file: string): LayerNode {
  if (first === undefined) throw new UserError('model-config-invalid', 'the model has no layers.', { file });
  const nestedInput = first.nested?.layers.find((layer) => layer.className === 'InputLayer');
  const config = z.object({ batch_input_shape: z.unknown(), batch_shape: z.unknown(), dtype: z.unknown() }).partial().catch({}).parse(nestedInput?.config ?? first.config);
  const shape = config.batch_input_shape ?? config.batch_shape ?? builtShape;
  const name = `${first.name}_input`;
  return { name, className: 'InputLayer', config: { name, batch_input_shape: shape, dtype: config.dtype }, nested: undefined, calls: [[]] };
}

function readFunctional(json: unknown, file: string, fallbackName: string, depth: number): Topology {
  const config = parse(functionalSchema, json, file);
  const layers = config.layers.map((layer) => {
    const calls = (layer.inbound_nodes ?? []).map((node) => referencesIn(node));
    return { ...readLayer(layer, file, depth), calls: calls.length === 0 ? [[]] : calls };
  });
  const outputs = ends(config.output_layers, file);
  const renumber = renumbering(layers, outputs);
  return {
    name: config.name ?? fallbackName,
    layers: layers.map((layer) => ({ ...layer, calls: layer.calls.map((reads) => reads.map(renumber)) })),
    inputs: ends(config.input_layers, file),
    outputs: outputs.map(renumber),
  };
}

/** A model that is used as a layer was called once before, when it was made: Keras 2 then counts its calls from one. */
function renumbering(layers: readonly LayerNode[], outputs: readonly Reference[]): (reference: Reference) => Reference {
  const highest = new Map<string, number>();
  for (const read of [...outputs, ...layers.flatMap((layer) => layer.calls.flat())]) {
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
  const nested = isModelClass(layer.class_name) ? readModel(layer, file, name, depth + 1) : undefined;
  return { name, className: layer.class_name, config: layer.config, nested, calls: [] };
}

const call = z.tuple([z.string(), z.number().int().nonnegative(), z.number().int().nonnegative()]).rest(z.unknown());
const history = z.object({ class_name: z.literal('__keras_tensor__'), config: z.object({ keras_history: call }) });

/** Keras 2 writes `["layer", node, tensor, {}]`, Keras 3 an object with a `keras_history` of the same form, at any depth of the arguments. */
function referencesIn(json: unknown): Reference[] {
  const direct = call.safeParse(json);
  if (direct.success) return [reference(direct.data), ...referencesIn(direct.data.slice(3))];
  const tensor = history.safeParse(json);
  if (tensor.success) return [reference(tensor.data.config.keras_history)];
  if (Array.isArray(json)) return json.flatMap(referencesIn);
  if (typeof json === 'object' && json !== null) return Object.values(json).flatMap(referencesIn);
  return [];
}

function ends(json: unknown, file: string): Reference[] {
  const references = referencesIn(json);
  if (references.length === 0) throw new UserError('model-config-invalid', 'the model names no input or output layers.', { file });
  return references;
}

function reference([layer, node, tensor]: readonly [string, number, number, ...unknown[]]): Reference {
  return `${layer}#${node}#${tensor}`;
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown, file: string): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError('model-config-invalid', `the model's configuration is not one that Keras writes: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, { file });
}
