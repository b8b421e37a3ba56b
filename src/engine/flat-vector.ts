import type { Graph, NamedTensor } from '../graph/graph';
import { sizeOf } from '../graph/shapes';
import type { TrainingProgram } from './engine';

/** Where one tensor lies in the flat vector. */
export interface Segment {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** The trainable tensors one after the other. */
export interface FlatLayout {
  readonly dimension: number;
  readonly segments: readonly Segment[];
}

export function layoutOf(program: Pick<TrainingProgram, 'graph' | 'trainable'>): FlatLayout {
  let dimension = 0;
  const segments = program.trainable.map((name) => {
    const { shape } = parameter(program.graph, name);
    const segment = { name, shape, offset: dimension, length: sizeOf(shape) };
    dimension += segment.length;
    return segment;
  });
  return { dimension, segments };
}

/** The values that the graph itself holds for its trainable tensors, in `x`. */
export function flatten(program: Pick<TrainingProgram, 'graph' | 'trainable'>, x: Float32Array = new Float32Array(layoutOf(program).dimension)): Float32Array {
  const { segments } = layoutOf(program);
  for (const { name, offset } of segments) x.set(parameter(program.graph, name).values, offset);
  return x;
}

/** The flat vector cut into named tensors, as a model writes them. The arrays are views of it. */
export function unflatten(layout: FlatLayout, x: Float32Array): ReadonlyMap<string, Float32Array> {
  return new Map(layout.segments.map(({ name, offset, length }) => [name, x.subarray(offset, offset + length)]));
}

function parameter(graph: Graph, name: string): NamedTensor & { readonly values: Float32Array } {
  const tensor = graph.tensors.get(name);
  if (!(tensor?.values instanceof Float32Array)) throw new RangeError(`"${name}" is not a float32 tensor of the graph`);
  return { ...tensor, values: tensor.values };
}
