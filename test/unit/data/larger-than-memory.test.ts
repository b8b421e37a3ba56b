import { mkdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Float64, Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { zipSync } from 'fflate';
import * as hdf5 from 'h5wasm';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../../src/data/open-dataset';
import { previewSelection } from '../../../src/data/preview';
import { selectForget } from '../../../src/data/select-forget';
import type { SourceSpec } from '../../../src/data/source-spec';
import { UserError } from '../../../src/error';
import { idx, npy, useFolder, userError } from './sources';

/** Arrays and images beyond the memory that they may use: the same records, read piece by piece and kept in a temporary file. */

const folder = useFolder();
const [count, width] = [3000, 7];
/** Records 0 to 2999 of seven features; from record 2000 on they are no bytes any more. */
const value = (record: number, feature: number): number => (record < 2000 ? (record * 31 + feature * 17) % 256 : record + feature / 8);
const values = Float32Array.from({ length: count * width }, (_, index) => value(Math.floor(index / width), index % width));
const bytes = Uint8Array.from({ length: count * width }, (_, index) => (index * 37) % 251);
const labels = Uint8Array.from({ length: count }, (_, record) => record % 3);

async function hdf5File(name: string, write: (file: hdf5.File) => void): Promise<void> {
  const { FS } = await hdf5.ready;
  const file = new hdf5.File('/made.h5', 'w');
  write(file);
  file.close();
  await folder.file(name, FS.readFile('/made.h5'));
  FS.unlink('/made.h5');
}

/** The same archive with the directory's end as archives beyond 4 GiB have it (APPNOTE 4.3.14 to 4.3.16). */
function asLargeArchive(zip: Uint8Array): Uint8Array {
  const bytes = Buffer.from(zip);
  const at = bytes.length - 22;
  const end = Buffer.alloc(56);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  for (const place of [24, 32]) end.writeBigUInt64LE(BigInt(bytes.readUInt16LE(at + 10)), place);
  end.writeBigUInt64LE(BigInt(bytes.readUInt32LE(at + 12)), 40);
  end.writeBigUInt64LE(BigInt(bytes.readUInt32LE(at + 16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at), 8);
  const last = Buffer.from(bytes.subarray(at));
  last.fill(0xff, 8, 20);
  return Buffer.concat([bytes.subarray(0, at), end, locator, last]);
}

beforeAll(async () => {
  await folder.file('labels.npy', npy('|u1', [count], labels));
  await folder.file('floats.npy', npy('<f4', [count, width], values));
  await folder.file('big-endian.npy', npy('>f8', [count, width], Float64Array.from(values, (number) => Buffer.from(Float64Array.of(number).buffer).swap64().readDoubleLE())));
  await folder.file('floats.idx.gz', gzipSync(idx(13, [count, width], Array.from(values))));
  await folder.file('bytes.idx', idx(8, [count, width], Array.from(bytes)));
  await hdf5File('arrays.h5', (file) => {
    file.create_dataset({ name: 'x', data: values, shape: [count, width], chunks: [100, 3], compression: 4 });
    file.create_dataset({ name: 'y', data: labels, shape: [count] });
  });
  await folder.file('arrays.h5.gz', gzipSync(await readFile(path.join(folder.path, 'arrays.h5'))));
  // Element (record, feature) at place record + feature · count.
  const columnMajor = npy('<f4', [count, width], Float32Array.from({ length: count * width }, (_, index) => value(index % count, Math.floor(index / count))), true);
  await folder.file('fortran.npy', columnMajor);
  await folder.file('fortran.npy.gz', gzipSync(columnMajor));
  const arrays = { 'x.npy': npy('<f4', [count, width], values), 'y.npy': npy('|u1', [count], labels), 'f.npy': columnMajor };
  await folder.file('stored.npz', zipSync(arrays, { level: 0 }));
  await folder.file('deflated.npz', zipSync(arrays));
  await folder.file('large.npz', asLargeArchive(zipSync(arrays, { level: 0 })));
  await mkdir(path.join(folder.path, 'images', 'a'), { recursive: true });
  for (let record = 0; record < 20; record++) {
    const png = new PNG({ width: 8, height: 8 });
    png.data = Buffer.from(Array.from({ length: 64 }, (_, pixel) => [record * 10, pixel, 0, 255]).flat());
    await folder.file(`images/a/${record}.png`, PNG.sync.write(png));
  }
});

const sources: Readonly<Record<string, SourceSpec>> = {
  'NPY of float32': { format: 'npy', features: 'floats.npy', labels: 'labels.npy' },
  'NPY of big-endian float64': { format: 'npy', features: 'big-endian.npy', labels: 'labels.npy' },
  'compressed IDX': { format: 'idx', features: 'floats.idx.gz', labels: 'labels.npy' },
  'IDX of bytes': { format: 'idx', features: 'bytes.idx', labels: 'labels.npy' },
  'HDF5 in compressed chunks': { format: 'hdf5', features: 'arrays.h5', featuresKey: 'x', labelsKey: 'y' },
  'HDF5 in a compressed file, floats': { format: 'hdf5', features: 'arrays.h5.gz', featuresKey: 'x', labelsKey: 'y' },
  'NPY in Fortran order, floats': { format: 'npy', features: 'fortran.npy', labels: 'labels.npy' },
  'compressed NPY in Fortran order, floats': { format: 'npy', features: 'fortran.npy.gz', labels: 'labels.npy' },
  'stored NPZ, floats': { format: 'npz', features: 'stored.npz', featuresKey: 'x', labelsKey: 'y' },
  'deflated NPZ, floats': { format: 'npz', features: 'deflated.npz', featuresKey: 'x', labelsKey: 'y' },
  'stored NPZ in Fortran order, floats': { format: 'npz', features: 'stored.npz', featuresKey: 'f', labelsKey: 'y' },
  'deflated NPZ in Fortran order, floats': { format: 'npz', features: 'deflated.npz', featuresKey: 'f', labelsKey: 'y' },
  'NPZ with a directory for more than 4 GiB, floats': { format: 'npz', features: 'large.npz', featuresKey: 'x', labelsKey: 'y' },
  'two NPY files': { format: 'npy', features: ['floats.npy', 'floats.npy'], labels: ['labels.npy', 'labels.npy'] },
  'a folder of images': { format: 'images', path: 'images' },
};

describe.each(Object.keys(sources))('%s', (name) => {
  test('beyond the memory allowed has the same records and digests', async () => {
    const source = sources[name];
    if (source === undefined) throw new Error(name);
    const whole = await openDataset(source, { base: folder.path });
    const spilled = await openDataset(source, { base: folder.path, residentLimit: 1000 });
    const shuffled = Uint32Array.from({ length: 20 }, (_, index) => (index * 7919) % whole.count);
    expect(await spilled.read(shuffled)).toEqual(await whole.read(shuffled));
    expect(Buffer.from(await spilled.digests()).equals(Buffer.from(await whole.digests()))).toBe(true);
    if (name.includes('float') || name === 'compressed IDX' || name.startsWith('HDF5')) {
      const { features } = await spilled.read(Uint32Array.of(0, 1999, 2001));
      expect(Array.from(features)).toEqual([0, 1999, 2001].flatMap((record) => Array.from({ length: width }, (_, feature) => value(record, feature))));
    }
  });
});

describe('tables that DuckDB does not read itself, larger than it may have in memory', () => {
  // 20,000 texts of 2,000 characters: 40 MB, where 24 MiB are allowed.
  const [rows, memoryLimit] = [20_000, '24MiB'];
  const source = { format: 'arrow', path: 'wide.arrow', label: 'y', features: ['x'] } as const;
  beforeAll(async () => {
    const numbers = Array.from({ length: rows }, (_, row) => row);
    const batch = (first: number): Table => {
      const part = numbers.slice(first, first + 2500);
      return new Table({ id: vectorFromArray(part.map((row) => `p${row}`), new Utf8()), x: vectorFromArray(part.map((row) => row / 4), new Float64()), y: vectorFromArray(part.map((row) => row % 2), new Int32()), note: vectorFromArray(part.map((row) => `${row} `.repeat(400).slice(0, 2000).padEnd(2000, 'x')), new Utf8()) });
    };
    await folder.file('wide.arrow', tableToIPC(numbers.filter((row) => row % 2500 === 0).map(batch).reduce((all, part) => all.concat(part)), 'file'));
  });

  test('give their records and are selected from by id, some rows at a time', async () => {
    const data = await openDataset(source, { base: folder.path, memoryLimit });
    expect(data.count).toBe(rows);
    expect(Array.from((await data.read(Uint32Array.of(0, 2047, 2048, 19_999))).features)).toEqual([0, 2047 / 4, 512, 19_999 / 4]);
    expect(Array.from((await selectForget(source, rows, { ids: { column: 'id', values: ['p2048', 'p19999'] } }, { base: folder.path, memoryLimit })).records)).toEqual([2048, 19_999]);
    const { rows: shown } = await previewSelection(source, data, Uint32Array.of(5, 19_999), { base: folder.path, memoryLimit });
    expect(shown.map((row) => row.slice(0, 3))).toEqual([['5', 'p5', '1.25'], ['19999', 'p19999', '4999.75']]);
  });

  test('need all in memory for a condition, and say so', async () => {
    expect((await userError(selectForget(source, rows, { where: 'x < 1' }, { base: folder.path, memoryLimit }), 'query-memory')).remedy).toContain('Parquet');
    expect((await selectForget(source, rows, { where: 'x < 1' }, { base: folder.path })).records).toEqual(Uint32Array.of(0, 1, 2, 3));
  });
});

describe('files in several blocks', () => {
  test('keep elements together that lie on both sides of a border', async () => {
    // 4 MiB are read at once; the header makes elements of 8 bytes begin at 128 + 8 n, and in the compressed file blocks end anywhere.
    const long = Float64Array.from({ length: 1_200_000 }, (_, index) => (index * 2654435761) % 1000);
    const file = npy('<f8', [1_200_000, 1], long);
    await folder.file('long.npy', file);
    await folder.file('long.npy.gz', gzipSync(file));
    await folder.file('long-labels.npy', npy('|u1', [1_200_000], new Uint8Array(1_200_000)));
    for (const features of ['long.npy', 'long.npy.gz']) {
      const data = await openDataset({ format: 'npy', features, labels: 'long-labels.npy' }, { base: folder.path, residentLimit: 1 << 20 });
      const places = Uint32Array.of(0, 524_271, 524_272, 524_273, 524_287, 524_288, 1_199_999);
      expect(Array.from((await data.read(places)).features)).toEqual(Array.from(places, (place) => long[place]));
    }
  });

  test('that are cut off, too long or lie about their size are refused as small ones are, and at once', async () => {
    const file = await readFile(path.join(folder.path, 'floats.npy'));
    const open = async (content: Uint8Array, format: 'npy' | 'idx' = 'npy'): Promise<unknown> => openDataset({ format, features: await folder.file('odd', content), labels: 'labels.npy' }, { base: folder.path, residentLimit: 1000 });
    await userError(open(file.subarray(0, -1)), 'file-truncated');
    await userError(open(Buffer.concat([file, Buffer.of(0)])), 'file-too-long');
    await userError(open(gzipSync(file.subarray(0, -5))), 'file-truncated');
    await userError(open(gzipSync(Buffer.concat([file, Buffer.of(0)]))), 'file-too-long');
    await userError(open(gzipSync(file).subarray(0, -9)), 'file-truncated');
    await userError(open(npy('<f4', [2 ** 40, 1000], values)), 'file-truncated');
    await userError(open(gzipSync(npy('<f4', [2 ** 40, 1000], values))), 'disk-full');
    await userError(open(gzipSync(npy('<f4', [0, 7], new Float32Array()))), 'data-empty');
    await userError(open(npy('<f4', [2 ** 40, 0], new Float32Array())), 'no-features');
  });

  test('of a damaged archive are refused as such, with any byte of its directory changed', async () => {
    const archive = await readFile(path.join(folder.path, 'stored.npz'));
    const directory = archive.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    for (let at = directory; at < archive.length; at++) {
      const changed = Buffer.from(archive);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      const file = await folder.file('odd.npz', changed);
      const opened = await openDataset({ format: 'npz', features: file, featuresKey: 'x', labelsKey: 'y' }, { base: folder.path }).then(() => undefined, (error: unknown) => error);
      if (opened !== undefined) expect(opened).toBeInstanceOf(UserError);
    }
    const deflated = await readFile(path.join(folder.path, 'deflated.npz'));
    const broken = Buffer.from(deflated);
    broken.fill(0xff, 100, 200);
    await userError(openDataset({ format: 'npz', features: await folder.file('odd.npz', broken), featuresKey: 'x', labelsKey: 'y' }, { base: folder.path }), 'npz-damaged');
  });

  test('that describe more than any disk holds in some kilobytes are refused before anything is written', async () => {
    // A dataset of HDF5 that nothing was written to but its first row has the fill value everywhere, and needs no space.
    await hdf5File('endless.h5', (made) => {
      const dataset = made.create_dataset({ name: 'x', data: new Float32Array(1000), shape: [1, 1000], maxshape: [null, 1000], chunks: [1000, 1000] });
      dataset.resize([2 ** 40, 1000]);
    });
    const size = await userError(openDataset({ format: 'hdf5', features: 'endless.h5', labels: 'labels.npy' }, { base: folder.path }), 'hdf5-size');
    expect(size.message).toContain(`promises ${2 ** 40 * 4000} bytes`);
    // How many times a compressed file is larger unpacked is not known before.
    const endless = await folder.file('endless.npy.gz', gzipSync(npy('<f4', [2 ** 40, 1000], values)));
    const room = await userError(openDataset({ format: 'npy', features: endless, labels: 'labels.npy' }, { base: folder.path }), 'disk-full');
    expect(room.message).toContain('MiB for features');
    expect(room.remedy).toContain('TMPDIR');
  });
});
