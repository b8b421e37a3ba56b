import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engines';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { batchFor, mlp } from './models';

test('the engine says what it really runs on', async () => {
  const { name, versions } = await openOnnxRuntime();
  expect(name).toBe('onnxruntime');
  expect(versions).toEqual({ 'onnxruntime-node': expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown, 'execution provider': 'cpu' });
});

test('an execution provider that this machine does not have is an error, never a silent change to another', async () => {
  await expect(openEngine('onnxruntime', { onnxruntime: { executionProvider: 'abacus' } })).rejects.toMatchObject({ code: 'engine-missing', message: expect.stringMatching(/abacus.*cpu/) as unknown });
});

test('a session keeps to its backend although all copies of TensorFlow.js share the current one', async () => {
  const engine = await openTensorFlow({ backend: 'wasm' });
  const program = mlp([3, 4, 2], 5);
  const session = await engine.prepare(program);
  const batch = batchFor(program, 2);
  await tf.setBackend('cpu');
  const { loss } = await session.gradient(batch);
  expect(tf.getBackend()).toBe('wasm');
  await tf.setBackend('cpu');
  expect((await session.evaluate(batch)).lossSum / 5).toBeCloseTo(loss, 5);
  expect(tf.getBackend()).toBe('wasm');
  await session.dispose();
});

test('parameters that are lent are the session\'s own, copies are not, and what is written to the own ones counts', async () => {
  const program = mlp([3, 4, 2], 5);
  const batch = batchFor(program, 2);
  for (const engine of [await openOnnxRuntime(), await openTensorFlow({ backend: 'wasm' })]) {
    const session = await engine.prepare(program);
    const [copy, lent] = [await session.parameters(), await session.parameters({ borrowed: true })];
    const { lossSum } = await session.evaluate(batch);
    copy.fill(0);
    expect((await session.evaluate(batch)).lossSum).toBe(lossSum);
    lent.fill(0);
    await session.setParameters(lent);
    // Two equal outputs: ln 2 for each of five records.
    expect((await session.evaluate(batch)).lossSum).toBeCloseTo(5 * Math.LN2, 5);
    lent[1] = NaN;
    await expect(session.setParameters(lent)).rejects.toMatchObject({ code: 'parameters-not-finite' });
    await session.dispose();
  }
});
