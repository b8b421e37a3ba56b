import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspect } from '../../../src/run/inspect';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'inspect-'));
});
afterAll(() => rm(scratch, { recursive: true }));

describe('inspect', () => {
  test('counts the inputs of each output by how the graph uses a tensor, whatever its layout in the file', async () => {
    const { trainable } = await inspect(join(fixtures, 'layers.h5'));
    const fanIn = (name: string): number | undefined => trainable.find((tensor) => tensor.name === name)?.fanIn;
    // A depthwise kernel (2, 2, 6, 2): each output sees one channel through a window of 2 × 2.
    expect(fanIn('depthwise/depthwise_kernel:0')).toBe(4);
    // A transposed kernel (3, 3, 4, 12) has outputs before inputs, and 12 inputs.
    expect(fanIn('same_transposed/kernel:0')).toBe(3 * 3 * 12);
    expect(fanIn('narrow/kernel:0')).toBe(8);
    expect(fanIn('narrow/bias:0')).toBeUndefined();
  });

  test('takes a checkpoint for PyTorch\'s, which stores outputs before inputs', async () => {
    const { trainable, tensors, obstacle } = await inspect(join(fixtures, 'torch', 'state.pt'));
    expect(obstacle).toContain('not the model that computes with them');
    const matrix = tensors.find(({ role, shape }) => role === 'parameter' && shape.length === 2 && shape[0] !== shape[1]);
    expect(trainable.find(({ name }) => name === matrix?.name)?.fanIn).toBe(matrix?.shape[1]);
  });

  test('lists the constants that an ONNX file stores, with their role', async () => {
    const { tensors } = await inspect(join(fixtures, 'torch', 'exported.onnx'));
    expect(tensors.filter(({ role }) => role === 'constant').map(({ name, dataType }) => [name, dataType])).toEqual([['val_24', 'int64']]);
    expect(tensors.some(({ role }) => role === 'parameter')).toBe(true);
  });

  test('says of each tensor whether it is the same as in a public base, and how far it moved', async () => {
    const base = join(fixtures, 'torch', 'model.safetensors');
    expect((await inspect(base)).comparison).toBeUndefined();
    const { comparison, tensors } = await inspect(join(fixtures, 'torch', 'state.pt'), base);
    expect(comparison?.length).toBe(tensors.length);
    expect(comparison?.every(({ relation, distance }) => relation !== 'moved' || (distance ?? 0) > 0)).toBe(true);
    await expect(inspect(base, join(fixtures, 'nothing.pt'))).rejects.toMatchObject({ code: 'model-missing' });
  });

  test('opens HDF5 under its long ending', async () => {
    const path = join(scratch, 'model.hdf5');
    await copyFile(join(fixtures, 'branches.h5'), path);
    expect((await inspect(path)).format).toBe('Keras 2 HDF5');
  });
});
