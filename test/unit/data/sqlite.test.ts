import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { inspectTable } from '../../../src/data/inspect-table';
import { openDataset } from '../../../src/data/open-dataset';
import { selectForget } from '../../../src/data/select-forget';
import type { SourceDataset } from '../../../src/data/source-dataset';
import type { TableSource } from '../../../src/data/source-spec';
import { SqliteFile } from '../../../src/data/sqlite-file';
import { parseCreateTable } from '../../../src/data/sqlite-schema';
import { useFolder, userError } from './sources';

const folder = useFolder();
const fixture = (name: string): Promise<Uint8Array> => readFile(path.join(__dirname, '../../fixtures/data', name));
const inMemory = (bytes: Uint8Array): SqliteFile => new SqliteFile((start, length) => Buffer.from(bytes.subarray(start, start + length)), bytes.length);
const source: TableSource = { format: 'sqlite', path: 'small.sqlite', table: 'people', label: 'y', features: ['id', 'x, y'] };
const open = (changes: Partial<TableSource> = {}): Promise<SourceDataset> => openDataset({ ...source, ...changes }, { base: folder.path });

beforeAll(async () => {
  for (const name of ['small.sqlite', 'utf16.sqlite']) await folder.file(name, await fixture(name));
});

describe('SQLite files', () => {
  test('give the rows of a table in the order of their rowids, from trees of several levels', async () => {
    const data = await open();
    const { features, labels } = await data.read(Uint32Array.from({ length: 300 }, (_, record) => record));
    const ids = Array.from({ length: 300 }, (_, record) => record + 1); // see make_sqlite.py
    expect(Array.from(features)).toEqual(ids.flatMap((id) => [id, id / 4]));
    expect(Array.from(labels)).toEqual(ids.map((id) => id % 3));
  });

  test('give texts longer than a page, large integers, missing values and the sizes of blobs', async () => {
    const [, , , row] = [...inMemory(await fixture('small.sqlite')).rows(await rootOf('people'))].slice(295);
    expect(row).toEqual({ rowid: 299n, values: [null, 74.75, 2, 'n299', 'abcde'.repeat(299), BigInt(2 ** 53) + 299n, { blobSize: 3 }] });
    const { columns } = await inspectTable('small.sqlite', { base: folder.path, format: 'sqlite', table: 'people' });
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['id BIGINT', 'x, y DOUBLE', 'y BIGINT', 'name VARCHAR', 'note VARCHAR', 'big BIGINT', 'photo VARCHAR']);
  });

  test('are selected from like any table', async () => {
    const select = async (where: string): Promise<number[]> => Array.from((await selectForget(source, 300, { where }, { base: folder.path })).records);
    expect(await select('name is null and id < 20')).toEqual([6, 13]);
    expect(await select('big = 9007199254740993')).toEqual([0]); // 2^53 + 1, which float64 cannot hold
    expect(await select('length(note) = 1495')).toEqual([298]);
  });

  test('may be in UTF-16, and have columns that hold one type here and another there', async () => {
    expect((await inspectTable('utf16.sqlite', { base: folder.path, format: 'sqlite' })).columns).toEqual([
      { name: 'id', type: 'BIGINT', numeric: true, samples: ['5', '9'] },
      { name: 'name', type: 'VARCHAR', numeric: false, samples: ['Zürich', '日本'] },
    ]);
    expect((await inspectTable('small.sqlite', { base: folder.path, format: 'sqlite', table: 'mixed' })).columns[0]).toEqual({ name: 'v', type: 'VARCHAR', numeric: false, samples: ['1', '2.5', 'three'] });
    expect((await inspectTable('small.sqlite', { base: folder.path, format: 'sqlite', table: 'codes' })).columns[1]?.samples).toEqual(['-1', String(-(2 ** 40)), '4611686018427387904']);
  });

  test('tell long integers apart beside fractions, and hold whole numbers beyond 64 bits', async () => {
    await folder.file('long.sqlite', await fixture('long.sqlite'));
    const long: TableSource = { format: 'sqlite', path: 'long.sqlite', label: 'y', features: ['x'] };
    const select = async (id: string): Promise<number[]> => Array.from((await selectForget(long, 3, { ids: { column: 'id', values: [id] } }, { base: folder.path })).records);
    expect(await select('9007199254740993')).toEqual([0]);
    expect(await select('9007199254740992')).toEqual([1]);
    const { features } = await (await openDataset(long, { base: folder.path })).read(Uint32Array.of(0, 1, 2));
    expect(Array.from(features)).toEqual([1e20, 3e20, 0.5].map(Math.fround));
  });

  test('must be told which table, and have it row by row', async () => {
    expect(await userError(open({ table: undefined }), 'table-missing')).toMatchObject({ field: 'data.table', message: 'say which table is meant. Its tables are: people, codes, keyed, mixed, later, few.' });
    for (const table of ['few', 'keyed', 'later']) await userError(open({ table }), 'sqlite-unsupported');
  });

  test('that another program has not finished writing are refused', async () => {
    await folder.file('busy.sqlite', await fixture('utf16.sqlite'));
    await folder.file('busy.sqlite-wal', 'x');
    await userError(open({ path: 'busy.sqlite' }), 'sqlite-open');
  });

  test('that are none, or damaged, are refused', async () => {
    const bytes = await fixture('utf16.sqlite');
    for (const bad of [Buffer.from('not a database'), bytes.subarray(0, -1000)]) {
      await folder.file('bad.sqlite', bad);
      await userError(open({ path: 'bad.sqlite' }), 'sqlite-damaged');
    }
  });

  test('with any byte changed are read or refused, and never hang', async () => {
    const good = await fixture('utf16.sqlite');
    await fc.assert(fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), (position, value) => {
      const bad = Uint8Array.from(good);
      bad[position] = value;
      try {
        const file = inMemory(bad);
        for (const root of [1, 2, 3]) expect([...file.rows(root)].length).toBeLessThan(10_000);
      } catch (error) {
        expect(error instanceof RangeError || error instanceof TypeError).toBe(true); // the decoder's error for text that is none is a TypeError
      }
      return Promise.resolve();
    }), { numRuns: 500 });
  });
});

describe('the columns of a table', () => {
  test.each<[string, string[]]>([
    ['create table t (a, b text)', ['a', 'b']],
    ['CREATE TABLE "t x"("a b" INTEGER PRIMARY KEY AUTOINCREMENT, [c,d] numeric(10,2), `e``f` default (1, 2))', ['a b*', 'c,d', 'e`f']],
    ['create table t (id INTEGER, b, primary key (id), check (b > (1)))', ['id*', 'b']],
    ['create table t (id int primary key, b)', ['id', 'b']], // only "integer" is the rowid
    ['create table t (id integer primary key desc, b)', ['id', 'b']], // a quirk that SQLite keeps for old files
    ['create table t (a integer, b integer, primary key (a, b))', ['a', 'b']],
    ['create table t (a -- b,\n, c /* , d */)', ['a', 'c']],
  ])('%s', (sql, expected) => {
    expect(parseCreateTable(sql)?.map(({ name, isRowid }) => name + (isRowid ? '*' : ''))).toEqual(expected);
  });

  test.each(['create virtual table t using fts5(a)', 'create table t (k primary key) without rowid', 'create table t (a, b as (a + 1))', 'create view v as select 1', ''])('are not told of: %s', (sql) => {
    expect(parseCreateTable(sql)).toBeUndefined();
  });
});

async function rootOf(name: string): Promise<number> {
  const schema = [...inMemory(await fixture('small.sqlite')).rows(1)];
  return Number(schema.find(({ values }) => values[1] === name)?.values[3]);
}
