import { beforeAll, expect, test } from 'vitest';
import { attachLoss } from '../../../src/graph/attach-loss';
import { recordsApart } from '../../../src/graph/records-apart';
import type { Engine, TrainingProgram } from '../../../src/engine/engine';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { partSize } from '../../../src/engine/onnxruntime/parts';
import type { Batch } from '../../../src/data/dataset';
import { batchFor, cnn, lenet, mlp, mobile, normalizingByBatch, residual, sequence, tokensFor, transformer } from './models';

/** One thread makes small parts, four make none of the same batch. */
let one: Engine;
let four: Engine;
beforeAll(async () => {
  one = await openOnnxRuntime({ threads: 1 });
  four = await openOnnxRuntime({ threads: 4 });
});

const partOf = (program: TrainingProgram, threads: number): number => {
  const dimension = program.trainable.reduce((sum, name) => sum + (program.graph.tensors.get(name)?.values.length ?? 0), 0);
  return partSize(attachLoss(program.training ?? program.graph, program.loss), 'features', program.batchSize, dimension, threads);
};

function relativeError(a: Float32Array, b: Float32Array): number {
  const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return norm(a.map((value, index) => value - (b[index] ?? NaN))) / norm(b);
}

const cut = ({ size, features, labels }: Batch, from: number, to: number): Batch => ({ size: to - from, features: features.subarray((from * features.length) / size, (to * features.length) / size), labels: labels.subarray(from, to) });

const models: readonly (readonly [string, boolean, TrainingProgram])[] = [
  ['MLP', true, mlp([12, 5, 10], 8)],
  ['CNN', true, cnn(8)],
  ['LeNet as imported from Keras', true, lenet(8)],
  ['residual network', true, residual(8)],
  ['residual network, normalising by the batch', false, normalizingByBatch(residual(8))],
  ['MobileNet-style block', true, mobile(8)],
  ['transformer', true, transformer(8)],
];

test.each(models)('parts of a batch make up its gradient where records are kept apart, and only there: %s', async (name, apart, program) => {
  const { graph, prediction } = attachLoss(program.training ?? program.graph, program.loss);
  expect(recordsApart({ ...graph, outputs: [prediction] , nodes: graph.nodes.slice(0, graph.nodes.findIndex(({ outputs }) => outputs.includes(prediction)) + 1) }, 'features', 8, 3)).toBe(apart);
  const batch = name === 'transformer' ? tokensFor(program, 10, 11) : batchFor(program, 10);
  const session = await one.prepare(program);
  const whole = await session.gradient(batch);
  const sum = new Float32Array(session.dimension);
  for (const [from, to] of [[0, 3], [3, 6], [6, 8]] as const) {
    const { gradient } = await session.gradient(cut(batch, from, to));
    gradient.forEach((value, index) => (sum[index] = (sum[index] ?? 0) + ((to - from) / 8) * value));
  }
  const error = relativeError(sum, whole.gradient);
  if (apart) expect(error).toBeLessThan(1e-5);
  else expect(error).toBeGreaterThan(1e-2);
  await session.dispose();
});

test('a batch is taken in parts where its activations exceed the cache, and whole where they fit or the parameters outweigh them', () => {
  // The largest activation has 32·32·32 numbers a record, 131,072 bytes: eight of them fill the mebibyte of one thread.
  expect(partOf(cnn(128), 1)).toBe(8);
  expect(partOf(cnn(128), 2)).toBe(16);
  expect(partOf(cnn(8), 1)).toBe(8);
  // 20 records need three parts: 7, 7 and 6.
  expect(partOf(cnn(20), 1)).toBe(7);
  expect(partOf(mlp([784, 512, 512, 10], 128), 1)).toBe(128);
  // 8,192 bytes an activation: 1,024 records make eight mebibytes, but there are 4 million parameters to 33 MB of activations.
  expect(partOf(mlp([2048, 2048, 10], 1024), 1)).toBe(1024);
  // Recurrent steps run along the first axis.
  expect(partOf(sequence(50_000, 'LSTM'), 1)).toBe(50_000);
});

test('a session that takes its batches in parts makes the same gradient, step, loss and predictions as one that does not', async () => {
  const program = cnn(20);
  expect([partOf(program, 1), partOf(program, 4)]).toEqual([7, 20]);
  const batch = batchFor(program, 10);
  const [parts, whole] = [await one.prepare(program), await four.prepare(program)];
  for (const size of [20, 15, 7, 3]) {
    const [a, b] = [await parts.gradient(cut(batch, 0, size)), await whole.gradient(cut(batch, 0, size))];
    // float32 sums in another order.
    expect(relativeError(a.gradient, b.gradient)).toBeLessThan(1e-5);
    expect(a.loss).toBeCloseTo(b.loss, 5);
    expect(a.gradientNorm / b.gradientNorm).toBeCloseTo(1, 5);
  }
  const step = { learningRate: 0.5, decay: 0.1, gradientRadius: 0.1, sigma: 0, noise: new Float32Array(0) };
  for (const session of [parts, whole]) for (let count = 0; count < 3; count++) await session.noisyStep(batch, step);
  expect(relativeError(await parts.parameters(), await whole.parameters())).toBeLessThan(1e-5);
  expect(relativeError(await parts.predict(batch.features, 20), await whole.predict(batch.features, 20))).toBeLessThan(1e-4);
  await Promise.all([parts.dispose(), whole.dispose()]);
});
