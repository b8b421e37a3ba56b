import { z } from 'zod';
import { UserError } from '../../error';
import type { Graph } from '../../graph/graph';
import { finalOutputs } from '../final-outputs';
import { inputsOf, mapTensors, readsOf, type Call, type Reference } from './call';
import { Emitter } from './emitter';
import type { Findings } from './findings';
import { LayerContext, outputsOf, type WeightSource } from './layer';
import { layers } from './layers/all';
import { atEveryStep } from './layers/time-distributed';
import { withMask } from './masking';
import { operations } from './operations';
import type { LayerNode, Topology } from './topology';
import type { Value } from './value';

interface Scope {
  readonly emitter: Emitter;
  readonly weights: WeightSource;
  readonly file: string;
}

/**
 * Turns a Keras model into one graph: every layer's operators, with the weights in the layout of their file.
 * @param findings told of what the model keeps in other ways than as the numbers of one dataset
 */
export function buildGraph(topology: Topology, weights: WeightSource, file: string, findings?: Findings): Graph {
  const scope: Scope = { emitter: new Emitter(findings), weights, file };
  const { builder } = scope.emitter;
  // Stored tensors keep the names that their file gives them: nothing else may take one first.
  for (const name of weights.names) builder.fresh(name);
  const outputs = buildModel(topology, [], undefined, scope);
  const final = finalOutputs(builder.nodes, outputs.map((value) => value.name));
  for (const value of outputs.filter(({ name }) => final.includes(name))) builder.output(scope.emitter.asShaped('output', value));
  return builder.build();
}

/** @param given the values of a nested model's inputs; undefined for the outermost, whose inputs are the graph's */
function buildModel(topology: Topology, path: readonly string[], given: readonly Value[] | undefined, scope: Scope): readonly Value[] {
  const values = new Map<Reference, Value>();
  let waiting = topology.layers.flatMap((layer) => layer.calls.map((call, index) => ({ layer, call, reads: readsOf(call), index })));
  while (waiting.length > 0) {
    // Keras lists layers almost, but not always, in the order in which they run.
    const blocked = waiting.filter(({ layer, call, reads, index }) => {
      if (!reads.every((reference) => values.has(reference))) return true;
      const own = `${layer.name}#${index}#0`;
      let outputs: readonly Value[];
      if (layer.className === 'InputLayer') {
        outputs = [given === undefined ? graphInput(layer, scope) : givenInput(topology, own, given, scope.file)];
      } else {
        outputs = callLayer(layer, mapTensors(call, ({ reference }) => values.get(reference)), [...path, layer.name], scope);
      }
      outputs.forEach((value, output) => values.set(`${layer.name}#${index}#${output}`, value));
      return false;
    });
    if (blocked.length === waiting.length) {
      throw new UserError('model-config-invalid', `layer \`${blocked[0]?.layer.name ?? ''}\` reads something that no layer produces.`, { file: scope.file, remedy: 'Save the model again with Keras: model.save(…).' });
    }
    waiting = blocked;
  }
  return topology.outputs.map((reference) => {
    const value = values.get(reference);
    if (value === undefined) throw new UserError('model-config-invalid', `no layer produces the model's output ${reference}.`, { file: scope.file, remedy: 'Save the model again with Keras: model.save(…).' });
    return value;
  });
}

function callLayer(layer: LayerNode, call: Call, path: readonly string[], scope: Scope): readonly Value[] {
  const inputs = inputsOf(call);
  const { className, nested } = layer;
  const context = new LayerContext(scope.emitter, { path, className, config: layer.config, call }, scope.weights, scope.file);
  if (isQuantised(layer.config)) throw new UserError('weights-quantized', `layer \`${context.name}\` (${className}) is quantised: its weights are rounded, and noise of a certified size cannot be added to those.`, { file: scope.file, remedy: 'Save the model without quantisation.' });
  // Keras 3 decides for the whole model, and calls layers that act in training alone with this flag by default.
  if (context.generation < 3 && context.flag('training')) throw context.refusal('training=True in its call');
  if (nested !== undefined) {
    if (className !== 'TimeDistributed') return buildModel(nested, path, inputs, scope);
    const input = context.single(inputs);
    if (input.mask !== undefined) throw context.refusal('a mask on its input');
    return [atEveryStep(context, input, (steps) => buildModel(nested, path, [steps], scope))];
  }
  // Keras 3 leaves modules out of HDF5 files: there, what is no layer is a function.
  const isFunction = layer.module === undefined ? context.generation >= 3 && !Object.hasOwn(layers, className) && Object.hasOwn(operations, className) : layer.module.includes('.ops.');
  const known = isFunction ? operations : layers;
  const build = Object.hasOwn(known, className) ? known[className] : undefined;
  if (build === undefined) throw context.refusal(known === operations ? 'a function of keras.ops' : '');
  const [first, ...others] = outputsOf(build(context, inputs));
  return first === undefined ? [] : [withMask(context, inputs, first), ...others];
}

const policySchema = z.object({ dtype: z.object({ class_name: z.string() }) });

/** Keras 3 names the policy by which a layer's weights were rounded. */
function isQuantised(config: unknown): boolean {
  const policy = policySchema.safeParse(config);
  return policy.success && policy.data.dtype.class_name.startsWith('Quantized');
}

function givenInput(topology: Topology, own: Reference, given: readonly Value[], file: string): Value {
  const value = given[topology.inputs.indexOf(own)];
  if (value === undefined) throw new UserError('model-config-invalid', `the nested model \`${topology.name}\` is not given its input ${own}.`, { file, remedy: 'Save the model again with Keras: model.save(…).' });
  return value;
}

const inputSchema = z.object({ batch_input_shape: z.unknown(), batch_shape: z.unknown(), dtype: z.unknown() }).partial().catch({});
const shapeSchema = z.array(z.union([z.number().int().positive(), z.null()])).min(1);

function graphInput(layer: { readonly name: string; readonly config: unknown }, scope: Scope): Value {
  const config = inputSchema.parse(layer.config);
  const batchShape = shapeSchema.safeParse(config.batch_input_shape ?? config.batch_shape);
  const shape = batchShape.success ? batchShape.data.slice(1).filter((size) => size !== null) : [];
  if (!batchShape.success || shape.length !== batchShape.data.length - 1) {
    throw new UserError('shape-unknown', `the input \`${layer.name}\` has no fixed shape, and a certified run needs one.`, { file: scope.file, remedy: 'Save the model with the shape of its input: keras.Input(shape=…).' });
  }
  // Row numbers for an embedding are given as floating-point: exact up to 2^24.
  if (typeof config.dtype === 'string' && !['float32', 'int32', 'int64'].includes(config.dtype)) {
    throw new UserError('input-unsupported', `the input \`${layer.name}\` is of type ${config.dtype}; only float32 and row numbers are supported yet.`, { file: scope.file, remedy: 'Save the model with an input of type float32, or int32 for row numbers: keras.Input(shape=…, dtype=…).' });
  }
  const name = scope.emitter.builder.input(layer.name, ['batch', ...shape]);
  return { name, shape, channelsMovedFirst: false };
}
