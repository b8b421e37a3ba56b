import { beforeAll, expect, test } from 'vitest';
import type { Batch, Dataset } from '../../../src/data/dataset';
import { CertifiedRun, publicMechanism } from '../../../src/privacy/certified-run';
import type { GradientClipping, Mechanism } from '../../../src/privacy/mechanism';
import type { Engine, TrainingProgram } from '../../../src/engine/engine';
import { chooseEngine } from '../../../src/engine/engines';
import { evaluate } from '../../../src/engine/evaluate';
import type { NoiseSource } from '../../../src/engine/noise/noise-source';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { recover, recoveryStepCount } from '../../../src/engine/recovery';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { unlearn } from '../../../src/engine/unlearn';
import { distance } from '../../../src/engine/clip-to-ball';
import { mlp, spread, uniform } from './models';

/** Three classes as three clusters around unit vectors; remembers which records were read. */
function clusters(count: number): Dataset & { readonly seen: Set<number> } {
  const next = uniform(3);
  const features = Float32Array.from({ length: count * 3 }, (_, index) => (index % 3 === Math.floor(index / 3) % 3 ? 1 : 0) + 0.3 * (next() - 0.5));
  const seen = new Set<number>();
  return {
    count,
    featureShape: [3],
    labelKind: 'class',
    seen,
    read: (records): Promise<Batch> => {
      const batch = { size: records.length, features: new Float32Array(records.length * 3), labels: Int32Array.from(records, (record) => record % 3) };
      records.forEach((record, index) => {
        seen.add(record);
        batch.features.set(features.subarray(record * 3, record * 3 + 3), index * 3);
      });
      return Promise.resolve(batch);
    },
    digests: () => Promise.resolve(new Uint8Array(count * 32)),
  };
}

const evens = (count: number): Uint32Array => Uint32Array.from({ length: count / 2 }, (_, index) => 2 * index);
const silence: NoiseSource = { fill: (into) => void into.fill(0) };

const program: TrainingProgram = mlp([3, 8, 3], 10);
const certified = (mechanism: Mechanism): CertifiedRun => CertifiedRun.certify(publicMechanism(mechanism), { epsilon: 1, delta: 1e-5 }, 'retrained');
const run = certified(
  { method: 'gradient-clipping', initialRadius: 1.5, steps: [{ count: 3, learningRate: 0.1, decay: 0.05, gradientRadius: 0.2, sigma: 40 }, { count: 2, learningRate: 0.05, decay: 0, gradientRadius: 0.1, sigma: 50 }] },
);
let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await openOnnxRuntime({ threads: 1 }), await openTensorFlow({ backend: 'wasm' })];
});

test('a run records what it did: radii and noise with their margins, every step, the tensors, the engine', async () => {
  for (const engine of engines) {
    const dataset = clusters(60);
    const session = await engine.prepare(program);
    const before = await session.parameters();
    const steps: number[] = [];
    const { parameters, execution } = await unlearn({ engine, session, program, run, dataset, retain: evens(60), seed: 1, onProgress: ({ phase, step, loss }) => {
      expect(phase).toBe('noisy');
      // With so much noise a batch may be answered rightly beyond all doubt, which is a loss of 0 in float32.
      expect(loss).toBeGreaterThanOrEqual(0);
      steps.push(step);
    } });
    expect(steps).toEqual([1, 2, 3, 4, 5]);
    expect(execution.freshNoise).toBe(true);
    expect(execution.momentum).toBe('none');
    expect(execution.batchSize).toBe(10);
    expect(execution.trainable).toEqual(program.trainable);
    expect(execution.engine).toEqual({ name: engine.name, versions: engine.versions });
    const mechanism = execution.mechanism as GradientClipping;
    expect(mechanism.initialRadius).toBeLessThanOrEqual(1.5);
    expect(mechanism.initialRadius).toBeGreaterThan(1.5 * (1 - 2e-6));
    expect(mechanism.steps.map(({ count }) => count)).toEqual([3, 2]);
    expect(mechanism.steps[0]?.sigma).toBeGreaterThanOrEqual(40);
    expect(mechanism.steps[0]?.gradientRadius).toBeLessThanOrEqual(0.2);
    // Five draws with σ of 40 and more on 59 coordinates: ‖x‖ ≈ √59·√(3·40² + 2·50²) = 760, give or take 70.
    expect(distance(parameters)).toBeGreaterThan(400);
    expect(distance(parameters)).toBeLessThan(1200);
    expect(parameters).toEqual(await session.parameters());
    expect(before).not.toEqual(parameters);
    // Forgotten records, here the odd ones, are never read.
    expect([...dataset.seen].every((record) => record % 2 === 0)).toBe(true);
    await session.dispose();
  }
});

test('without noise a run is clipped descent, and its record says that it cannot be certified', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(program);
    // Large parameters, so that the start is really clipped: ‖x̂‖ is far above 1.5.
    await session.setParameters(spread(session.dimension, 4, 5));
    const { parameters, execution } = await unlearn({ engine, session, program, run, dataset: clusters(60), retain: evens(60), seed: 1, noise: silence });
    expect(execution.freshNoise).toBe(false);
    // Each step moves by at most γ(C1 + λ‖x‖): 3·0.1·(0.2 + 0.05·1.5) + 2·0.05·0.1 < 0.1.
    expect(distance(parameters)).toBeLessThan(1.6);
    expect(distance(parameters)).toBeGreaterThan(1.4);
    await session.dispose();
  }
});

// Drawn at the call, many vectors at a time on a thread of its own, and one at a time there.
test.each([[3000, 2], [3000, 800], [60_000, 40]])('each step draws new noise, and the draws are independent of one another: %i hidden units, %i steps', async (hidden, count) => {
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine');
  const wide = mlp([3, hidden, 3], 10);
  const noisy = certified({ method: 'gradient-clipping', initialRadius: 1, steps: [{ count, learningRate: 0, decay: 0, gradientRadius: 0, sigma: 100 }] });
  const session = await engine.prepare(wide);
  const { parameters } = await unlearn({ engine, session, program: wide, run: noisy, dataset: clusters(60), retain: evens(60), seed: 1 });
  // Independent draws give a standard deviation of √count·100; each added twice would give √2 times that. 21,003 coordinates or more: standard error 0.5 % or less.
  const deviation = distance(parameters) / Math.sqrt(parameters.length);
  expect(Math.abs(deviation / (100 * Math.sqrt(count)) - 1)).toBeLessThan(0.035);
  await session.dispose();
});

test('a cancelled run ends the thread that draws its noise', async () => {
  const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine');
  const wide = mlp([3, 10_000, 3], 10);
  // So much noise that it is drawn on a thread.
  const long = certified({ method: 'gradient-clipping', initialRadius: 1, steps: [{ count: 300, learningRate: 0, decay: 0, gradientRadius: 0, sigma: 100 }] });
  const before = threads();
  const session = await engine.prepare(wide);
  const controller = new AbortController();
  let during = 0;
  const running = unlearn({ engine, session, program: wide, run: long, dataset: clusters(60), retain: evens(60), seed: 1, signal: controller.signal, onProgress: ({ step }) => {
    if (step !== 2) return;
    during = threads();
    controller.abort();
  } });
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  expect(during).toBeGreaterThan(before);
  expect(threads()).toBe(before);
  await session.dispose();
});

test('noise that does not come stops the step before anything has moved', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(program);
    const before = await session.parameters();
    const noise = Promise.reject(new Error('no noise'));
    noise.catch(() => undefined);
    const batch = await clusters(10).read(Uint32Array.from({ length: 10 }, (_, index) => index));
    await expect(session.noisyStep(batch, { learningRate: 0.1, decay: 0.1, gradientRadius: 1, sigma: 1, noise })).rejects.toThrow('no noise');
    expect(await session.parameters()).toEqual(before);
    await session.dispose();
  }
});

test('a run stops when it is cancelled', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(program);
    const controller = new AbortController();
    const running = unlearn({ engine, session, program, run, dataset: clusters(60), retain: evens(60), seed: 1, signal: controller.signal, onProgress: ({ step }) => step === 2 && controller.abort() });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await session.dispose();
  }
});

test('a diverging run stops with an error and leaves the parameters finite', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(program);
    const before = await session.parameters();
    const dataset = clusters(60);
    const batch = await dataset.read(evens(20));
    batch.features[4] = Infinity;
    const step = { learningRate: 0.1, decay: 0, gradientRadius: 1, sigma: 1, noise: spread(session.dimension, 2) };
    await expect(session.noisyStep(batch, step)).rejects.toMatchObject({ code: 'training-diverged' });
    await expect(session.gradient(batch)).rejects.toMatchObject({ code: 'training-diverged' });
    expect(await session.parameters()).toEqual(before);
    await expect(session.setParameters(new Float32Array(session.dimension).fill(NaN))).rejects.toMatchObject({ code: 'parameters-not-finite' });
    await session.dispose();
  }
});

test('the clipped gradient never leaves its radius, and a zero gradient stays zero', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(program);
    const dataset = clusters(60);
    const batch = await dataset.read(evens(20));
    const noise = new Float32Array(session.dimension);
    const zero = new Float32Array(session.dimension);
    for (const radius of [0, 1e-3, 0.02, 0.3]) {
      await session.setParameters(spread(session.dimension, 11));
      const { gradient } = await session.gradient(batch);
      const start = await session.parameters();
      // x = start − 1·Π(g); the difference of float32 numbers near 1 carries rounding of 2⁻²⁴ a coordinate, 59 of them.
      await session.noisyStep(batch, { learningRate: 1, decay: 0, gradientRadius: radius, sigma: 0, noise });
      expect(distance(await session.parameters(), start)).toBeLessThanOrEqual(Math.min(radius, distance(gradient)) + 8 * 2 ** -24);
    }
    // All-zero features and equal logits leave no gradient in the first layer's weights; with radius 0 nothing moves at all, and nothing is NaN.
    await session.setParameters(zero);
    await session.noisyStep({ ...batch, features: new Float32Array(batch.features.length) }, { learningRate: 1, decay: 1, gradientRadius: 0, sigma: 0, noise });
    expect(await session.parameters()).toEqual(zero);
    await session.dispose();
  }
});

test('recovery learns the retain set with every optimizer and schedule', async () => {
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine');
  const dataset = clusters(120);
  for (const optimizer of ['sgd', 'adam'] as const) {
    for (const schedule of ['constant', 'cosine', 'one-cycle'] as const) {
      const session = await engine.prepare(program);
      const settings = { epochs: 20, optimizer, learningRate: optimizer === 'adam' ? 0.02 : 0.1, schedule, momentum: 0.9, weightDecay: 1e-4, clipNorm: 5, batchSize: 7 };
      expect(recoveryStepCount(settings, 60)).toBe(160);
      await recover({ session, dataset, records: evens(120), settings, seed: 2 });
      const { accuracy, count, loss } = await evaluate(session, dataset);
      expect(count).toBe(120);
      expect(accuracy).toBeGreaterThan(0.97);
      expect(loss).toBeLessThan(0.3);
      await session.dispose();
    }
  }
});

test('a retain set smaller than a batch is refused', async () => {
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine');
  const session = await engine.prepare(program);
  await expect(unlearn({ engine, session, program, run, dataset: clusters(6), retain: evens(6), seed: 1 })).rejects.toMatchObject({ code: 'batch-too-large' });
  await session.dispose();
});

test('auto measures the engines that load and says why it chose', async () => {
  const { engine, session, reason } = await chooseEngine('auto', program);
  expect(['onnxruntime', 'tensorflow']).toContain(engine.name);
  expect(reason).toMatch(/onnxruntime takes .* ms/);
  expect(reason).toMatch(/tensorflow takes .* ms/);
  // The timed steps must not have trained on their made-up records.
  expect(await session.parameters()).toEqual(await (await engine.prepare(program)).parameters());
  await session.dispose();
});
