import { expect, test } from 'vitest';
import { attachLoss } from '../../../src/graph/attach-loss';
import type { LossKind } from '../../../src/graph/attach-loss';
import { GraphBuilder } from '../../../src/graph/builder';
import type { Graph } from '../../../src/graph/graph';

function model(shape: readonly number[], last: (build: GraphBuilder, x: string) => string): Graph {
  const build = new GraphBuilder();
  build.output(last(build, build.node('Neg', [build.input('x', ['batch', ...shape])], {}, { outputs: ['logits'] })));
  return build.build();
}

const predictionOf = (graph: Graph, loss: LossKind): string => attachLoss(graph, loss).prediction;

test('the loss absorbs the activation that belongs to it and works from the logits', () => {
  const softmax = model([3], (build, x) => build.node('Softmax', [x], { axis: -1 }));
  expect(predictionOf(softmax, 'softmax-cross-entropy')).toBe('logits');
  expect(attachLoss(softmax, 'softmax-cross-entropy').graph.nodes.map(({ operator }) => operator)).not.toContain('Softmax');
  expect(predictionOf(model([3], (build, x) => build.node('Softmax', [x], { axis: 1 })), 'softmax-cross-entropy')).toBe('logits');
  expect(predictionOf(model([3], (build, x) => build.node('LogSoftmax', [x])), 'softmax-cross-entropy')).toBe('logits');
  expect(predictionOf(model([1], (build, x) => build.node('Sigmoid', [x])), 'binary-cross-entropy')).toBe('logits');
});

test('nodes behind the activation that change nothing are looked through', () => {
  const graph = model([3], (build, x) => build.node('Reshape', [build.node('Identity', [build.node('Softmax', [x])]), build.integers([-1, 3])]));
  expect(predictionOf(graph, 'softmax-cross-entropy')).toBe('logits');
});

test('without an activation the output itself is taken for logits', () => {
  expect(predictionOf(model([3], (_, x) => x), 'softmax-cross-entropy')).toBe('logits');
  expect(predictionOf(model([3], (build, x) => build.node('Relu', [x], {}, { outputs: ['rates'] })), 'mean-squared-error')).toBe('rates');
});

test('a Softmax along another axis than the classes is not absorbed', () => {
  const graph = model([2, 3], (build, x) => build.node('Softmax', [x], { axis: 1 }));
  expect(() => attachLoss(graph, 'softmax-cross-entropy')).toThrow(expect.objectContaining({ code: 'loss-mismatch' }));
});

test('a loss that contradicts the last activation or the number of outputs is refused', () => {
  const refuse = (graph: Graph, loss: LossKind): void => expect(() => attachLoss(graph, loss)).toThrow(expect.objectContaining({ code: 'loss-mismatch' }));
  refuse(model([3], (build, x) => build.node('Sigmoid', [x])), 'softmax-cross-entropy');
  refuse(model([3], (build, x) => build.node('Softmax', [x])), 'binary-cross-entropy');
  refuse(model([1], (_, x) => x), 'softmax-cross-entropy');
  refuse({ ...model([3], (_, x) => x), outputs: ['logits', 'logits'] }, 'softmax-cross-entropy');
});

test('the target has the shape of the prediction', () => {
  const { graph, target, outputSize, classes } = attachLoss(model([4, 3], (_, x) => x), 'softmax-cross-entropy');
  expect(graph.inputs.find(({ name }) => name === target)?.shape).toEqual(['batch', 4, 3]);
  expect([outputSize, classes]).toEqual([12, 3]);
});
