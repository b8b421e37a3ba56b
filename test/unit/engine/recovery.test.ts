import { expect, test } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { evaluate } from '../../../src/engine/evaluate';
import { learningRateShare } from '../../../src/engine/learning-rate';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { adam, sgd } from '../../../src/engine/optimizer';
import { recover } from '../../../src/engine/recovery';
import { mlp, spread } from './models';

/** Features without meaning: a model can only learn the records by heart, and gets worse on all others. */
function meaningless(count: number): Dataset {
  const features = spread(count * 5, 17);
  return {
    count,
    featureShape: [5],
    labelKind: 'class',
    digests: () => Promise.resolve(new Uint8Array(32 * count)),
    read: (records) => Promise.resolve({ size: records.length, features: Float32Array.from({ length: 5 * records.length }, (_, index) => features[(records[Math.floor(index / 5)] ?? 0) * 5 + (index % 5)] ?? 0), labels: Int32Array.from(records, (record) => (record * 7) % 3) }),
  };
}

test('early stop ends at the parameters that did best on the held-out records', async () => {
  const engine = await openOnnxRuntime({ threads: 1 });
  const dataset = meaningless(60);
  const program = mlp([5, 64, 3], 10);
  const [records, held] = [Uint32Array.from({ length: 30 }, (_, index) => index), Uint32Array.from({ length: 30 }, (_, index) => 30 + index)];
  const settings = { epochs: 200, optimizer: 'adam', learningRate: 0.02, schedule: 'constant', momentum: 0, weightDecay: 0, clipNorm: Infinity, batchSize: 10 } as const;
  const run = async (patience: number | undefined): Promise<{ loss: number; steps: number }> => {
    const session = await engine.prepare(program);
    let steps = 0;
    await recover({ session, dataset, records, settings, seed: 1, onProgress: ({ step }) => (steps = step), ...(patience === undefined ? {} : { earlyStop: { records: held, patience } }) });
    const { loss } = await evaluate(session, dataset, held);
    await session.dispose();
    return { loss, steps };
  };
  const stopped = await run(3);
  const full = await run(undefined);
  expect(full.steps).toBe(600);
  expect(stopped.steps).toBeLessThan(600);
  expect(stopped.steps % 3).toBe(0);
  expect(stopped.loss).toBeLessThan(full.loss);
});

test('a recovery is looked at every so many steps and at its end, and is the same as one that nobody looks at', async () => {
  const engine = await openOnnxRuntime({ threads: 1 });
  const dataset = meaningless(30);
  const records = Uint32Array.from({ length: 30 }, (_, index) => index);
  const settings = { epochs: 4, optimizer: 'adam', learningRate: 0.02, schedule: 'constant', momentum: 0, weightDecay: 0, clipNorm: Infinity, batchSize: 10 } as const;
  const run = async (watched: boolean): Promise<{ x: Float32Array; looked: readonly (readonly [number, number])[] }> => {
    const session = await engine.prepare(mlp([5, 64, 3], 10));
    const looked: (readonly [number, number])[] = [];
    const x = await recover({ session, dataset, records, settings, seed: 1, watch: watched ? { every: 5, accuracyOf: async (on) => (await evaluate(on, dataset, records)).accuracy } : undefined, onProgress: ({ step, accuracy }) => { if (accuracy !== undefined) looked.push([step, accuracy]); } });
    const { accuracy } = await evaluate(session, dataset, records);
    if (watched) expect(looked.at(-1)?.[1]).toBe(accuracy);
    await session.dispose();
    return { x, looked };
  };
  const watched = await run(true);
  const alone = await run(false);
  // Three batches an epoch make twelve steps.
  expect(watched.looked.map(([step]) => step)).toEqual([5, 10, 12]);
  expect(alone.looked).toEqual([]);
  expect(watched.x).toEqual(alone.x);
});

test('momentum adds up past gradients, and decay pulls to zero', () => {
  const x = Float32Array.of(1);
  const optimizer = sgd(1, 0.5, 0);
  optimizer.step(x, Float32Array.of(1), 0.1);
  optimizer.step(x, Float32Array.of(1), 0.1);
  // 1 − 0.1·1 − 0.1·(0.5 + 1).
  expect(x[0]).toBeCloseTo(0.75, 6);
  const y = Float32Array.of(1);
  sgd(1, 0, 0.2).step(y, Float32Array.of(0), 0.5);
  expect(y[0]).toBeCloseTo(0.9, 6);
});

test('a gradient longer than the clip norm moves the parameters by that norm along it, a shorter one as it is', async () => {
  const engine = await openOnnxRuntime({ threads: 1 });
  const records = Uint32Array.from({ length: 10 }, (_, index) => index);
  const moved = async (clipNorm: number): Promise<Float64Array> => {
    const session = await engine.prepare(mlp([5, 64, 3], 10));
    const before = await session.parameters();
    const settings = { epochs: 1, optimizer: 'sgd', learningRate: 1, schedule: 'constant', momentum: 0, weightDecay: 0, clipNorm, batchSize: 10 } as const;
    const after = await recover({ session, dataset: meaningless(10), records, settings, seed: 1 });
    await session.dispose();
    return Float64Array.from(after, (value, index) => value - (before[index] ?? NaN));
  };
  const length = (vector: Float64Array): number => Math.hypot(...vector);
  const whole = await moved(Infinity);
  const clipped = await moved(length(whole) / 4);
  // Parameters of size 1 are rounded to 6e-8 each, 600 of them to 1.5e-6 together.
  expect(length(clipped)).toBeCloseTo(length(whole) / 4, 5);
  expect(length(clipped.map((value, index) => value - (whole[index] ?? NaN) / 4))).toBeLessThan(1e-5);
  expect(await moved(2 * length(whole))).toEqual(whole);
});

test('the first step of Adam is the learning rate against the sign of the gradient', () => {
  const x = Float32Array.of(1, 1);
  adam(2, 0).step(x, Float32Array.of(1e-3, -50), 0.01);
  // m̂/√v̂ = g/|g| after one step; ε = 1e-8 against |g| = 1e-3 changes it by 1e-5.
  expect(x[0]).toBeCloseTo(0.99, 5);
  expect(x[1]).toBeCloseTo(1.01, 5);
});

test('learning rates rise and fall as their schedules say', () => {
  expect([0, 50, 99].map((step) => learningRateShare('constant', step, 100))).toEqual([1, 1, 1]);
  expect(learningRateShare('cosine', 0, 100)).toBe(1);
  expect(learningRateShare('cosine', 50, 100)).toBeCloseTo(0.5, 12);
  // PyTorch's OneCycleLR over 100 steps: from 1/25, the peak at step 29, the end at 1/25e4.
  expect(learningRateShare('one-cycle', 0, 100)).toBeCloseTo(0.04, 12);
  expect(learningRateShare('one-cycle', 29, 100)).toBeCloseTo(1, 12);
  expect(learningRateShare('one-cycle', 64, 100)).toBeCloseTo(0.5, 5);
  expect(learningRateShare('one-cycle', 99, 100)).toBeCloseTo(4e-6, 12);
});
