import { beforeAll, expect, test } from 'vitest';
import type { Engine, Loss } from '../../../src/engine/engine';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { score } from '../../../src/engine/score';
import { fillTargets } from '../../../src/engine/targets';
import { ModelWriter, spread } from './models';

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await openOnnxRuntime({ threads: 1 }), await openTensorFlow({ backend: 'wasm' })];
});

/** One dense layer from 2 features, so that everything can be followed by hand. */
function linear(loss: Loss, outputs: number, last?: 'Sigmoid' | 'Softmax'): ReturnType<ModelWriter['program']> {
  const writer = new ModelWriter();
  const x = writer.dense(writer.input(2), 2, outputs, 'dense');
  return writer.program(last === undefined ? x : writer.build.node(last, [x]), loss, 2);
}

const weights = Float32Array.of(1, 0, 0, 1, 0, 0);

test('softmax cross-entropy with class weights: each record counts its weight, and the mean stays over records', async () => {
  for (const engine of engines) {
    const session = await engine.prepare({ ...linear('softmax-cross-entropy', 2, 'Softmax'), classWeights: [3, 0.5] });
    await session.setParameters(weights);
    const batch = { size: 2, features: Float32Array.of(2, 0, 0, 1), labels: Int32Array.of(0, 0) };
    // Logits (2, 0) and (0, 1), both of class 0: log(1 + e⁻²) = 0.126928 and log(1 + e¹) = 1.313262.
    const { loss, gradient } = await session.gradient(batch);
    expect(loss).toBeCloseTo((3 * (0.126928 + 1.313262)) / 2, 5);
    // Bias gradient of class 1: 3/2·(σ(−2) + σ(1)) = 3/2·(0.119203 + 0.731059).
    expect(gradient[5]).toBeCloseTo(1.5 * (0.119203 + 0.731059), 5);
    // Evaluation is not weighted.
    expect((await session.evaluate(batch)).lossSum).toBeCloseTo(0.126928 + 1.313262, 5);
    await session.dispose();
  }
});

test('binary cross-entropy behind a Sigmoid works from the logit and counts hits', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(linear('binary-cross-entropy', 1, 'Sigmoid'));
    await session.setParameters(Float32Array.of(1, 1, 0));
    // Logits 90 and −2: log(1 + e⁻⁹⁰) = 0, and for label 1 at −2: log(1 + e²) = 2.126928.
    const batch = { size: 2, features: Float32Array.of(90, 0, -2, 0), labels: Int32Array.of(1, 1) };
    const { loss, gradient } = await session.gradient(batch);
    expect(loss).toBeCloseTo(2.126928 / 2, 5);
    expect(gradient[2]).toBeCloseTo((1 / (1 + Math.exp(2)) - 1) / 2, 5);
    expect(await session.evaluate(batch)).toMatchObject({ count: 2, correct: 1 });
    await session.dispose();
  }
});

test('mean squared error is the mean over records and outputs, and has no accuracy', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(linear('mean-squared-error', 2));
    await session.setParameters(weights);
    const batch = { size: 2, features: Float32Array.of(1, 2, 3, 4), labels: Float32Array.of(1, 0, 3, 2) };
    // Differences (0, 2) and (0, 2): mean 8/4.
    expect((await session.gradient(batch)).loss).toBeCloseTo(2, 6);
    expect(await session.evaluate(batch)).toEqual({ count: 2, lossSum: 4, correct: undefined });
    await session.dispose();
  }
});

test('confident wrong logits cost their true loss instead of infinity', () => {
  expect(score('softmax-cross-entropy', { size: 2, classes: 2 }, Float32Array.of(500, 0), Int32Array.of(1)).lossSum).toBe(500);
  expect(score('binary-cross-entropy', { size: 1, classes: 1 }, Float32Array.of(-500), Float32Array.of(1)).lossSum).toBe(500);
});

test('a label beyond the classes, or not whole, is refused', () => {
  for (const label of [3, -1, 0.5]) {
    expect(() => fillTargets('softmax-cross-entropy', { size: 3, classes: 3 }, Float32Array.of(label), new Float32Array(3))).toThrow(expect.objectContaining({ code: 'label-out-of-range' }));
  }
  expect(() => fillTargets('softmax-cross-entropy', { size: 3, classes: 3 }, Int32Array.of(1, 2), new Float32Array(3))).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
});

test('values of any kind can be predicted for any number of records', async () => {
  for (const engine of engines) {
    const session = await engine.prepare(linear('mean-squared-error', 2));
    await session.setParameters(weights);
    const features = spread(14, 3);
    expect(await session.predict(features, 7)).toEqual(features);
    expect(await session.predict(new Float32Array(0), 0)).toEqual(new Float32Array(0));
    await session.dispose();
  }
});
