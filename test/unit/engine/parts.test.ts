import { beforeAll, expect, test } from 'vitest';
import { attachLoss } from '../../../src/graph/attach-loss';
import { recordsApart } from '../../../src/graph/records-apart';
import type { Engine, TrainingProgram } from '../../../src/engine/engine';
import { Crew } from '../../../src/engine/onnxruntime/crew';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { partSize } from '../../../src/engine/onnxruntime/parts';
import { threadsInside } from '../../../src/engine/onnxruntime/threads';
import type { Batch } from '../../../src/data/dataset';
import { batchFor, cnn, lenet, mlp, mobile, normalizingByBatch, residual, sequence, tokensFor, transformer } from './models';

let one: Engine;
let three: Engine;
beforeAll(async () => {
  one = await openOnnxRuntime({ threads: 1 });
  three = await openOnnxRuntime({ threads: 3 });
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
  // The largest activation has 32·32·32 numbers a record, 131,072 bytes: four of them fill half a mebibyte.
  expect(partOf(cnn(128), 1)).toBe(4);
  expect(partOf(cnn(128), 2)).toBe(4);
  expect(partOf(cnn(4), 1)).toBe(4);
  // 18 records need five parts: four of 4 and one of 2; eight threads want one each.
  expect(partOf(cnn(18), 1)).toBe(4);
  expect(partOf(cnn(18), 3)).toBe(4);
  expect(partOf(cnn(18), 8)).toBe(3);
  expect(partOf(mlp([784, 512, 512, 10], 128), 1)).toBe(128);
  // 8,192 bytes an activation: 1,024 records make eight mebibytes, but there are 4 million parameters to 33 MB of activations.
  expect(partOf(mlp([2048, 2048, 10], 1024), 1)).toBe(1024);
  // Recurrent steps run along the first axis.
  expect(partOf(sequence(50_000, 'LSTM'), 1)).toBe(50_000);
});

// On one thread and on three, of which two get eight records and one four, or each another number, or one gets none, or all of a small batch falls to one.
test('a session that takes its batches in parts, on one thread or shared out, makes the same gradient, loss, step and predictions as one that does not', async () => {
  const program = cnn(20);
  const batch = batchFor(program, 10);
  // Prepared for batches that fit, a session takes larger ones whole, too.
  const whole = await one.prepare({ ...program, batchSize: 4 });
  for (const engine of [one, three]) {
    const parts = await engine.prepare(program);
    for (const size of [20, 15, 7, 3]) {
      const [a, b] = [await parts.gradient(cut(batch, 0, size)), await whole.gradient(cut(batch, 0, size))];
      // float32 sums in another order.
      expect(relativeError(a.gradient, b.gradient)).toBeLessThan(1e-5);
      expect(a.loss).toBeCloseTo(b.loss, 5);
      expect(a.gradientNorm / b.gradientNorm).toBeCloseTo(1, 5);
    }
    const x = await parts.parameters();
    const { gradient } = await whole.gradient(batch);
    await parts.noisyStep(batch, { learningRate: 0.5, decay: 0, gradientRadius: 1e9, sigma: 0, noise: new Float32Array(0) });
    expect(relativeError(await parts.parameters(), x.map((value, index) => value - 0.5 * (gradient[index] ?? NaN)))).toBeLessThan(1e-6);
    // The next gradient is that of the new parameters, on every thread.
    await whole.setParameters(await parts.parameters());
    expect(relativeError((await parts.gradient(batch)).gradient, (await whole.gradient(batch)).gradient)).toBeLessThan(1e-5);
    expect(relativeError(await parts.predict(batch.features, 20), await whole.predict(batch.features, 20))).toBeLessThan(1e-4);
    await whole.setParameters(x);
    await parts.dispose();
  }
  await whole.dispose();
});

test('sessions that share batches out leave no thread behind', async () => {
  const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const before = threads();
  const session = await three.prepare(cnn(20));
  await session.gradient(batchFor(cnn(20), 10));
  expect(threads()).toBe(before + 2);
  await session.dispose();
  expect(threads()).toBe(before);
});

test('a thread that fails stops the step with an error, and every later one', async () => {
  const shape = ['batch', 3] as const;
  const crew = new Crew(1, { executionProviders: ['cpu'] }, { segments: [], input: { name: 'x', shape }, target: { name: 't', shape }, loss: 'loss', part: 2, inParts: true }, () => ({ bytes: Uint8Array.of(1, 2, 3), gradients: [], end: 'end' }));
  const records = { size: 4, features: new Float32Array(12), targets: new Float32Array(12) };
  for (let step = 0; step < 2; step++) {
    const { answers, left } = crew.start(new Float32Array(0), records);
    expect(left.size).toBe(2);
    expect(answers).toHaveLength(1);
    await expect(answers[0]).rejects.toMatchObject({ code: 'engine-thread-failed' });
  }
  await crew.close();
});

test('a second thread inside operators is used where there is enough to multiply', () => {
  const inside = (program: TrainingProgram, threads: number): number => threadsInside(attachLoss(program.training ?? program.graph, program.loss), program.batchSize, threads);
  // 128·(784·512 + 512·512 + 512·10) = 85,590,016 multiplications: eight threads of ten million each.
  expect(inside(mlp([784, 512, 512, 10], 128), 2)).toBe(2);
  expect(inside(mlp([784, 512, 512, 10], 128), 64)).toBe(8);
  // 128·(512·32 + 32·32 + 32·10) = 2,269,184.
  expect(inside(mlp([512, 32, 32, 10], 128), 2)).toBe(1);
  // Records of 32·(32·32)·27 + 64·(16·16)·288 + 64·10 = 5,603,968: the convolutions count.
  expect(inside(cnn(4), 64)).toBe(2);
});
