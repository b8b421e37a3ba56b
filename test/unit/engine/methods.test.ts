import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch, Dataset } from '../../../src/data/dataset';
import { distance } from '../../../src/engine/clip-to-ball';
import type { Engine, Session, TrainingProgram } from '../../../src/engine/engine';
import { layoutOf } from '../../../src/engine/flat-vector';
import { linearHead } from '../../../src/engine/linear-head';
import type { NoiseSource } from '../../../src/engine/noise/noise-source';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { unlearn, type Execution } from '../../../src/engine/unlearn';
import { usualStart } from '../../../src/engine/usual-start';
import { requireExecution } from '../../../src/certificate/execution';
import { calibrateNoise } from '../../../src/privacy/calibrate-any';
import { CertifiedRun, publicMechanism } from '../../../src/privacy/certified-run';
import type { Block, Mechanism } from '../../../src/privacy/mechanism';
import { lenet, mlp, ModelWriter, spread, uniform } from './models';

/** Three classes as three clusters around unit vectors. */
function clusters(count: number): Dataset {
  const next = uniform(3);
  const features = Float32Array.from({ length: count * 3 }, (_, index) => (index % 3 === Math.floor(index / 3) % 3 ? 1 : 0) + 0.3 * (next() - 0.5));
  return {
    count,
    featureShape: [3],
    labelKind: 'class',
    read: (records): Promise<Batch> => {
      const batch = { size: records.length, features: new Float32Array(records.length * 3), labels: Int32Array.from(records, (record) => record % 3) };
      records.forEach((record, index) => batch.features.set(features.subarray(record * 3, record * 3 + 3), index * 3));
      return Promise.resolve(batch);
    },
    digests: () => Promise.resolve(new Uint8Array(count * 32)),
  };
}

const dataset = clusters(60);
const retain = Uint32Array.from({ length: 60 }, (_, index) => index);
const silence: NoiseSource = { fill: (into) => void into.fill(0) };
const ones: NoiseSource = { fill: (into) => void into.fill(1) };
const target = { epsilon: 1, delta: 1e-5 };
const program = mlp([3, 8, 3], 20);
const linear = mlp([3, 3], 20);
let engine: Engine;
beforeAll(async () => {
  engine = await openOnnxRuntime({ threads: 1 });
});

async function run(mechanism: Mechanism, options: { readonly noise?: NoiseSource; readonly of?: TrainingProgram; readonly start?: Float32Array } = {}): Promise<{ parameters: Float32Array; execution: Execution; session: Session; certified: CertifiedRun }> {
  const { of = program, noise, start } = options;
  const session = await engine.prepare(of);
  if (start !== undefined) await session.setParameters(start);
  const exact = mechanism.method === 'retrain' || mechanism.method === 'gaussian-restart';
  const certified = CertifiedRun.certify(publicMechanism(mechanism), exact ? { epsilon: 0, delta: 0 } : target, 'retrained');
  const result = await unlearn({ engine, session, program: of, run: certified, dataset, retain, seed: 1, ...(noise === undefined ? {} : { noise }) });
  expect(result.parameters).toEqual(await session.parameters());
  return { ...result, session, certified };
}

/** One block for each tensor of the program. */
function blocks(initialRadius: number): Block[] {
  return layoutOf(program).segments.map(({ name }, index) => ({ name, initialRadius: initialRadius * (index + 1), steps: [{ count: 4, learningRate: 0.1, decay: 0.5, gradientRadius: 0.01, sigma: index + 1 }] }));
}

const mechanisms: readonly Mechanism[] = [
  { method: 'gradient-clipping', initialRadius: 1, steps: [{ learningRate: 0.1, decay: 0.5, gradientRadius: 0.1, sigma: 2 }, { count: 3, learningRate: 0.05, decay: 0, gradientRadius: 0.1, sigma: 1 }] },
  { method: 'layered-gradient-clipping', blocks: blocks(1) },
  { method: 'sequential-subspaces', blocks: blocks(1) },
  { method: 'model-clipping', initialRadius: 1, initialSigma: 1, steps: [{ count: 4, learningRate: 0.1, decay: 0.1, modelRadius: 1, sigma: 1 }] },
  { method: 'output-perturbation', initialRadius: 1, sigma: 1 },
].map((mechanism) => calibrateNoise(mechanism as Mechanism, target, 'retrained'));

describe('every method', () => {
  it.each(mechanisms.map((mechanism) => [mechanism.method, mechanism] as const))('%s records what it did, and that is at least as private as what was certified', async (_, mechanism) => {
    const { execution, session } = await run(mechanism);
    expect(() => requireExecution(execution, mechanism)).not.toThrow();
    // Less noise, a larger radius, another rate, one step less or another tensor would be found.
    const tampered = (change: (text: string) => string): Execution['mechanism'] => JSON.parse(change(JSON.stringify(execution.mechanism))) as Mechanism;
    for (const key of ['sigma', 'initialRadius', 'learningRate', 'gradientRadius', 'modelRadius', 'count'].filter((name) => JSON.stringify(mechanism).includes(`"${name}"`))) {
      const factor = key === 'sigma' || key === 'count' ? 0.5 : 2;
      const mechanismTampered = tampered((text) => text.replace(new RegExp(`"${key}":([0-9.e-]+)`), (_match, value: string) => `"${key}":${Number(value) * factor}`));
      expect(() => requireExecution({ ...execution, mechanism: mechanismTampered }, mechanism), key).toThrow(expect.objectContaining({ code: 'execution-differs' }));
    }
    await session.dispose();
  });

  it.each(mechanisms.map((mechanism) => [mechanism.method, mechanism] as const))('%s with made-up noise cannot be certified', async (_, mechanism) => {
    const { execution, session } = await run(mechanism, { noise: silence });
    expect(() => requireExecution(execution, mechanism)).toThrow(expect.objectContaining({ field: 'freshNoise' }));
    await session.dispose();
  });
});

describe('layered gradient clipping', () => {
  it('clips and noises each tensor by itself', async () => {
    const mechanism = mechanisms[1] as Mechanism & { readonly method: 'layered-gradient-clipping' };
    const start = spread(layoutOf(program).dimension, 5, 4);
    const { parameters, session, certified } = await run(mechanism, { noise: silence, start });
    const { applied } = certified as CertifiedRun<typeof mechanism>;
    for (const [index, { offset, length }] of layoutOf(program).segments.entries()) {
      // The pull of four steps, and at most 4·γ·C1 of gradients: no tensor leaves its radius shrunk by (1 − 0.05)⁴ by more.
      const radius = applied.blocks[index]?.initialRadius ?? NaN;
      const left = Math.min(radius, distance(start.subarray(offset, offset + length))) * 0.95 ** 4;
      expect(Math.abs(distance(parameters.subarray(offset, offset + length)) - left)).toBeLessThan(4 * 0.1 * 0.01);
    }
    const noisy = (await run(mechanism, { noise: ones, start })).parameters;
    const [kernel, bias] = layoutOf(program).segments;
    const moved = (at = 0): number => (noisy[at] ?? NaN) - (parameters[at] ?? NaN);
    // Noise of 1 in every coordinate and step adds σ_b·Σ 0.95^k; the gradients differ by at most the radii.
    const sum = 1 + 0.95 + 0.95 ** 2 + 0.95 ** 3;
    for (const [index, segment] of [kernel, bias].entries()) expect(Math.abs(moved(segment?.offset) / ((applied.blocks[index]?.steps[0]?.sigma ?? NaN) * sum) - 1)).toBeLessThan(0.01);
    await session.dispose();
  });

  it('refuses blocks that are not the trained tensors', async () => {
    const mechanism = mechanisms[1] as Mechanism & { readonly method: 'layered-gradient-clipping' };
    await expect(run({ ...mechanism, blocks: mechanism.blocks.slice(1) })).rejects.toThrow('every trained tensor must be one block');
  });
});

describe('model clipping', () => {
  it('ends in the ball, with the noise of the last step on it', async () => {
    const modelClipping = calibrateNoise({ method: 'model-clipping', initialRadius: 1, steps: [{ count: 4, learningRate: 0.1, decay: 0.1, modelRadius: 1, sigma: 1 }] }, target, 'retrained');
    const { parameters, session } = await run(modelClipping, { noise: silence, start: spread(layoutOf(program).dimension, 5, 4) });
    expect(distance(parameters)).toBeLessThanOrEqual(1);
    await session.dispose();
  });
});

describe('exact methods', () => {
  it('end at the same place wherever the trained parameters were', async () => {
    for (const mechanism of [{ method: 'retrain' }, { method: 'gaussian-restart', sigma: 0.3 }] as const) {
      const [first, second] = [await run(mechanism, { noise: ones }), await run(mechanism, { noise: ones, start: spread(layoutOf(program).dimension, 9, 100) })];
      expect(first.parameters).toEqual(second.parameters);
      await first.session.dispose();
      await second.session.dispose();
    }
  });

  it('start again by the usual rule of each tensor', () => {
    // Glorot: √(2/(3 + 8)) for the 3 × 8 kernel; biases at 0.
    const [kernel = '', bias = ''] = program.trainable;
    expect(usualStart(program.graph, kernel)).toEqual({ value: 0, deviation: Math.sqrt(2 / 11), fanIn: 3 });
    expect(usualStart(program.graph, bias)).toEqual({ value: 0, deviation: 0, fanIn: undefined });
    // A Keras kernel, transposed from height × width × in × out before its convolution: fan-in 5·5·6, fan-out 5·5·16.
    expect(usualStart(lenet(1).graph, 'conv_2/kernel')).toEqual({ value: 0, deviation: Math.sqrt(2 / (150 + 400)), fanIn: 150 });
  });
});

describe('a linear head', () => {
  const head = calibrateNoise({ method: 'convex-head', loss: 'softmax-cross-entropy', initialRadius: 5, steps: [{ count: 400, learningRate: 0.5, decay: 0.1, inputRadius: 2 }], sigma: 1 }, target, 'retrained');

  it('is recognised where one linear layer is all that is trained, and nowhere else', () => {
    expect(linearHead(linear.graph, linear.trainable, linear.loss)).toMatchObject({ features: 3, outputs: 3, transposed: false, inputIsData: true });
    expect(linearHead(program.graph, program.trainable, program.loss)).toBeUndefined();
    // Only the last layer trained: its inputs are what the frozen layer makes of the record.
    expect(linearHead(program.graph, program.trainable.slice(2), program.loss)).toMatchObject({ features: 8, outputs: 3, inputIsData: false });
    // A trained layer before the last is not convex; nor is one whose bias alone is left out, since then the bias is fixed at what the data made it.
    expect(linearHead(program.graph, program.trainable.slice(0, 2), program.loss)).toBeUndefined();
    expect(linearHead(linear.graph, linear.trainable.slice(0, 1), linear.loss)).toBeUndefined();
    const writer = new ModelWriter();
    const squashed = writer.build.node('Tanh', [writer.dense(writer.input(3), 3, 3, 'dense')]);
    const through = writer.program(squashed, 'softmax-cross-entropy', 20);
    expect(linearHead(through.graph, through.trainable, through.loss)).toBeUndefined();
  });

  it('forgets its start as fast as the accounting says', async () => {
    const dimension = layoutOf(linear).dimension;
    const short = calibrateNoise({ ...head, steps: [{ count: 40, learningRate: 0.5, decay: 0.1, inputRadius: 2 }] }, target, 'retrained');
    const [one, other] = [await run(short, { of: linear, noise: silence, start: spread(dimension, 1, 1) }), await run(short, { of: linear, noise: silence, start: spread(dimension, 2, 1) })];
    const before = distance(spread(dimension, 1, 1), spread(dimension, 2, 1));
    // ρ = max(|1 − γλ|, |1 − γ(λ + A²/2)|) = max(0.95, |1 − 0.5·2.1|) = 0.95; results are rounded to float32.
    expect(distance(one.parameters, other.parameters)).toBeLessThanOrEqual(before * 0.95 ** 40 + 1e-6);
    expect(distance(one.parameters, other.parameters)).toBeGreaterThan(0);
    await one.session.dispose();
    await other.session.dispose();
  });

  it('descends along the gradient of the engine, in its own float64 arithmetic', async () => {
    const start = spread(layoutOf(linear).dimension, 4, 0.5);
    const rate = 0.01;
    const step = calibrateNoise({ ...head, steps: [{ learningRate: rate, decay: 1e-6, inputRadius: 2 }] }, target, 'retrained');
    // One batch of all records, so that the order does not matter.
    const whole = { ...linear, batchSize: 60 };
    const { parameters, session } = await run(step, { of: whole, noise: silence, start });
    await session.setParameters(start);
    const { gradient } = await session.gradient(await dataset.read(retain));
    // Parameters near 1 are rounded to 2⁻²⁵, the gradient to 2⁻²⁴ of its terms.
    for (const [index, value] of gradient.entries()) expect(((start[index] ?? NaN) - (parameters[index] ?? NaN)) / rate).toBeCloseTo(value, 4);
    await session.dispose();
  });

  it('is recorded with fresh noise as at least as private, and refuses a record beyond its bound', async () => {
    const { execution, session } = await run(head, { of: linear });
    expect(() => requireExecution(execution, head)).not.toThrow();
    const tight = calibrateNoise({ ...head, steps: [{ count: 10, learningRate: 0.5, decay: 0.1, inputRadius: 1.2 }] }, target, 'retrained');
    await expect(run(tight, { of: linear })).rejects.toMatchObject({ code: 'input-too-large' });
    await session.dispose();
  });
});
