import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder';
import type { Graph } from '../../../src/graph/graph';
import { recordsApart } from '../../../src/graph/records-apart';

/** A model of records of shape `shape`, written by `write`. */
function model(shape: readonly number[], write: (build: GraphBuilder, x: string) => string): Graph {
  const build = new GraphBuilder();
  build.output(write(build, build.input('x', ['batch', ...shape])));
  return build.build();
}

const apart = (graph: Graph): boolean => recordsApart(graph, 'x', 12, 4);
const ones = (build: GraphBuilder, ...shape: number[]): string => build.constant(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1), shape);

test.each<[string, readonly number[], (build: GraphBuilder, x: string) => string]>([
  ['a dense layer', [3], (b, x) => b.node('Relu', [b.node('Gemm', [x, ones(b, 3, 2), ones(b, 2)])])],
  ['rows of all records in one matrix, as exporters write attention', [4, 3], (b, x) => b.node('Reshape', [b.node('Gemm', [b.node('Reshape', [x, b.integers([-1, 3])]), ones(b, 3, 2)]), b.integers([-1, 4, 2])])],
  ['products within each record', [4, 3], (b, x) => b.node('MatMul', [x, b.node('Transpose', [x], { perm: [0, 2, 1] })])],
  ['a softmax within each record', [4, 3], (b, x) => b.node('Softmax', [x], { axis: 1 })],
  ['a convolution', [3, 6, 6], (b, x) => b.node('Conv', [x, ones(b, 2, 3, 3, 3)], { kernel_shape: [3, 3] })],
  ['a mean over places', [3, 6, 6], (b, x) => b.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 })],
  ['a token put before every sequence', [4, 3], (b, x) => {
    const count = b.node('Slice', [b.node('Shape', [x]), b.integers([0]), b.integers([1])]);
    const token = b.node('Expand', [ones(b, 1, 1, 3), b.node('Concat', [count, b.integers([1, 3])], { axis: 0 })]);
    return b.node('Concat', [token, x], { axis: 1 });
  }],
])('%s keeps records apart', (_, shape, write) => {
  expect(apart(model(shape, write))).toBe(true);
});

test.each<[string, readonly number[], (build: GraphBuilder, x: string) => string]>([
  ['a mean over the batch', [3], (b, x) => b.node('Sub', [x, b.node('ReduceMean', [x], { axes: [0], keepdims: 1 })])],
  ['a mean over everything', [3], (b, x) => b.node('Sub', [x, b.node('ReduceMean', [x], { keepdims: 1 })])],
  ['a softmax over the batch', [3], (b, x) => b.node('Softmax', [x], { axis: 0 })],
  ['similarities of records', [3], (b, x) => b.node('ReduceSum', [b.node('MatMul', [x, b.node('Transpose', [x], { perm: [1, 0] })]), b.integers([1])], { keepdims: 1 })],
  ['a product of a weight with all records', [12], (b, x) => b.node('MatMul', [ones(b, 12, 12), x])],
  ['records reversed', [3], (b, x) => b.node('Slice', [x, b.integers([-1]), b.integers([-100]), b.integers([0]), b.integers([-1])])],
  ['the first record beside every other', [3], (b, x) => b.node('Add', [x, b.node('Slice', [x, b.integers([0]), b.integers([1]), b.integers([0])])])],
  ['records along another axis', [12], (b, x) => b.node('Transpose', [x], { perm: [1, 0] })],
  // Axis 0 of the sum meets axis 1 of the records: the value of record i is added to coordinate i of all.
  ['a value a record, added to the wrong axis', [12], (b, x) => b.node('Add', [x, b.node('ReduceSum', [x, b.integers([1])], { keepdims: 0 })])],
  ['groups of a fixed number of rows', [3], (b, x) => b.node('Reshape', [b.node('ReduceMean', [b.node('Reshape', [x, b.integers([4, -1])])], { axes: [1], keepdims: 1 }), b.integers([-1, 1])])],
  ['a padded batch', [3], (b, x) => b.node('Pad', [x, b.integers([1, 0, -1, 0])])],
])('%s does not keep records apart', (_, shape, write) => {
  expect(apart(model(shape, write))).toBe(false);
});

test('a value divided by the number of records depends on it', () => {
  const graph = model([3], (b, x) => {
    const count = b.node('Cast', [b.node('Slice', [b.node('Shape', [x]), b.integers([0]), b.integers([1])])], { to: 1 });
    return b.node('Div', [x, count]);
  });
  expect(apart(graph)).toBe(false);
});
