import { beforeAll, expect, test } from 'vitest';
import type { Engine, TrainingProgram } from '../../../src/engine/engine';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { batchFor, cnn, lenet, mlp, mobile, normalizingByBatch, residual, sequence, spread, tokensFor, transformer } from './models';

let engines: readonly Engine[];

beforeAll(async () => {
  engines = [await openOnnxRuntime({ threads: 1 }), await other()];
});

function other(): Promise<Engine> {
  if (provider !== undefined) return openOnnxRuntime({ executionProvider: provider });
  return openTensorFlow(native === undefined ? { backend: 'wasm' } : { backend: 'native', nativeFolder: native });
}

/** An execution provider of onnxruntime that takes TensorFlow's place, to be compared with the CPU. */
const provider = process.env['ORT_PROVIDER'];

/** Folder of a native TensorFlow, as `npm run native:tensorflow` prints it; the WebAssembly backend is tested where there is none. */
const native = process.env['TFJS_NODE'];

/** ‖a − b‖ / ‖b‖. */
function relativeError(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let size = 0;
  b.forEach((value, index) => {
    difference += ((a[index] ?? NaN) - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}

const models: Readonly<Record<string, TrainingProgram>> = {
  'MLP 784-5-10': mlp([784, 5, 10], 16),
  'MLP 512-32-32-10': mlp([512, 32, 32, 10], 16),
  'CNN on 32×32×3': cnn(4),
  'LeNet as imported from Keras': lenet(8),
  'residual network': residual(4),
  'residual network, normalising by the batch': normalizingByBatch(residual(4)),
  'MobileNet-style block': mobile(4),
  transformer: transformer(4),
  LSTM: sequence(4, 'LSTM'),
  GRU: sequence(4, 'GRU'),
};

for (const [name, program] of Object.entries(models)) {
  test(`both engines find the same loss, gradient and step: ${name}`, async () => {
    const batch = name === 'transformer' ? tokensFor(program, 10, 11) : batchFor(program, 10);
    const centre = spread(flatLength(program), 5, 0.1);
    const sessions = await Promise.all(engines.map((engine) => engine.prepare(program, centre)));
    const [left, right] = await Promise.all(sessions.map((session) => session.gradient(batch)));
    if (left === undefined || right === undefined) throw new Error('no gradient');
    expect(left.loss).toBeCloseTo(right.loss, 5);
    // float32 arithmetic in different orders: a few units in the last of 24 bits for each of some hundred terms.
    expect(relativeError(left.gradient, right.gradient)).toBeLessThan(1e-5);
    expect(Math.abs(left.gradientNorm / right.gradientNorm - 1)).toBeLessThan(1e-5);

    const noise = spread(left.gradient.length, 9);
    const step = { learningRate: 0.5, decay: 0.1, gradientRadius: left.gradientNorm / 2, sigma: 0.01, noise };
    for (const session of sessions) await session.noisyStep(batch, step);
    const [a, b] = await Promise.all(sessions.map((session) => session.parameters()));
    if (a === undefined || b === undefined) throw new Error('no parameters');
    expect(relativeError(a, b)).toBeLessThan(1e-6);

    const [evaluated, other] = await Promise.all(sessions.map((session) => session.evaluate({ ...batch, size: 3, features: batch.features.subarray(0, (batch.features.length / batch.size) * 3), labels: batch.labels.subarray(0, 3) })));
    expect(evaluated?.count).toBe(3);
    expect(evaluated?.lossSum).toBeCloseTo(other?.lossSum ?? NaN, 4);
    expect(evaluated?.correct).toBe(other?.correct);
    await Promise.all(sessions.map((session) => session.dispose()));
  });
}

const flatLength = (program: TrainingProgram): number => program.trainable.reduce((sum, name) => sum + (program.graph.tensors.get(name)?.values.length ?? 0), 0);

