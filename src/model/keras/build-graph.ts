import { z } from 'zod';
import { UserError } from '../../error';
import type { Graph } from '../../graph/graph';
import { finalOutputs } from '../final-outputs';
import { Emitter } from './emitter';
import { LayerContext, type WeightSource } from './layer';
import { layers } from './layers/all';
import { type Reference, type Topology } from './topology';
import type { Value } from './value';

interface Scope {
  readonly emitter: Emitter;
  readonly weights: WeightSource;
  readonly file: string;
}

/** Turns a Keras model into one graph: every layer's operators, with the weights in the layout of their file. */
export function buildGraph(topology: Topology, weights: WeightSource, file: string): Graph {
  const scope: Scope = { emitter: new Emitter(), weights, file };
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
  let waiting = topology.layers.flatMap((layer) => layer.calls.map((reads, index) => ({ layer, reads, index })));
  while (waiting.length > 0) {
    // Keras lists layers almost, but not always, in the order in which they run.
    const blocked = waiting.filter(({ layer, reads, index }) => {
      const inputs = reads.map((reference) => values.get(reference)).filter((value) => value !== undefined);
      if (inputs.length < reads.length) return true;
      const own = `${layer.name}#${index}#0`;
      const layerPath = [...path, layer.name];
      if (layer.className === 'InputLayer') {
        values.set(own, given === undefined ? graphInput(layer, scope) : givenInput(topology, own, given, scope.file));
      } else if (layer.nested !== undefined) {
        buildModel(layer.nested, layerPath, inputs, scope).forEach((value, output) => values.set(`${layer.name}#${index}#${output}`, value));
      } else {
        const context = new LayerContext(scope.emitter, { path: layerPath, className: layer.className, config: layer.config }, scope.weights, scope.file);
        const build = Object.hasOwn(layers, layer.className) ? layers[layer.className] : undefined;
        if (build === undefined) throw context.refusal();
        values.set(own, build(context, inputs));
      }
      return false;
    });
    if (blocked.length === waiting.length) {
      throw new UserError('model-config-invalid', `layer \`${blocked[0]?.layer.name ?? ''}\` reads something that no layer produces.`, { file: scope.file });
    }
    waiting = blocked;
  }
  return topology.outputs.map((reference) => {
    const value = values.get(reference);
    if (value === undefined) throw new UserError('model-config-invalid', `no layer produces the model's output ${reference}.`, { file: scope.file });
    return value;
  });
}

function givenInput(topology: Topology, own: Reference, given: readonly Value[], file: string): Value {
  const value = given[topology.inputs.indexOf(own)];
  if (value === undefined) throw new UserError('model-config-invalid', `the nested model \`${topology.name}\` is not given its input ${own}.`, { file });
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
    throw new UserError('input-unsupported', `the input \`${layer.name}\` is of type ${config.dtype}; only float32 and row numbers are supported yet.`, { file: scope.file });
  }
  const name = scope.emitter.builder.input(layer.name, ['batch', ...shape]);
  return { name, shape, channelsMovedFirst: false };
}
