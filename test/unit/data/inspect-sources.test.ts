import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { zipSync } from 'fflate';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { columnStatistics } from '../../../src/data/column-statistics';
import { formatOfName, sourceFormatOfName } from '../../../src/data/format-of-name';
import { inspectArrays, inspectLabels } from '../../../src/data/inspect-arrays';
import { inspectImages } from '../../../src/data/inspect-images';
import { inspectTable } from '../../../src/data/inspect-table';
import { findFiles } from '../../../src/data/source-file';
import { tableNames } from '../../../src/data/table-names';
import { idx, npy, useFolder, userError } from './sources';

const folder = useFolder();
const files = async (...names: string[]): ReturnType<typeof findFiles> => findFiles(names, 'data.train.features', { base: folder.path });

beforeAll(async () => {
  await folder.file('t.csv', 'age,city,note\n30,Bern,a\n,Bern,b\n41,Chur,c\n30,,d\n');
  await folder.file('a.idx', idx(8, [3, 2, 2], Array.from({ length: 12 }, () => 0)));
  await folder.file('b.idx', idx(8, [4, 2, 2], Array.from({ length: 16 }, () => 0)));
  await folder.file('x.npy', npy('<f8', [5, 3], new Float64Array(15)));
  await folder.file('objects.npy', npy('|O', [2], new Uint8Array(2)));
  await folder.file('both.npz', zipSync({ 'x.npy': npy('<i8', [2, 2], new BigInt64Array(4)), 'names.npy': npy('|O', [2], new Uint8Array(2)) }));
  await folder.file('labels.json', '[1, 0, 2]');
});

describe('the statistics of columns', () => {
  test('count what is empty and what is different, and list few values in natural order', async () => {
    const { columns } = await inspectTable('t.csv', { base: folder.path, statistics: true });
    expect(columns.map(({ name, statistics }) => [name, statistics?.empty, statistics?.distinct, statistics?.values])).toEqual([
      ['age', 1, 2, ['30', '41']],
      ['city', 1, 2, ['Bern', 'Chur']],
      ['note', 0, 4, ['a', 'b', 'c', 'd']],
    ]);
  });

  test('list no more values than people can look through', async () => {
    await folder.file('many.csv', `id\n${Array.from({ length: 3000 }, (_, id) => `p${id}`).join('\n')}\n`);
    const { columns: [id] } = await inspectTable('many.csv', { base: folder.path, statistics: true });
    expect(id?.statistics?.values).toBeUndefined();
    // HyperLogLog with 64 registers and more is within 13 % almost surely; it is deterministic for the same values.
    expect(Math.abs((id?.statistics?.distinct ?? 0) / 3000 - 1)).toBeLessThan(0.13);
  });

  test('speak of the first columns of a wide table', async () => {
    await folder.file('wide.csv', `${Array.from({ length: 300 }, (_, column) => `c${column}`).join(',')}\n${'1,'.repeat(299)}1\n`);
    const { columns } = await inspectTable('wide.csv', { base: folder.path, statistics: true });
    expect(columns.filter(({ statistics }) => statistics !== undefined)).toHaveLength(200);
    expect(columns).toHaveLength(300);
  });

  test('of a table without columns are none', async () => {
    expect(await columnStatistics({ columns: [] } as unknown as Parameters<typeof columnStatistics>[0], 0)).toEqual([]);
  });
});

describe('the inspection of arrays', () => {
  test('gives types and shapes, several files along the first dimension', async () => {
    expect(await inspectArrays(await files('a.idx', 'b.idx'), 'idx')).toEqual([{ key: undefined, type: 'uint8', shape: [7, 2, 2] }]);
    expect(await inspectArrays(await files('x.npy'), 'npy')).toEqual([{ key: undefined, type: 'float64', shape: [5, 3] }]);
  });

  test('lists the arrays of an archive, those of Python objects as unreadable', async () => {
    expect(await inspectArrays(await files('both.npz'), 'npz')).toEqual([{ key: 'x', type: 'int64', shape: [2, 2] }, { key: 'names', type: undefined, shape: [] }]);
    await userError(inspectArrays(await files('objects.npy'), 'npy'), 'npy-type');
    await userError(inspectArrays(await files('a.idx'), 'npz'), 'npz-damaged');
  });

  test('lists the datasets of an HDF5 file by their paths', async () => {
    const [file] = await findFiles('test/fixtures/data/arrays.h5', 'data.train.features');
    if (file === undefined) throw new Error('no fixture');
    const found = await inspectArrays([file], 'hdf5');
    expect(found.length).toBeGreaterThan(1);
    expect(found.every(({ key }) => key !== undefined)).toBe(true);
  });

  test('tells the format of labels from their first bytes', async () => {
    expect(await inspectLabels(await files('labels.json'))).toEqual([{ key: undefined, type: 'JSON', shape: [3] }]);
    expect(await inspectLabels(await files('a.idx'))).toEqual([{ key: undefined, type: 'uint8', shape: [3, 2, 2] }]);
  });

  test('of images lists paths and classes, and decodes the first alone', async () => {
    for (const [place, content] of [['cat/1.png', PNG.sync.write(new PNG({ width: 5, height: 4, colorType: 2 }), { colorType: 2 })], ['dog/1.png', 'no image']] as const) {
      await mkdir(path.join(folder.path, 'images', path.dirname(place)), { recursive: true });
      await writeFile(path.join(folder.path, 'images', place), content);
    }
    const found = await inspectImages({ format: 'images', path: 'images' }, 'data.train', { base: folder.path, statistics: true });
    expect(found.shape).toEqual([4, 5, 3]);
    expect(found.rows).toBe(2);
    expect(found.columns.map(({ name, statistics }) => [name, statistics?.values])).toEqual([['path', ['cat/1.png', 'dog/1.png']], ['label', ['cat', 'dog']]]);
  });
});

describe('the tables of a database', () => {
  test('of DuckDB are listed, and not the views, of which none can be a source', async () => {
    const file = path.join(folder.path, 'd.duckdb');
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run('create table people (id int); create view old as select * from people; create schema s; create table s.other (a int)');
    connection.closeSync();
    instance.closeSync();
    const [found] = await files('d.duckdb');
    if (found === undefined) throw new Error('no file');
    expect((await tableNames(found, 'duckdb')).sort()).toEqual(['people', 's.other']);
  });

  test('of a file that is none are an error', async () => {
    const [found] = await files('t.csv');
    if (found === undefined) throw new Error('no file');
    await userError(tableNames(found, 'duckdb'), 'table-unreadable');
    await userError(tableNames(found, 'sqlite'), 'sqlite-damaged');
  });
});

describe('the format that a name suggests', () => {
  test.each([
    ['ratings.csv', 'csv'], ['a.tsv.gz', 'tsv'], ['x.parquet', 'parquet'], ['lines.ndjson', 'jsonl'], ['d.duckdb', 'duckdb'], ['d.sqlite3', 'sqlite'], ['t.arrow', 'arrow'], ['t.feather', 'arrow'],
    ['train-images-idx3-ubyte.gz', 'idx'], ['t10k-labels.idx1-ubyte', 'idx'], ['a.idx', 'idx'], ['x.npy', 'npy'], ['mnist.npz', 'npz'], ['data.hdf5', 'hdf5'], ['data.h5', 'hdf5'],
    ['data_batch_1.bin', 'cifar10'], ['train.bin', 'cifar100'], ['sheet.png', 'png'], ['notes.txt', undefined], ['model.json', undefined], ['idxfile.txt', undefined],
  ] as const)('%s: %s', (name, format) => {
    expect(sourceFormatOfName(name)).toBe(format);
  });

  test('of a table leaves arrays out', () => {
    expect(formatOfName('x.npy')).toBeUndefined();
  });
});
