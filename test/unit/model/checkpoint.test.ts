import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src/model/checkpoint/open-checkpoint';
import { visitCheckpoint } from '../../../src/model/checkpoint/stream';
import { inspectModel } from '../../../src/model/inspect-model';
import expectedOutputs from '../../fixtures/models/torch/outputs.json';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models', 'torch');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const expectedState = expectedOutputs.state as Readonly<Record<string, readonly number[]>>;

async function numbersIn(path: string): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  await visitCheckpoint(path, await openCheckpoint(path), (region, values) => {
    found[region.name] = [...(found[region.name] ?? []), ...values];
  });
  return found;
}

describe.each(['state.pt', 'legacy.pth', 'model.safetensors', 'sharded/model.safetensors.index.json'])('%s', (name) => {
  const path = join(fixtures, name);

  test('has the tensors that PyTorch saved', async () => {
    const { tensors } = await openCheckpoint(path);
    expect(new Set(tensors.map((tensor) => tensor.name))).toEqual(new Set(Object.keys(expectedState)));
    for (const tensor of tensors) expect(tensor.count).toBe(expectedState[tensor.name]?.length);
    const floats = Object.fromEntries(Object.entries(expectedState).filter(([key]) => !key.endsWith('num_batches_tracked')));
    expect(await numbersIn(path)).toEqual(floats);
  });

  test('knows running statistics from trained parameters', async () => {
    const { tensors } = await openCheckpoint(path);
    expect(tensors.filter((tensor) => tensor.role === 'buffer').map((tensor) => tensor.name).sort()).toEqual(['norm.num_batches_tracked', 'norm.running_mean', 'norm.running_var']);
  });
});

test('bfloat16 numbers are read exactly', async () => {
  const path = join(fixtures, 'brain.safetensors');
  // 8 bits of precision: half a unit in the last place is at most 2^-8 of the value.
  for (const [tensor, values] of Object.entries(await numbersIn(path))) {
    values.forEach((value, index) => {
      const exact = expectedState[tensor]?.[index] ?? NaN;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -8);
    });
  }
});

test('what an optimiser remembers, and numbers beside the tensors, are listed to be dropped', async () => {
  const path = join(fixtures, 'checkpoint.pth');
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.tensors.map((tensor) => tensor.name)).toContain('state_dict.first.weight');
  expect(checkpoint.tensors.some((tensor) => tensor.name.startsWith('optimizer'))).toBe(false);
  const dropped = checkpoint.residues.filter((residue) => residue.kind === 'optimizer-state').map((residue) => residue.name);
  expect(dropped).toContain('optimizer.state.0.momentum_buffer');
  expect(checkpoint.residues.filter((residue) => residue.kind === 'metadata').map((residue) => residue.name)).toContain('optimizer.param_groups.0.lr');
});

test('a storage that several tensors share is visited once, and as a whole', async () => {
  const path = join(fixtures, 'views.pt');
  const { tensors } = await openCheckpoint(path);
  expect(tensors.map((tensor) => [tensor.name, tensor.shape])).toEqual([['whole', [24]], ['transposed', [6, 4]], ['slice', [4]], ['half', [2]], ['brain', [2]]]);
  expect(await numbersIn(path)).toEqual({ whole: Array.from({ length: 24 }, (_, index) => index), half: [1.5, -2], brain: [1.5, -2] });
});

test('a pickle that wants to load a class is refused by the name of that class', async () => {
  await expect(openCheckpoint(join(fixtures, 'whole-module.pt'))).rejects.toMatchObject({ code: 'pickle-refused', message: expect.stringMatching(/`__main__\.Net`/) as string });
});

test('a pickle that wants to call something is refused by its name, and the call does not happen', async () => {
  const path = join(scratch, 'hostile.pth');
  // os.system("…") in protocol 2: GLOBAL posix system, the command, TUPLE1, REDUCE, STOP.
  await writeFile(path, Buffer.concat([Buffer.from([0x80, 2]), Buffer.from('cposix\nsystem\n'), Buffer.from([0x58, 5, 0, 0, 0]), Buffer.from('false'), Buffer.from([0x85, 0x52, 0x2e])]));
  await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'pickle-refused', message: expect.stringMatching(/`posix\.system`/) as string });
});

describe('safetensors that lie', () => {
  const encode = (header: unknown, data: number): Uint8Array => {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, Buffer.alloc(data)]);
  };
  test.each([
    ['a gap before a tensor', encode({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8)],
    ['overlapping tensors', encode({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8)],
    ['bytes that belong to no tensor', encode({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 8)],
    ['a name twice', encode('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8)],
    ['a shape that does not fit its bytes', encode({ a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, 8)],
    ['a header that is longer than the file', Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 0x7b])],
    ['a header that is no JSON', encode('{{', 0)],
  ])('%s', async (_, bytes) => {
    const path = join(scratch, 'lie.safetensors');
    await writeFile(path, bytes);
    await expect(openCheckpoint(path)).rejects.toMatchObject({ name: 'UserError' });
  });
});

test.each([['scripted.pt', /TorchScript/], ['exported.pt2', /torch\.export/]])('%s, a program with its weights, is refused as what it is', async (name, what) => {
  const refusal = { code: 'torch-program-unsupported', message: expect.stringMatching(what) as string };
  await expect(openCheckpoint(join(fixtures, name))).rejects.toMatchObject(refusal);
  await expect(inspectModel(join(fixtures, name))).rejects.toMatchObject(refusal);
});

test('a later protocol of pickle is read, and runs of bytes beside the tensors are listed to be dropped', async () => {
  const path = join(fixtures, 'protocol-4.pth');
  const { tensors, residues, files: [file] } = await openCheckpoint(path);
  expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([['weight', [2, 3]]]);
  expect(residues).toEqual([{ name: 'notes', kind: 'metadata', treatment: 'dropped' }]);
  const bytes = await readFile(path);
  expect(file?.erased.map(({ start, end }) => bytes.toString('latin1', start, end))).toEqual(['of the training data']);
  // waves(2, 3) of make_torch.py: sin(0.37 i) + 0.5 sin(0.011 i), in float32.
  const expected = Array.from({ length: 6 }, (_, index) => Math.sin(0.37 * index) + 0.5 * Math.sin(0.011 * index));
  (await numbersIn(path))['weight']?.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? NaN, 6));
});

test('safetensors with a header of 640 bytes, which begins as a pickle does, are read as what they are', async () => {
  const header = JSON.stringify({ weight: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }).padEnd(640);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(640n);
  expect([...length.subarray(0, 2)]).toEqual([0x80, 2]);
  const path = join(scratch, 'model.safetensors');
  await writeFile(path, Buffer.concat([length, Buffer.from(header), Buffer.from(new Float32Array([1.5, -2]).buffer)]));
  expect((await openCheckpoint(path)).format).toBe('safetensors');
  expect(await numbersIn(path)).toEqual({ weight: [1.5, -2] });
});

test.each([
  ['torch._utils', '_rebuild_qtensor', /quantised tensor/],
  ['torch._utils', '_rebuild_sparse_tensor', /sparse tensor/],
  ['torch', 'ComplexFloatStorage', /complex numbers/],
  ['torch._utils', '_rebuild_tensor_v3', /float8/],
  ['numpy._core.multiarray', 'scalar', /NumPy/],
])('a checkpoint that needs %s.%s is told what that is', async (module, name, what) => {
  const path = join(scratch, 'kind.pth');
  await writeFile(path, Buffer.concat([Buffer.from([0x80, 2, 0x63]), Buffer.from(`${module}\n${name}\n.`)]));
  await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'pickle-refused', message: expect.stringMatching(what) as string });
});

test.each(['', '.', 'folder'])('an index that names "%s" for a shard, which is a folder, is refused', async (shard) => {
  const folder = await mkdtemp(join(scratch, 'index-'));
  await mkdir(join(folder, 'folder'));
  const path = join(folder, 'model.safetensors.index.json');
  await writeFile(path, JSON.stringify({ weight_map: { weight: shard } }));
  await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'model-unreadable' });
});
