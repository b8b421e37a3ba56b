import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engines';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';

test('the engine says what it really runs on', async () => {
  const { name, versions } = await openOnnxRuntime();
  expect(name).toBe('onnxruntime');
  expect(versions).toEqual({ 'onnxruntime-node': expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown, 'execution provider': 'cpu' });
});

test('an execution provider that this machine does not have is an error, never a silent change to another', async () => {
  await expect(openEngine('onnxruntime', { onnxruntime: { executionProvider: 'abacus' } })).rejects.toMatchObject({ code: 'engine-missing', message: expect.stringMatching(/abacus.*cpu/) as unknown });
});

test('a TensorFlow backend whose files are not there is an error', async () => {
  await expect(openEngine('tensorflow', { tensorflow: { backend: 'wasm', wasmFolder: '/nowhere' } })).rejects.toMatchObject({ code: 'engine-missing' });
});
