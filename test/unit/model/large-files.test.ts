import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../src/model/checkpoint/checkpoint';
import { openCheckpoint } from '../../../src/model/checkpoint/open-checkpoint';
import { piecesOf } from '../../../src/model/checkpoint/pieces';
import { visitCheckpoint } from '../../../src/model/checkpoint/stream';
import { inspectModel } from '../../../src/model/inspect-model';
import { openModel } from '../../../src/model/open-model';
import { WorkerPool } from '../../../src/run/streaming/worker-pool';

/** Files of five gigabytes that are mostly holes: they take no space on the disk, and their last numbers lie beyond four. */

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'large-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const hole = 5_000_000_000;
const numbers = Float32Array.of(0.5, -2, 3);
const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer);

/** A file of the given parts: a number is that many zeros that are not written. */
async function sparse(name: string, parts: readonly (Buffer | number)[]): Promise<string> {
  const path = join(scratch, name);
  await writeFile(path, '');
  const file = await open(path, 'r+');
  let at = 0;
  for (const part of parts) {
    if (typeof part !== 'number') await file.write(part, 0, part.length, at);
    at += typeof part === 'number' ? part : part.length;
  }
  await file.close();
  await truncate(path, at);
  return path;
}

function safetensors(): readonly (Buffer | number)[] {
  const header = Buffer.from(JSON.stringify({ table: { dtype: 'U8', shape: [hole], data_offsets: [0, hole] }, weight: { dtype: 'F32', shape: [3], data_offsets: [hole, hole + 12] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return [length, header, hole, bytesOf(numbers)];
}

/** { 'table': tensor of bytes, 'weight': tensor of float32 }, by protocol 2 as torch.save writes it. */
function pickle(): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x58, value.length, 0, 0, 0]), Buffer.from(value)]);
  const whole = (value: number): Buffer => {
    const digits = Buffer.alloc(8);
    digits.writeBigInt64LE(BigInt(value));
    return Buffer.concat([Buffer.from([0x8a, 8]), digits]);
  };
  const tuple1 = Buffer.from([0x85]);
  const tensor = (storage: string, key: string, count: number): Buffer => Buffer.concat([
    Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n('),
    Buffer.from('('), text('storage'), Buffer.from(`ctorch\n${storage}\n`), text(key), text('cpu'), whole(count), Buffer.from('tQ'),
    whole(0), whole(count), tuple1, whole(1), tuple1, Buffer.from([0x89]), Buffer.from('ccollections\nOrderedDict\n)R'), Buffer.from('tR'),
  ]);
  return Buffer.concat([Buffer.from([0x80, 2]), Buffer.from('}('), text('table'), tensor('ByteStorage', '0', hole), text('weight'), tensor('FloatStorage', '1', 3), Buffer.from('u.')]);
}

/** A ZIP64 archive: what does not fit into 32 bits is in the extra field of its entry, and at the end (APPNOTE.TXT 4.3.14, 4.5.3). */
function torchZip(): readonly (Buffer | number)[] {
  const entries = [{ name: 'archive/data.pkl', content: pickle() }, { name: 'archive/data/0', content: hole }, { name: 'archive/data/1', content: bytesOf(numbers) }];
  const parts: (Buffer | number)[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content } of entries) {
    const size = typeof content === 'number' ? content : content.length;
    const checksum = typeof content === 'number' ? 0 : crc32(content);
    const extra = Buffer.alloc(28);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    [size, size, at].forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index));
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt32LE(checksum, 14);
    local.fill(0xff, 18, 26);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(20, 28);
    const localExtra = Buffer.from(extra.subarray(0, 20));
    localExtra.writeUInt16LE(16, 2);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt32LE(checksum, 16);
    central.fill(0xff, 20, 28);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.fill(0xff, 42, 46);
    parts.push(local, Buffer.from(name), localExtra, content);
    directory.push(central, Buffer.from(name), extra);
    at += 30 + name.length + localExtra.length + size;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  [3, 3, listing.length, at].forEach((value, index) => end.writeBigUInt64LE(BigInt(value), 24 + 8 * index));
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(at + listing.length), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x06054b50, 76);
  end.fill(0xff, 84, 96);
  return [...parts, listing, end];
}

/** The older form: pickles, then each storage behind its count. */
function legacy(): readonly (Buffer | number)[] {
  const [magic, version, system] = [Buffer.from([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]), Buffer.from([0x80, 2, 0x4d, 0xe9, 0x03, 0x2e]), Buffer.from([0x80, 2, 0x7d, 0x2e])];
  const keys = Buffer.from([0x80, 2, 0x5d, 0x28, 0x58, 1, 0, 0, 0, 0x30, 0x58, 1, 0, 0, 0, 0x31, 0x65, 0x2e]);
  const count = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  };
  return [magic, version, system, pickle(), keys, count(hole), hole, count(3), bytesOf(numbers)];
}

describe.each([['large.safetensors', safetensors], ['large.pt', torchZip], ['large.pth', legacy]] as const)('%s of five gigabytes', (name, make) => {
  let path: string;
  let checkpoint: Checkpoint;
  beforeAll(async () => {
    path = await sparse(name, make());
    checkpoint = await openCheckpoint(path);
  });

  test('is opened by its headers, and its last numbers are read', async () => {
    expect(checkpoint.tensors.map(({ name: tensor, count }) => [tensor, count])).toEqual([['table', hole], ['weight', 3]]);
    const found: number[] = [];
    await visitCheckpoint(path, checkpoint, (_, values) => found.push(...values));
    expect(found).toEqual([0.5, -2, 3]);
  });

  test('is shown, and refused for training with the reason', async () => {
    const { tensors, obstacle } = await inspectModel(path);
    expect(tensors).toHaveLength(2);
    expect(obstacle).toMatch(/more than 2 GiB cannot be trained/);
    await expect(openModel(path)).rejects.toMatchObject({ code: 'model-too-large' });
  });

  test('is written in pieces that cover it once, and its last numbers are changed in their place', async () => {
    const [file] = checkpoint.files;
    if (file === undefined) throw new Error('no file');
    const pieces = piecesOf(file, 2 ** 30);
    pieces.forEach(({ start }, index) => expect(start).toBe(pieces[index - 1]?.end ?? 0));
    expect(pieces.at(-1)?.end).toBe(file.size);
    const [region] = file.regions;
    if (region === undefined) throw new Error('no region');
    expect(region.start).toBeGreaterThan(2 ** 32);
    const pool = new WorkerPool(1);
    const handle = await open(path, 'r+');
    const extent = { from: handle.fd, start: region.start, end: region.end, type: region.type };
    // 0.25 + 4 + 9.
    expect(await pool.run({ ...extent, kind: 'sum' })).toEqual({ sum: 13.25 });
    await pool.run({ ...extent, kind: 'perturb', to: handle.fd, checked: false, scale: 2, sigma: 0 });
    await handle.close();
    await pool.dispose();
    const found: number[] = [];
    await visitCheckpoint(path, checkpoint, (_, values) => found.push(...values));
    expect(found).toEqual([1, -4, 6]);
  });
});

test('an archive that ends early is refused, however large it says that it is', async () => {
  const path = await sparse('cut.pt', torchZip());
  await truncate(path, hole);
  await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'model-damaged' });
});
