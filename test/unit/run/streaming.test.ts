import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../src/model/checkpoint/checkpoint';
import { openCheckpoint } from '../../../src/model/checkpoint/open-checkpoint';
import { visitCheckpoint } from '../../../src/model/checkpoint/stream';
import { combineCrc32, crc32 } from '../../../src/model/zip/crc32';
import { fileDigest } from '../../../src/run/file-digest';
import { StagedDigests } from '../../../src/run/staged-digests';
import { GrowingDigest } from '../../../src/run/streaming/growing-digest';
import { rewriteFile, type RegionChange } from '../../../src/run/streaming/rewrite-file';
import { WorkerPool } from '../../../src/run/streaming/worker-pool';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models', 'torch');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'streaming-'));
});
afterAll(() => rm(scratch, { recursive: true }));

interface Written {
  readonly paths: readonly string[];
  /** What the last file was said to be complete to, in the order of being said. */
  readonly told: readonly number[];
}

/** Writes all files of a checkpoint anew into a folder of their own. */
async function rewritten(path: string, checkpoint: Checkpoint, change: RegionChange): Promise<Written> {
  const folder = await mkdtemp(join(scratch, 'written-'));
  const pool = new WorkerPool(2);
  let told: number[] = [];
  try {
    const paths: string[] = [];
    for (const file of checkpoint.files) {
      const target = join(folder, file.path);
      told = [];
      await rewriteFile(file, { pool, source: join(dirname(path), file.path), target, change: () => change, onWritten: (end) => told.push(end) });
      paths.push(target);
    }
    return { paths, told };
  } finally {
    await pool.dispose();
  }
}

async function numbersIn(path: string): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  await visitCheckpoint(path, await openCheckpoint(path), (region, values) => {
    found[region.name] = [...(found[region.name] ?? []), ...values];
  });
  return found;
}

/** A safetensors file of one float32 tensor. */
async function large(name: string, values: Float32Array): Promise<string> {
  const header = Buffer.from(JSON.stringify({ weight: { dtype: 'F32', shape: [values.length], data_offsets: [0, values.byteLength] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const path = join(scratch, name);
  await writeFile(path, Buffer.concat([length, header, Buffer.from(values.buffer)]));
  return path;
}

describe.each(['state.pt', 'legacy.pth', 'model.safetensors', 'sharded/model.safetensors.index.json'])('%s', (name) => {
  const path = join(fixtures, name);

  test('is written byte for byte where nothing changes', async () => {
    const { paths, told } = await rewritten(path, await openCheckpoint(path), { scale: 1, sigma: 0 });
    expect(paths.length).toBe(name.startsWith('sharded') ? 3 : 1);
    for (const file of paths) expect((await readFile(file)).equals(await readFile(join(dirname(path), file.slice(dirname(file).length))))).toBe(true);
    expect(told.at(-1)).toBe((await stat(paths.at(-1) ?? '')).size);
  });

  test('holds new numbers after they were changed on the way', async () => {
    const { paths } = await rewritten(path, await openCheckpoint(path), { scale: 2, sigma: 0 });
    const doubled = Object.fromEntries(Object.entries(await numbersIn(path)).map(([tensor, values]) => [tensor, values.map((value) => 2 * value)]));
    expect(await numbersIn(paths[0] ?? '')).toEqual(doubled);
  });
});

test('a value in place of the numbers is stored in the type of the file', async () => {
  const path = join(fixtures, 'brain.safetensors');
  // 0x3f81 is 1 + 2⁻⁷ in bfloat16, low byte first.
  const { paths } = await rewritten(path, await openCheckpoint(path), { pattern: Uint8Array.of(0x81, 0x3f) });
  expect(new Set(Object.values(await numbersIn(paths[0] ?? '')).flat())).toEqual(new Set([1.0078125]));
});

test('what an optimiser remembers, and numbers beside the tensors, are overwritten with zeros, and checksums follow', async () => {
  const path = join(fixtures, 'checkpoint.pth');
  const checkpoint = await openCheckpoint(path);
  const { paths: [written = ''] } = await rewritten(path, checkpoint, { scale: 1, sigma: 0 });
  const bytes = await readFile(written);
  const [file] = checkpoint.files;
  expect(file?.erased.length).toBeGreaterThan(0);
  for (const { start, end } of file?.erased ?? []) expect(bytes.subarray(start, end).every((byte) => byte === 0)).toBe(true);
  for (const { start, end, checksums } of file?.checked ?? []) {
    for (const at of checksums) expect(bytes.readUInt32LE(at)).toBe(zlibCrc32(bytes.subarray(start, end)));
  }
  expect((await openCheckpoint(written)).tensors).toEqual(checkpoint.tensors);
});

test('pieces of a large tensor come out in their places, whichever thread was first', async () => {
  // Five pieces of 2 MiB and a rest; every number is its own place.
  const values = Float32Array.from({ length: 5 * 2 ** 19 + 3 }, (_, index) => index);
  const path = await large('large.safetensors', values);
  const { paths: [written = ''], told } = await rewritten(path, await openCheckpoint(path), { scale: 2, sigma: 0 });
  expect(Object.values(await numbersIn(written))).toEqual([Array.from(values, (value) => 2 * value)]);
  expect(told).toEqual([...told].sort((one, other) => one - other));
});

test('noise has the standard deviation that was asked for, and no two pieces share it', async () => {
  const path = await large('zeros.safetensors', new Float32Array(2 ** 20));
  const { paths: [written = ''] } = await rewritten(path, await openCheckpoint(path), { scale: 1, sigma: 3 });
  const [noise = []] = Object.values(await numbersIn(written));
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  const deviation = Math.sqrt(noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length);
  // 2²⁰ samples: standard errors are 3/1024 and 3/1448; six of them are exceeded once in 5e8 runs.
  expect(Math.abs(mean)).toBeLessThan((6 * 3) / 1024);
  expect(Math.abs(deviation - 3)).toBeLessThan((6 * 3) / 1448);
  expect(noise.slice(0, 2 ** 19)).not.toEqual(noise.slice(2 ** 19));
});

test('noise that a narrow type cannot hold is refused by the name of the tensor', async () => {
  const folder = await mkdtemp(join(scratch, 'narrow-'));
  const header = Buffer.from(JSON.stringify({ narrow: { dtype: 'F16', shape: [1000], data_offsets: [0, 2000] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(join(folder, 'half.safetensors'), Buffer.concat([length, header, Buffer.alloc(2000)]));
  // The largest float16 is 65,504: of a thousand normals times 10⁶ nearly all are beyond it.
  await expect(rewritten(join(folder, 'half.safetensors'), await openCheckpoint(join(folder, 'half.safetensors')), { scale: 1, sigma: 1e6 })).rejects.toMatchObject({ code: 'noise-beyond-type', message: expect.stringContaining('"narrow"') as string });
});

test('a file that exists is not overwritten', async () => {
  const path = join(fixtures, 'model.safetensors');
  const target = join(scratch, 'there.safetensors');
  await writeFile(target, 'mine');
  const [file] = (await openCheckpoint(path)).files;
  if (file === undefined) throw new Error('no file');
  const pool = new WorkerPool(1);
  await expect(rewriteFile(file, { pool, source: path, target, change: () => ({ scale: 1, sigma: 0 }) })).rejects.toMatchObject({ code: 'EEXIST' });
  await pool.dispose();
  expect(await readFile(target, 'utf8')).toBe('mine');
});

test('a file that became shorter is an error, and stops all threads', async () => {
  const path = await large('shrinking.safetensors', new Float32Array(2 ** 20));
  const checkpoint = await openCheckpoint(path);
  await writeFile(path, (await readFile(path)).subarray(0, 2 ** 20));
  await expect(rewritten(path, checkpoint, { scale: 1, sigma: 0 })).rejects.toThrow('shorter');
});

test('a pool does one task next where it is asked to, and the others in the order in which they came', async () => {
  const pool = new WorkerPool(1);
  const finished: string[] = [];
  const task = { kind: 'digest', path: join(fixtures, 'state.pt') } as const;
  const done = (name: string) => (): number => finished.push(name);
  // The first is in work at once, and a digest has a thread to itself.
  await Promise.all([pool.run(task).then(done('first')), pool.run(task).then(done('second')), pool.run(task).then(done('third')), pool.runNext(task).then(done('next'))]);
  await pool.dispose();
  expect(finished).toEqual(['first', 'next', 'second', 'third']);
});

test('a pool that is disposed of rejects what it has not done', async () => {
  const pool = new WorkerPool(1);
  const waiting = Array.from({ length: 5 }, () => pool.run({ kind: 'digest', path: join(fixtures, 'state.pt') }));
  const stopped = expect(Promise.all(waiting)).rejects.toThrow('enough');
  await pool.dispose(new Error('enough'));
  await stopped;
  await expect(pool.run({ kind: 'digest', path: join(fixtures, 'state.pt') })).rejects.toThrow('enough');
});

describe('digests', () => {
  test('of a file in a thread, of a whole file, and of one that grows, are the same', async () => {
    const path = await large('digest.safetensors', Float32Array.from({ length: 2 ** 20 + 1 }, (_, index) => index));
    const pool = new WorkerPool(availableParallelism() > 1 ? 2 : 1);
    const { digest } = await pool.run({ kind: 'digest', path });
    await pool.dispose();
    expect(digest).toBe(await fileDigest(path));
    const growing = new GrowingDigest(path);
    for (const end of [1, 1000, 1000, 2 ** 21 + 5]) growing.grow(end);
    expect(await growing.finish()).toBe(digest);
  });

  test('a file that is shorter than was said is an error', async () => {
    const path = join(scratch, 'short');
    await writeFile(path, 'abc');
    const growing = new GrowingDigest(path);
    growing.grow(10);
    await expect(growing.finish()).rejects.toThrow('shorter');
  });

  test('of a staged file is computed once', async () => {
    const folder = await mkdtemp(join(scratch, 'staged-'));
    await cp(join(fixtures, 'state.pt'), join(folder, 'state.pt'));
    const digests = new StagedDigests(folder);
    digests.written({ staged: 'state.pt', end: 100 });
    const first = await digests.of('state.pt');
    expect(first).toBe(await fileDigest(join(fixtures, 'state.pt')));
    await rm(join(folder, 'state.pt'));
    expect(await digests.of('state.pt')).toBe(first);
  });
});

test('checksums of parts give that of the whole', () => {
  const [one, other] = [Buffer.from('123'), Buffer.alloc(70_001, 'abc')];
  // The check value of CRC-32/ISO-HDLC.
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(combineCrc32(crc32(one), crc32(other), other.length)).toBe(crc32(Buffer.concat([one, other])));
  expect(combineCrc32(crc32(one), 0, 0)).toBe(crc32(one));
  expect(combineCrc32(0, crc32(other), other.length)).toBe(crc32(other));
});
