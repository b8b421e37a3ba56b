import { expect, test } from 'vitest';
import { flatten, layoutOf, unflatten } from '../../../src/engine/flat-vector';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { batchFor, mlp, ModelWriter } from './models';

test('frozen tensors are not part of x, and the others have the gradient that they have when all are trained', async () => {
  const all = mlp([6, 4, 3], 5);
  const some = { ...all, trainable: ['dense2.bias', 'dense1.weight'] };
  const batch = batchFor(all, 3);
  for (const engine of [await openOnnxRuntime({ threads: 1 }), await openTensorFlow({ backend: 'wasm' })]) {
    const [whole, part] = await Promise.all([engine.prepare(all), engine.prepare(some)]);
    expect(part.dimension).toBe(3 + 24);
    const [gradients, partial] = await Promise.all([whole.gradient(batch), part.gradient(batch)]);
    const named = unflatten(layoutOf(all), gradients.gradient);
    const expected = [...(named.get('dense2.bias') ?? []), ...(named.get('dense1.weight') ?? [])];
    partial.gradient.forEach((value, index) => expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThan(1e-6));
    await Promise.all([whole.dispose(), part.dispose()]);
  }
});

test('a tensor that the loss does not depend on has the gradient zero', async () => {
  const writer = new ModelWriter();
  const x = writer.dense(writer.input(2), 2, 2, 'dense');
  writer.dense(x, 2, 2, 'unused');
  const program = writer.program(x, 'softmax-cross-entropy', 3);
  for (const engine of [await openOnnxRuntime({ threads: 1 }), await openTensorFlow({ backend: 'wasm' })]) {
    const session = await engine.prepare(program);
    const { gradient } = await session.gradient(batchFor(program, 2));
    expect(gradient.slice(6)).toEqual(new Float32Array(6));
    expect(gradient.slice(0, 6).some((value) => value !== 0)).toBe(true);
    await session.dispose();
  }
});

test('the flat vector comes apart into the tensors that it was made of', () => {
  const program = mlp([3, 2, 2], 4);
  const parts = unflatten(layoutOf(program), flatten(program));
  for (const name of program.trainable) expect(parts.get(name)).toEqual(program.graph.tensors.get(name)?.values);
});
