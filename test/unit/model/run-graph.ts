import * as ort from 'onnxruntime-node';
import { bind } from '../../../src/graph/bind';
import type { Graph } from '../../../src/graph/graph';
import { encodeGraph } from '../../../src/graph/to-onnx';

/** The outputs of a graph with one input, by onnxruntime, for `count` records. */
export async function runGraph(graph: Graph, features: Float32Array, count: number): Promise<Float32Array> {
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  if (input === undefined || output === undefined) throw new Error('the graph has no input or output');
  // onnxruntime 1.30 merges a Pad with zeros into a MaxPool after it, which pads with minus infinity: wrong below zero.
  const extra = { optimization: { disable_specified_optimizers: 'Pad_Fusion' } };
  const session = await ort.InferenceSession.create(encodeGraph(bind(graph, { batch: count })), { logSeverityLevel: 3, intraOpNumThreads: 1, extra });
  const dimensions = input.shape.map((size) => (size === 'batch' ? count : size));
  const results = await session.run({ [input.name]: new ort.Tensor('float32', features, dimensions) });
  const values = results[output]?.data;
  await session.release();
  if (!(values instanceof Float32Array)) throw new Error('the graph does not end in float32');
  return values;
}

/** The largest difference between two vectors of the same length. */
export function largestDifference(actual: Float32Array, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values against ${expected.length}`);
  return actual.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (expected[index] ?? NaN))), 0);
}

/** The same input for Keras and for us: sin is written alike in every language. */
export function waves(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.sin(index * 0.37) + 0.5 * Math.sin(index * 0.011));
}
