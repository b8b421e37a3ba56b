import { expect, test } from 'vitest';
import fixture from '../../fixtures/engine/pytorch-gradients.json';
import type { TrainingProgram } from '../../../src/engine/engine';
import { layoutOf } from '../../../src/engine/flat-vector';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { batchFor, cnn, lenet, mlp, mobile, normalizingByBatch, residual, sequence, tokensFor, transformer } from './models';

const models: Readonly<Record<keyof typeof fixture.models, TrainingProgram>> = {
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

for (const name of Object.keys(models) as (keyof typeof models)[]) {
  test(`both engines find the loss and gradient that PyTorch finds in float64: ${name}`, async () => {
    const program = models[name];
    const expected = fixture.models[name];
    for (const engine of [await openOnnxRuntime({ threads: 1 }), await openTensorFlow({ backend: 'wasm' })]) {
      const session = await engine.prepare(program);
      const { loss, gradient, gradientNorm } = await session.gradient(name === 'transformer' ? tokensFor(program, 10, 11) : batchFor(program, 10));
      expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-6);
      expect(Math.abs(gradientNorm / expected.norm - 1)).toBeLessThan(1e-5);
      for (const { name: tensor, offset } of layoutOf(program).segments) {
        const reference = (expected.tensors as Readonly<Record<string, { norm: number; at: number[]; values: number[] }>>)[tensor];
        if (reference === undefined) throw new Error(`${tensor} is not in the fixture`);
        reference.at.forEach((at, index) => {
          // Relative to the tensor's own size, since single elements may cancel to almost nothing; whole tensors may too (the bias of attention keys).
          const error = Math.abs((gradient[offset + at] ?? NaN) - (reference.values[index] ?? NaN));
          expect(error, `${tensor}[${at}]`).toBeLessThan(1e-4 * Math.max(Math.abs(reference.values[index] ?? NaN), reference.norm / 10) + 1e-7 * expected.norm);
        });
      }
      await session.dispose();
    }
  });
}
