import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SourceDataset } from '../../../src/data/source-dataset';
import { openDataset } from '../../../src/data/open-dataset';
import { selectForget } from '../../../src/data/select-forget';
import type { TableSource } from '../../../src/data/source-spec';
import { runSql, useFolder, userError } from './sources';

const folder = useFolder();

async function openText(text: string | Uint8Array, changes: Partial<TableSource> = {}): Promise<SourceDataset> {
  const name = await folder.file('table.csv', text);
  return openDataset({ format: 'csv', path: name, label: 'y', features: ['a', 'b'], ...changes }, { base: folder.path });
}

async function all(data: SourceDataset): Promise<{ features: number[]; labels: number[] }> {
  const batch = await data.read(Uint32Array.from({ length: data.count }, (_, record) => record));
  return { features: Array.from(batch.features), labels: Array.from(batch.labels) };
}

describe('CSV tables', () => {
  test('give features in the order asked for and labels', async () => {
    const data = await openText('y,b,a\n0,2,1\n1,4,3\n');
    expect(await all(data)).toEqual({ features: [1, 2, 3, 4], labels: [0, 1] });
    expect(data).toMatchObject({ featureShape: [2], count: 2, classCount: 2 });
  });

  test('take a shape and columns by the beginning of their names', async () => {
    const data = await openText('p0,p1,y,p2,p3,q\n1,2,0,3,4,9\n', { features: ['p*', 'q'], shape: [5, 1] });
    expect(await all(data)).toEqual({ features: [1, 2, 3, 4, 9], labels: [0] });
    expect(data.featureShape).toEqual([5, 1]);
  });

  test('name classes by text', async () => {
    const data = await openText('a,b,y\n1,2,spam\n1,2,"ham"\n', { classes: ['ham', 'spam'] });
    expect(Array.from(data.labels)).toEqual([1, 0]);
    expect((await userError(openText('a,b,y\n1,2,eggs\n', { classes: ['ham', 'spam'] }), 'label-unknown')).message).toContain('"eggs"');
    expect((await userError(openText('a,b,y\n1,2,spam\n'), 'label-not-integer')).remedy).toContain('classes');
  });

  test('may hold numeric classes as decimals', async () => {
    expect(Array.from((await openText('a,b,y\n1,2,3.0\n1,2,7.0\n', { classes: [3, 7] })).labels)).toEqual([0, 1]);
  });

  test('keep quoted line breaks, commas and quotes together', async () => {
    expect(await all(await openText('a,note,b,y\r\n1,"x, ""y""\r\nz",2,0\r\n3,,4,1\r\n'))).toEqual({ features: [1, 2, 3, 4], labels: [0, 1] });
  });

  test('keep every line, also those that look like comments or preambles', async () => {
    expect((await openText('name,a,b,y\n#1,1,2,0\n"# 2",3,4,1\n')).count).toBe(2);
  });

  test('use another delimiter when told to', async () => {
    expect(await all(await openText('a;b;y\n1;2;0\n', { delimiter: ';' }))).toEqual({ features: [1, 2], labels: [0] });
    expect((await userError(openText('a;b;y\n1;2;0\n'), 'column-missing')).message).toContain('a;b;y');
  });

  test('may be compressed, may begin with a byte order mark and may be tab-separated', async () => {
    const text = 'a,b,y\n1,2,0\n';
    await folder.file('t.csv.gz', gzipSync(text));
    await folder.file('t.tsv', text.replaceAll(',', '\t'));
    expect((await openText(text, { path: 't.csv.gz' })).count).toBe(1);
    expect((await openText(text, { path: 't.tsv', format: 'tsv' })).count).toBe(1);
    expect((await openText(`\ufeff${text}`)).count).toBe(1);
  });

  test('are found under names that look like patterns', async () => {
    await folder.file('data[1].csv', 'a,b,y\n1,2,0\n');
    await folder.file('data1.csv', 'a,b,y\n9,9,9\n');
    expect((await all(await openText('', { path: 'data[1].csv' }))).labels).toEqual([0]);
  });

  test('without such a column are refused, listing those there are', async () => {
    const error = await userError(openText('a,c,y\n1,2,0\n'), 'column-missing');
    expect(error).toMatchObject({ file: 'table.csv', field: 'data.features[1]' });
    expect(error.message).toBe('has no column "b". Its columns are: a, c, y.');
    expect((await userError(openText('a,b\n1,2\n'), 'column-missing')).field).toBe('data.label');
    expect((await userError(openText('a,b,y\n1,2,0\n', { features: ['x*'] }), 'column-missing')).field).toBe('data.features[0]');
    expect((await userError(openText('A,b,y\n1,2,0\n'), 'column-missing')).message).toContain('A, b, y');
  });

  test.each([['empty', '', 'is empty (NULL)'], ['not a number', 'nan', '"nan"'], ['infinite', 'inf', '"inf"'], ['text', 'seven', '"seven"']])('with a feature that is %s are refused, naming record, column and content', async (_, cell, shown) => {
    const error = await userError(openText(`a,b,y\n1,2,0\n3,${cell},1\n`), 'feature-not-finite');
    expect(error).toMatchObject({ file: 'table.csv', field: 'data.features' });
    expect(error.message).toContain('record 1, column "b"');
    expect(error.message).toContain(shown);
  });

  test('with text that spells numbers are read as those numbers', async () => {
    expect((await all(await openText('a,b,y\n"1"," 2 ",0\n'))).features).toEqual([1, 2]);
  });

  test('with a missing label are refused, naming the record', async () => {
    expect(await userError(openText('a,b,y\n1,2,0\n3,4,\n'), 'label-missing')).toMatchObject({ message: 'record 1 has no label.', field: 'data.label' });
  });

  test('whose label is also a feature are refused', async () => {
    await userError(openText('a,b,y\n1,2,0\n', { features: ['a', 'y'] }), 'label-is-feature');
  });

  test('that are empty, or only a header, are refused', async () => {
    await userError(openText(''), 'file-empty');
    await userError(openText('a,b,y\n'), 'data-empty');
  });

  test('with lines of other lengths or unclosed quotes are refused, not repaired', async () => {
    await userError(openText('a,b,y\n1,2,0\n1,2\n1,2,0\n'), 'table-damaged');
    await userError(openText('a,b,y\n1,2,0\n1,2,0,5\n'), 'table-damaged');
    await userError(openText('a,b,y\n1,2,0\n1,"2,0\n'), 'table-damaged');
    await userError(openText('exported 2025\na,b,y\n1,2,0\n'), 'table-damaged');
  });

  test('in another encoding than UTF-8 are refused', async () => {
    await userError(openText(Buffer.from('a,b,y,n\n1,2,0,caf\xe9\n', 'latin1')), 'table-encoding');
    await userError(openText(Buffer.from('\ufeffa,b,y\n1,2,0\n', 'utf16le')), 'table-encoding');
  });

  test('with a million columns are refused at once, with advice', async () => {
    const names = Array.from({ length: 1_000_000 }, (_, column) => `c${column}`);
    const error = await userError(openText(`${names.join(',')}\n${names.map(() => '1').join(',')}\n`, { features: ['c*'] }), 'too-many-columns');
    expect(error.remedy).toContain('.npy');
  });

  test('of thousands of columns are read, from whatever file', async () => {
    const names = Array.from({ length: 3000 }, (_, column) => `c${column}`);
    const row = (first: number): string => names.map((_, column) => String(first + column)).join(',');
    const csv = await openText(`${names.join(',')},y\n${row(0)},0\n${row(1)},1\n`, { features: ['c*'] });
    await folder.file('wide.jsonl', [0, 1].map((first) => `{${names.map((name, column) => `"${name}":${first + column}`).join(',')},"y":${first}}\n`).join(''));
    const jsonl = await openDataset({ format: 'jsonl', path: 'wide.jsonl', label: 'y', features: ['c*'] }, { base: folder.path });
    expect(await all(jsonl)).toEqual(await all(csv));
    expect(csv.featureShape).toEqual([3000]);
  });

  test('with a million columns are refused before they are read, whatever the file', async () => {
    const keys = Array.from({ length: 1_000_000 }, (_, column) => `"c${column}":1`);
    for (const line of [keys.slice(0, 30_000), keys]) {
      await folder.file('too-wide.jsonl', `{${line.join(',')}}\n`);
      await userError(openDataset({ format: 'jsonl', path: 'too-wide.jsonl', label: 'y', features: ['c*'] }, { base: folder.path }), 'too-many-columns');
    }
    // The metadata of a Parquet file of a million columns: a version, then a list of 1,000,001 (0xf4241) elements of the schema.
    const metadata = Buffer.of(0x15, 0x04, 0x19, 0xfc, 0xc1, 0x84, 0x3d, 0, 0, 0, 0, 0);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(metadata.length);
    await folder.file('too-wide.parquet', Buffer.concat([Buffer.from('PAR1'), metadata, length, Buffer.from('PAR1')]));
    await userError(openDataset({ format: 'parquet', path: 'too-wide.parquet', label: 'y', features: ['c*'] }, { base: folder.path }), 'too-many-columns');
  });

  test('with a line beyond all measure are refused', async () => {
    await userError(openText(`a,b,y,n\n1,2,0,${'x'.repeat(3_000_000)}\n`), 'table-damaged');
  });

  test('give back any finite float32 numbers that were written', async () => {
    const row = fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true }), fc.nat({ max: 1000 }));
    const rows = fc.array(row, { minLength: 1, maxLength: 20 }).filter((table) => table.flat().every((value) => Math.abs(value) < 2 ** 24 || !Number.isInteger(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER));
    await fc.assert(fc.asyncProperty(rows, async (table) => {
      const found = await all(await openText(`a,b,y\n${table.map((cells) => cells.join(',')).join('\n')}\n`));
      expect(found).toEqual({ features: table.flatMap(([a, b]) => [a + 0, b + 0]), labels: table.map(([, , y]) => y) });
    }), { numRuns: 30 });
  });
});

describe('Parquet tables', () => {
  const parquet = async (select: string, changes: Partial<TableSource> = {}): Promise<SourceDataset> => {
    await runSql(`copy (${select}) to '${path.join(folder.path, 'table.parquet')}' (format parquet, row_group_size 2048)`);
    return openDataset({ format: 'parquet', path: 'table.parquet', label: 'y', features: ['a'], ...changes }, { base: folder.path });
  };

  test('keep the order of the file over row groups and chunks', async () => {
    const data = await parquet('select range as a, range % 3 as y from range(10000)');
    const batch = await data.read(Uint32Array.of(9999, 0, 5000, 2047, 2048));
    expect(Array.from(batch.features)).toEqual([9999, 0, 5000, 2047, 2048]);
    expect(Array.from(batch.labels)).toEqual([0, 0, 2, 1, 2]);
  });

  test.each(['utinyint', 'smallint', 'bigint', 'hugeint', 'float', 'double', 'decimal(9, 2)', 'boolean', 'varchar'])('give numbers from columns of type %s', async (type) => {
    expect((await all(await parquet(`select v::${type} as a, 0 as y from (values (1), (0)) t(v)`))).features).toEqual([1, 0]);
  });

  test('give as many features as the lists of a column have', async () => {
    const lists = await parquet('select [1, 2, 3]::float[] as a, 7 as b, 0 as y union all select [4, 5, 6], 8, 1', { features: ['a', 'b'] });
    expect((await all(lists)).features).toEqual([1, 2, 3, 7, 4, 5, 6, 8]);
    const arrays = await parquet('select [1, 2]::double[2] as a, 0 as y', { shape: [2, 1] });
    expect((await all(arrays)).features).toEqual([1, 2]);
  });

  test('refuse lists of different lengths, missing lists and missing numbers in lists', async () => {
    expect((await userError(parquet('select [1, 2] as a, 0 as y union all select [3], 1'), 'shape-mismatch')).message).toContain('record 1');
    await userError(parquet('select [1, 2] as a, 0 as y union all select null, 1'), 'feature-not-finite');
    await userError(parquet('select [1, null] as a, 0 as y'), 'feature-not-finite');
  });

  test('refuse NULL and NaN instead of reading them as zero', async () => {
    expect((await userError(parquet('select nullif(range, 3000)::float as a, 0 as y from range(5000)'), 'feature-not-finite')).message).toContain('record 3000, column "a" is empty');
    await userError(parquet("select 'nan'::float as a, 0 as y"), 'feature-not-finite');
  });

  test('that are damaged are refused', async () => {
    await folder.file('table.parquet', 'PAR1 not really');
    await userError(openDataset({ format: 'parquet', path: 'table.parquet', label: 'y', features: ['a'] }, { base: folder.path }), 'table-unreadable');
  });
});

describe('JSON Lines', () => {
  const lines = async (text: string): Promise<SourceDataset> => {
    await folder.file('table.jsonl', text);
    return openDataset({ format: 'jsonl', path: 'table.jsonl', label: 'y', features: ['a', 'v'] }, { base: folder.path });
  };

  test('give numbers and lists, whatever the order of the keys', async () => {
    expect(await all(await lines('{"a": 1, "v": [2, 3], "y": 0}\n{"y": 1, "v": [5, 6], "a": 4}\n'))).toEqual({ features: [1, 2, 3, 4, 5, 6], labels: [0, 1] });
  });

  test('refuse what is missing and what is not JSON', async () => {
    await userError(lines('{"a": 1, "v": [2], "y": 0}\n{"v": [5], "y": 1}\n'), 'feature-not-finite');
    expect((await userError(lines('{"a": 1, "v": [2], "y": 0}\n{"a": 1\n'), 'table-damaged')).message).toBe('has a line that is not one JSON object (unexpected end of data).');
  });

  test('may hold texts and numbers under one key: a text is itself there, without quotes', async () => {
    await folder.file('mixed.jsonl', '{"id": "x", "a": 1, "y": "0"}\n{"id": 7, "a": "2.5", "y": 1}\n{"id": "7", "a": 3, "y": 0}\n');
    const source: TableSource = { format: 'jsonl', path: 'mixed.jsonl', label: 'y', features: ['a'] };
    expect(await all(await openDataset(source, { base: folder.path }))).toEqual({ features: [1, 2.5, 3], labels: [0, 1, 0] });
    const select = async (values: readonly (string | number)[]): Promise<number[]> => Array.from((await selectForget(source, 3, { ids: { column: 'id', values } }, { base: folder.path })).records);
    expect(await select(['x'])).toEqual([0]);
    expect(await select([7])).toEqual([1, 2]);
  });
});

describe('several files', () => {
  const open = (path: TableSource['path'], format: TableSource['format'] = 'csv'): Promise<SourceDataset> => openDataset({ format, path, label: 'y', features: ['a', 'b'] }, { base: folder.path });

  test('follow one another in natural order, matched by their headers', async () => {
    await folder.file('part-10.csv', 'b,a,y\n20,10,2\n');
    await folder.file('part-2.csv', 'a,b,y\n1,2,0\n3,4,1\n');
    expect(await all(await open('part-*.csv'))).toEqual({ features: [1, 2, 3, 4, 10, 20], labels: [0, 1, 2] });
    expect(await all(await open(['part-10.csv', 'part-2.csv']))).toEqual({ features: [10, 20, 1, 2, 3, 4], labels: [2, 0, 1] });
    const selection = await selectForget({ format: 'csv', path: 'part-*.csv', label: 'y', features: ['a', 'b'] }, 3, { where: 'b = 20' }, { base: folder.path });
    expect(Array.from(selection.records)).toEqual([2]);
  });

  test('must have the same columns', async () => {
    await folder.file('other.csv', 'a,c,y\n1,2,0\n');
    await userError(open(['part-2.csv', 'other.csv']), 'table-damaged');
    await runSql(`copy (select 1 as a, 2 as b, 0 as y) to '${path.join(folder.path, 'one.parquet')}'`);
    await runSql(`copy (select 1 as a, 0 as y) to '${path.join(folder.path, 'two.parquet')}'`);
    await userError(open(['one.parquet', 'two.parquet'], 'parquet'), 'table-damaged');
  });
});

describe('DuckDB files', () => {
  const open = (changes: Partial<TableSource>): Promise<SourceDataset> => openDataset({ format: 'duckdb', path: 'data.duckdb', label: 'y', features: ['a'], ...changes }, { base: folder.path });

  beforeAll(async () => {
    await runSql(`attach '${path.join(folder.path, 'data.duckdb')}' as d; create table d.people as select range as a, range % 2 as y from range(5000); create schema d.other; create table d.other.things as select 1 as a, 0 as y; use d; create view few as select * from people where a < 3`);
  });

  test('give the rows of a table, in the order they were written', async () => {
    const data = await open({ table: 'people' });
    expect(Array.from((await data.read(Uint32Array.of(4999, 3))).features)).toEqual([4999, 3]);
    expect((await open({ table: 'other.things' })).count).toBe(1);
  });

  test('need to be told which table, and list those there are', async () => {
    expect(await userError(open({}), 'table-missing')).toMatchObject({ file: 'data.duckdb', field: 'data.table', message: 'say which table is meant. Its tables are: people, other.things.' });
    await userError(open({ table: 'x' }), 'table-missing');
    await userError(open({ path: ['data.duckdb', 'data.duckdb'], table: 'people' }), 'database-several');
  });

  test('with views and generated columns are refused: what is computed anew can be other records each time', async () => {
    await runSql(`attach '${path.join(folder.path, 'hostile.duckdb')}' as d; use d; create table t as select range as a, range % 2 as y from range(5); create view passwords as select * from read_csv('/etc/passwd', delim = ':', header = false); create view dice as select random() as a, y from t; create table dealt(a double generated always as (random()), y integer); create table "generated always as" as select * from t; create macro lower(x) as 'evil'; create macro dice_roll() as random()`);
    for (const table of ['passwords', 'dice', 'dealt']) {
      const error = await userError(open({ path: 'hostile.duckdb', table }), 'duckdb-unsupported');
      expect(error.remedy).toContain('create table copy as select');
    }
    // A name is no statement; and functions that the file brings with it stand for nobody else's.
    expect((await open({ path: 'hostile.duckdb', table: 'generated always as' })).count).toBe(5);
    const source: TableSource = { format: 'duckdb', path: 'hostile.duckdb', table: 't', label: 'y', features: ['a'] };
    const select = (where: string): Promise<number[]> => selectForget(source, 5, { where }, { base: folder.path }).then(({ records }) => Array.from(records));
    expect(await select("lower('A') = 'a' and a = 1")).toEqual([1]);
    expect((await userError(select('source.main.dice_roll() < 2'), 'predicate-refused')).message).toContain('what a database file brings with it is not run');
    await userError(select("source.main.lower('A') = 'evil'"), 'predicate-refused');
    await userError(select('dice_roll() < 2'), 'predicate-failed');
    await userError(select('a in (select a from source.main.t)'), 'predicate-refused');
  });

  test('that are none are refused', async () => {
    await folder.file('no.duckdb', 'no database');
    await userError(open({ path: 'no.duckdb' }), 'table-unreadable');
  });
});

describe('equal records', () => {
  test('have equal digests in a table and anywhere else', async () => {
    const csv = await openText('a,b,y\n1,2,0\n0.5,-1,1\n');
    await folder.file('t.jsonl', '{"b": 2.0, "a": "1", "y": 0}\n{"b": -1, "a": 5e-1, "y": "1"}\n');
    const json = await openText('', { format: 'jsonl', path: 't.jsonl' });
    expect(await json.digests()).toEqual(await csv.digests());
  });
});
