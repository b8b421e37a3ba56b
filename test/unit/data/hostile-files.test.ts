import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { makeData, Null, Table, tableToIPC, Vector } from 'apache-arrow';
import { zipSync } from 'fflate';
import * as hdf5 from 'h5wasm';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../../src/data/open-dataset';
import { columnStatistics } from '../../../src/data/column-statistics';
import { decodeImage } from '../../../src/data/image-source';
import { inspectArrays } from '../../../src/data/inspect-arrays';
import { inspectTable } from '../../../src/data/inspect-table';
import { decodePng } from '../../../src/data/png';
import { findFile, readFileBytes } from '../../../src/data/source-file';
import type { SourceSpec } from '../../../src/data/source-spec';
import { SqliteFile } from '../../../src/data/sqlite-file';
import { parseCreateTable } from '../../../src/data/sqlite-schema';
import type { Table as OpenTable } from '../../../src/data/table';
import { crc32 } from '../../../src/model/zip/crc32';
import { idx, npy, thrownUserError, useFolder, userError } from './sources';

/**
 * Files that are made to take all time or memory, each a few kilobytes. Without the check that a test is about, it would not end, or not within
 * the memory of the process, or the file would be read as if nothing were wrong with it.
 */

const folder = useFolder();
const fixture = (name: string): Promise<Buffer> => readFile(join(__dirname, '..', '..', 'fixtures', 'data', name));
const open = (source: SourceSpec): Promise<unknown> => openDataset(source, { base: folder.path });

describe('what is read as a whole', () => {
  test('may be no larger than memory allows, whether it is compressed or not', async () => {
    const plain = await findFile(await folder.file('plain.json', Buffer.alloc(5000, ' ')), 'data', { base: folder.path });
    const packed = await findFile(await folder.file('packed.json', gzipSync(Buffer.alloc(5_000_000, ' '))), 'data', { base: folder.path });
    expect(packed.size).toBeLessThan(10_000);
    await userError(readFileBytes(plain, 4999), 'file-too-large');
    expect(await userError(readFileBytes(packed, 4_999_999), 'file-too-large')).toMatchObject({ file: 'packed.json', field: 'data' });
    expect((await readFileBytes(plain, 5000)).length).toBe(5000);
    expect((await readFileBytes(packed, 5_000_000)).length).toBe(5_000_000);
  });

  test('are labels: more than memory holds are refused by their shape', async () => {
    await folder.file('x.npy', npy('<f4', [2, 1], Float32Array.of(1, 2)));
    // How many bytes follow is not known of a compressed file before they are read.
    const labels = await folder.file('y.idx.gz', gzipSync(idx(8, [2, 2 ** 27], [0, 1])));
    const error = await userError(open({ format: 'npy', features: 'x.npy', labels }), 'labels-too-many');
    expect(error.message).toContain(`[2, ${2 ** 27}]`);
  });
});

test('a tokenizer that claims millions of tokens cannot make as many features of each record', async () => {
  const config = { word_index: JSON.stringify({ word: 1 }), num_words: 2 ** 24, split: ' ', filters: '' };
  await folder.file('tokenizer.json', JSON.stringify({ class_name: 'Tokenizer', config }));
  await folder.file('t.csv', `text,label\n${'word,1\n'.repeat(600)}`);
  // 600 records of 2^24 numbers of 4 bytes are 37.5 GiB.
  const source = { format: 'csv', path: 't.csv', label: 'label', features: [{ column: 'text', tokenizer: 'tokenizer.json', as: 'counts' }] } as const;
  expect((await userError(open(source), 'features-too-many')).message).toContain('16,777,216 features');
});

describe('JSON Lines', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const line = (value: string): string => `{"x": 1, "label": 0, "more": ${value}}\n`;
  const table = (path: string): Promise<unknown> => open({ format: 'jsonl', path, label: 'label', features: ['x'] });

  test('of lists within lists beyond all measure are refused: DuckDB would end the process', async () => {
    for (const [name, text] of [
      ['first.jsonl', line(nested(200_000)) + line('1')],
      ['last.jsonl', line('1').repeat(3) + line(nested(1000))], // and the object itself
      ['objects.jsonl', line('1') + line(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`)],
      // A block has four million bytes, and the deep line begins in the first.
      ['border.jsonl', line('1') + line(`["${'x'.repeat(4_190_000)}", ${nested(5000)}]`)],
    ] as const) {
      expect((await userError(table(await folder.file(name, text)), 'table-nesting')).file).toBe(name);
      expect((await userError(table(await folder.file(`${name}.gz`, gzipSync(text))), 'table-nesting')).file).toBe(`${name}.gz`);
    }
  });

  test('are read where brackets are in texts, on other lines, or not so deep', async () => {
    const bracketed = JSON.stringify(`\\"${'['.repeat(3000)}`);
    await folder.file('fine.jsonl', line(bracketed) + line(`[${'[],'.repeat(3000)}[]]`) + line(nested(400)));
    expect(await table('fine.jsonl')).toMatchObject({ count: 3 });
    await folder.file('many.jsonl', line(nested(10)).repeat(500));
    expect(await table('many.jsonl')).toMatchObject({ count: 500 });
  });
});

describe('images', () => {
  test('of more pixels than a JPEG of so few bytes can hold are refused before they are decoded', async () => {
    const jpeg = await fixture('grey.jpg');
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    jpeg.writeUInt16BE(16_000, frame + 5);
    jpeg.writeUInt16BE(16_000, frame + 7);
    expect((await thrownUserError(() => decodeImage(jpeg, {}), 'image-damaged')).message).toContain('promises 16000 × 16000 pixels');
  });

  /** A PNG with another header or other pixels, and the checksums of these. */
  const changed = (png: Buffer, change: (header: Buffer) => void, pixels?: Buffer): Buffer => {
    const chunk = (type: string, data: Buffer): Buffer => {
      const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)]);
      bytes.writeUInt32BE(data.length, 0);
      bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
      return bytes;
    };
    const header = Buffer.from(png.subarray(16, 29));
    change(header);
    const rest = pixels === undefined ? png.subarray(33) : Buffer.concat([chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
    return Buffer.concat([png.subarray(0, 8), chunk('IHDR', header), rest]);
  };

  test('of more pixels than a PNG of so few bytes can hold too', async () => {
    const bad = changed(await fixture('palette.png'), (header) => {
      header.writeUInt32BE(16_384, 0);
      header.writeUInt32BE(16_384, 4);
    });
    expect((await thrownUserError(() => decodePng(bad), 'image-damaged')).message).toContain('16384 × 16384 pixels in');
  });

  test('whose rows go on behind the last one are refused, also where they are interlaced', async () => {
    const image = new PNG({ width: 8, height: 8 });
    image.data.fill(255);
    const grey = (interlaced: 0 | 1): Buffer => changed(PNG.sync.write(image, { colorType: 0 }), (header) => (header[12] = interlaced), deflateSync(Buffer.alloc(1 << 20)));
    for (const interlaced of [0, 1] as const) await thrownUserError(() => decodePng(grey(interlaced)), 'image-damaged');
  });
});

test('an Arrow file of nothing but missing values cannot claim any number of them', async () => {
  const missing = (length: number): Uint8Array => tableToIPC(new Table({ x: new Vector([makeData({ type: new Null(), length })]) }), 'file');
  const inspect = async (length: number): Promise<unknown> => inspectTable(await folder.file('missing.arrow', missing(length)), { base: folder.path });
  expect(missing(2 ** 31 - 1).length).toBeLessThan(400);
  await userError(inspect(2 ** 31 - 1), 'arrow-damaged');
  expect(await inspect(5000)).toMatchObject({ rows: 5000 });
});

test('lists of a damaged database that are no JSON are an error of its file', async () => {
  // What DuckDB gave for a text whose bytes had been changed: nothing at all.
  const table = { columns: [{ name: 'a', type: 'VARCHAR' }], where: { file: 'x.duckdb' }, rows: (sql: string) => Promise.resolve(sql.includes('to_json') ? [['']] : [[1n, 1n]]) };
  expect((await userError(columnStatistics(table as unknown as OpenTable, 1), 'table-unreadable')).file).toBe('x.duckdb');
});

describe('an SQLite file', () => {
  test('whose cells all lead to the same row has more bytes in its rows than in all, and is refused', async () => {
    const bytes = await fixture('utf16.sqlite');
    const pageSize = bytes.readUInt16BE(16);
    const inMemory = (): SqliteFile => new SqliteFile((start, length) => bytes.subarray(start, start + length), bytes.length);
    const good = [...inMemory().rows(2)];
    expect(good.length).toBeGreaterThan(0);
    const first = bytes.readUInt16BE(pageSize + 8);
    const cells = 1000;
    bytes.writeUInt16BE(cells, pageSize + 3);
    for (let cell = 0; cell < cells; cell += 1) bytes.writeUInt16BE(first, pageSize + 8 + 2 * cell);
    expect(() => [...inMemory().rows(2)]).toThrow('rows of more bytes than the file has');
  });

  test('whose statements are all beginnings of comments, or longer than SQLite takes, is read no further', () => {
    expect(parseCreateTable(`create table t (a, b) ${'/*'.repeat(400_000)}`)?.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(parseCreateTable(`create table t (a, ${'b, '.repeat(400_000)} c)`)).toBeUndefined();
  });
});

test('an archive whose entries share their bytes is refused before any of them is unpacked', async () => {
  const zip = Buffer.from(zipSync({ 'x.npy': npy('|u1', [3, 1], Uint8Array.of(1, 2, 3)), 'y.npy': npy('|u1', [3], Uint8Array.of(0, 1, 0)) }));
  const directory = zip.indexOf('PK\u0001\u0002');
  const end = zip.subarray(-22);
  const archive = async (times: number): Promise<string> => {
    const entries = Buffer.concat(Array.from({ length: times }, () => zip.subarray(directory, -22)));
    end.writeUInt16LE(2 * times, 10);
    end.writeUInt32LE(entries.length, 12);
    return folder.file('overlapping.npz', Buffer.concat([zip.subarray(0, directory), entries, end]));
  };
  const inspect = async (name: string): Promise<unknown> => inspectArrays([await findFile(name, 'data', { base: folder.path })], 'npz');
  expect(await inspect(await archive(1))).toHaveLength(2);
  // Two entries of some 150 bytes 10,000 times: 3 MB in a file of 1 MB, and of entries that expand a thousandfold 1000 times as many.
  await userError(inspect(await archive(10_000)), 'npz-damaged');
});

describe('an HDF5 file', () => {
  const write = async (name: string, fill: (file: hdf5.File) => void): Promise<string> => {
    const { FS } = await hdf5.ready;
    const file = new hdf5.File('/hostile.h5', 'w');
    fill(file);
    file.close();
    const bytes = FS.readFile('/hostile.h5');
    FS.unlink('/hostile.h5');
    return folder.file(name, bytes);
  };
  const source = { format: 'hdf5', featuresKey: 'x', labelsKey: 'y' } as const;
  const fillBoth = (file: hdf5.File): void => {
    file.create_dataset({ name: 'x', data: Float32Array.of(1, 2), shape: [2, 1] });
    file.create_dataset({ name: 'y', data: Uint8Array.of(0, 1), shape: [2] });
  };
  beforeAll(() => hdf5.ready);

  test('whose groups hold themselves is refused where it has to be looked through, and read where the dataset is named', async () => {
    const name = await write('circle.h5', (file) => {
      fillBoth(file);
      const group = file.create_group('g');
      for (const link of ['one', 'two']) group.create_hard_link('/g', link);
    });
    await userError(open({ ...source, features: name, featuresKey: undefined }), 'hdf5-damaged');
    await userError(findFile(name, 'data', { base: folder.path }).then((file) => inspectArrays([file], 'hdf5')), 'hdf5-damaged');
    expect(await open({ ...source, features: name })).toMatchObject({ count: 2 });
  });

  test('of too many groups likewise', async () => {
    const name = await write('many.h5', (file) => {
      fillBoth(file);
      for (let index = 0; index < 10_000; index += 1) file.create_group(`g${index}`);
    });
    await userError(open({ ...source, features: name, featuresKey: undefined }), 'hdf5-objects');
    expect(await open({ ...source, features: name })).toMatchObject({ count: 2 });
  });

  test('that says its data lie in pieces larger than it could ever hold is refused before room is made for one', async () => {
    const name = await write('piece.h5', (file) => {
      const dataset = file.create_dataset({ name: 'x', data: new Float32Array(), shape: [0, 1], maxshape: [null, null], chunks: [2 ** 14, 2 ** 14] });
      dataset.resize([2, 1]);
      file.create_dataset({ name: 'y', data: Uint8Array.of(0, 1), shape: [2] });
    });
    expect((await userError(open({ ...source, features: name }), 'hdf5-size')).message).toContain(`promises ${2 ** 30} bytes`);
  });
});
