import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engines';

// In a file, and so in a process, of its own: TensorFlow.js does not try again after a failed start.
test('a TensorFlow backend whose files are not there is an error', async () => {
  await expect(openEngine('tensorflow', { tensorflow: { backend: 'wasm', wasmFolder: '/nowhere' } })).rejects.toMatchObject({ code: 'engine-missing' });
});
