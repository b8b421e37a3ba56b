import type { TensorFacts } from '../plan/noise-and-signal';

/** What a plan needs to know of the trained tensors; Keras and TensorFlow.js keep a weight's inputs in all dimensions but the last. */
export function tensorFacts(tensors: Iterable<{ readonly name: string; readonly shape: readonly number[]; readonly role: string }>): TensorFacts[] {
  return [...tensors].filter(({ role }) => role === 'parameter').map(({ name, shape }) => ({
    name,
    count: sizeOf(shape),
    fanIn: shape.length < 2 ? undefined : sizeOf(shape.slice(0, -1)),
  }));
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
