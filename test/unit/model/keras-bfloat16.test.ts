import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModel } from '../../../src/model/open-model';

/** Keras 3 keeps bfloat16 as pairs of bytes that mean nothing to HDF5, with the attribute `dtype` beside them. Made by make_bfloat16.py. */

const path = join(__dirname, '..', '..', 'fixtures', 'models', 'bfloat16.keras');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bfloat16-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('weights that Keras 3 keeps in bfloat16 are read as it printed them', async () => {
  const { graph, roundedTo } = await openModel(path);
  expect([...graph.tensors.get('layers/dense/vars/0')?.values ?? []]).toEqual([0.53515625, -0.24609375, -0.24609375, 0.58203125, -0.8671875, -0.1875, -0.1171875, -0.07421875, 0.16015625, -0.0859375, -0.6484375, -0.8984375]);
  expect([...graph.tensors.get('layers/dense_1/vars/0')?.values ?? []]).toEqual([-0.8125, -0.84375, 0.40625, 0.96875, -0.765625, 0.359375, 0.015625, 0.6875]);
  // The certificate says what numbers were rounded to.
  expect(roundedTo).toEqual(['bfloat16']);
});

test('and are written back in bfloat16, rounded to the nearest, with the state of the optimiser gone', async () => {
  const model = await openModel(path);
  // 8 bits of fraction: 1 + 2^-9 lies nearer to 1, 1 + 3 · 2^-9 nearer to 1 + 2^-7.
  const [file] = await model.write(new Map([['layers/dense_1/vars/1', Float32Array.of(1 + 2 ** -9, 1 + 3 * 2 ** -9)]]));
  const copy = join(folder, 'copy.keras');
  await writeFile(copy, file?.bytes ?? new Uint8Array());
  const written = await openModel(copy);
  expect([...written.graph.tensors.get('layers/dense_1/vars/1')?.values ?? []]).toEqual([1, 1 + 2 ** -7]);
  expect(written.graph.tensors.get('layers/dense/vars/0')?.values).toEqual(model.graph.tensors.get('layers/dense/vars/0')?.values);
  expect(model.residues.filter(({ kind }) => kind === 'optimizer-state').length).toBeGreaterThan(0);
  expect(written.residues).toEqual([]);
  expect((await readFile(copy)).length).toBe((await readFile(path)).length);
});

test('a number that the type cannot hold is not written as infinite, and its tensor is named', async () => {
  const model = await openModel(path);
  // bfloat16 ends at (2 - 2^-7) · 2^127: the largest float32 rounds beyond that.
  await expect(model.write(new Map([['layers/dense_1/vars/1', Float32Array.of(0, 3.4028234e38)]]))).rejects.toMatchObject({
    code: 'noise-beyond-type',
    message: expect.stringContaining('`layers/dense_1/vars/1` came out with') as string,
  });
});
