import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../../src/data/open-dataset';
import { selectForget } from '../../../src/data/select-forget';
import type { ForgetSpec, SourceSpec } from '../../../src/data/source-spec';
import { idx, runSql, useFolder, userError } from './sources';

const folder = useFolder();
const table: SourceSpec = { format: 'csv', path: 'people.csv', label: 'y', features: ['x'] };
const count = 6;

beforeAll(async () => {
  await folder.file('people.csv', 'x,y,person,code,when\n1,0,ann,007,2020-01-01\n2,1,bob,7,2021-05-05\n3,0,ann,010,2022-02-02\n4,1,cy,11,2019-03-03\n5,0,,12,2018-01-01\n6,1,bob,13,2023-01-01\n');
});

async function select(forget: ForgetSpec, source: SourceSpec = table): Promise<number[]> {
  return Array.from((await selectForget(source, count, forget, { base: folder.path })).records);
}

describe('records chosen by number', () => {
  test('are the union of numbers and inclusive ranges, sorted', async () => {
    expect(await select({ rows: [4, '1-2', 2, '0'] })).toEqual([0, 1, 2, 4]);
  });

  test('must exist and be numbers', async () => {
    expect(await userError(select({ rows: [0, 6] }), 'row-out-of-range')).toMatchObject({ field: 'forget.rows[1]', message: 'there is no record 6: the 6 records are numbered 0 to 5.' });
    for (const entry of [-1, 1.5, '3-2', 'x', '', '1-', NaN]) expect((await userError(select({ rows: [entry] }), 'row-invalid')).field).toBe('forget.rows[0]');
  });
});

describe('records chosen by id', () => {
  test('are all with one of the ids, compared as they are written', async () => {
    expect(await select({ ids: { column: 'person', values: ['ann', 'cy'] } })).toEqual([0, 2, 3]);
    expect(await select({ ids: { column: 'code', values: ['007'] } })).toEqual([0]);
    expect(await select({ ids: { column: 'code', values: [7] } })).toEqual([1]);
  });

  test('may come from a text file, a table with one column, or a named column', async () => {
    await folder.file('ids.txt', 'ann\r\n\r\n cy \n');
    await folder.file('one.csv', 'who\nbob\nbob\n');
    await folder.file('two.csv', 'ticket,person\n1,ann\n2,cy\n');
    expect(await select({ ids: { column: 'person', file: 'ids.txt' } })).toEqual([0, 2, 3]);
    expect(await select({ ids: { column: 'person', file: 'one.csv' } })).toEqual([1, 5]);
    expect(await select({ ids: { column: 'person', file: 'two.csv' } })).toEqual([0, 2, 3]);
    expect(await select({ ids: { column: 'code', file: 'numbers.parquet', fileColumn: 'n' } }).catch((error: unknown) => error)).toMatchObject({ code: 'file-missing', field: 'forget.ids.file' });
    await runSql(`copy (select 11 as n, 'x' as other union all select 12, 'y') to '${path.join(folder.path, 'numbers.parquet')}'`);
    expect(await select({ ids: { column: 'code', file: 'numbers.parquet', fileColumn: 'n' } })).toEqual([3, 4]);
  });

  test('that match no record are an error, unless that is allowed', async () => {
    const ids = { column: 'person', values: ['ann', 'zoe'] };
    const error = await userError(select({ ids }), 'ids-unmatched');
    expect(error.message).toContain('"zoe"');
    expect(error.message).not.toContain('ann');
    const selection = await selectForget(table, count, { ids: { ...ids, allowUnmatched: true } }, { base: folder.path });
    expect(selection).toMatchObject({ records: Uint32Array.of(0, 2), unmatchedIds: ['zoe'] });
  });

  test('need a key column that exists and at least one id', async () => {
    expect(await userError(select({ ids: { column: 'name', values: ['ann'] } }), 'column-missing')).toMatchObject({ field: 'forget.ids.column', file: 'people.csv' });
    await userError(select({ ids: { column: 'person', values: [] } }), 'ids-empty');
    await folder.file('ids.doc', 'ann');
    await userError(select({ ids: { column: 'person', file: 'ids.doc' } }), 'ids-format');
    await folder.file('latin.txt', Buffer.from('andr\xe9', 'latin1'));
    await userError(select({ ids: { column: 'person', file: 'latin.txt' } }), 'table-encoding');
  });

  test('are compared by value where the column has decimals', async () => {
    await folder.file('decimal.csv', 'x,y,key\n1,0,1.50\n2,1,2.0\n3,0,2.5\n');
    const source: SourceSpec = { ...table, path: 'decimal.csv' };
    expect(Array.from((await selectForget(source, 3, { ids: { column: 'key', values: ['1.5', 2] } }, { base: folder.path })).records)).toEqual([0, 1]);
  });
});

describe('records chosen by a SQL condition', () => {
  test.each<[string, number[]]>([
    ["person = 'ann'", [0, 2]],
    ['"when" < date \'2020-06-01\' and x > 1', [3, 4]],
    ['person is null', [4]],
    ["person <> 'ann'", [1, 3, 5]], // an unknown person is not known to be another
    ['record_number between 1 and 3', [1, 2, 3]],
    ["person in (select person from records group by person having count(*) > 1) -- twice", [0, 1, 2, 5]],
    ["person like 'b%' /* bob */", [1, 5]],
    ['x in (1, 2) or code = \'13\'', [0, 1, 5]],
  ])('%s', async (where, expected) => {
    expect(await select({ where })).toEqual(expected);
  });

  test.each([
    'true) union (select 3',
    'true) union all select 1 from records where (true',
    'true) group by (x',
    'true) limit (1',
    'true) order by (x',
    'true); select (1',
    "person in (select column0 from read_csv('/etc/passwd'))",
    "exists (from '/etc/passwd')",
    "x in (select count(*) from glob('*'))",
    'exists (select * from duckdb_settings())',
    'exists (select * from information_schema.tables)',
    'exists (with r as (select * from duckdb_secrets()) select * from r)',
    'exists (select * from records, lateral (select * from range(10)))',
    'random() < 0.5',
    'x > 1 and sleep_ms(1000) is null',
    "write_log('x') is null",
    'exists (select * from records using sample 1)',
    'exists (select * from records tablesample 10%)',
    "exists (from read_text('/etc/passwd'))",
    "exists (from read_blob('/etc/passwd'))",
    "exists (from sniff_csv('/etc/passwd'))",
    "exists (from parquet_metadata('/etc/passwd'))",
    "exists (from 's3://bucket/file.parquet')",
    "exists (from query('select 1'))",
    "exists (from query_table('records'))",
    'exists (from duckdb_secrets())',
    'exists (from pragma_version())',
    'exists (describe records)',
    'exists (show tables)',
    'exists (select * from (summarize records))',
    'exists (with recursive r as (select 1 union all select 1 from r) select * from r)',
    'list_transform([1], lambda x: random())[1] > 0',
    'try(random()) > 0',
    "x = nextval('s')",
    'uuid() is not null',
    // What the clock and the session say differs from run to run.
    "now() > timestamp '2020-01-01'",
    '"when" < current_date',
    'current_timestamp is not null',
    '"when" < today()',
    'age("when") > interval 1 year',
    "current_setting('threads') = '1'",
    "getvariable('x') is null",
    "current_user = 'x'",
    'txid_current() > 0',
    'pg_sleep(10) is null',
  ])('is refused before it runs when it is more than a condition on this table: %s', async (where) => {
    expect((await userError(select({ where }), 'predicate-refused')).field).toBe('forget.where');
  });

  test.each(['person =', "person = 'ann'; drop table records", 'person = ann)', '', "copy records to 'x'", 'person = \'ann', "'",
    // Whole statements, and brackets that are closed to be opened again.
    "attach '/tmp/other.db' as other", 'pragma database_list', 'install httpfs', 'load httpfs', 'set threads = 1', 'create table t (a int)', 'drop view records',
    "true; attach '/tmp/other.db'", "true; copy records to '/tmp/x.csv'", 'x = 1) or (true', 'true limit 1', 'true union select 1',
  ])('is refused when it is not a condition: %s', async (where) => {
    expect((await userError(select({ where }), 'predicate-syntax')).field).toBe('forget.where');
  });

  test('that names a column there is not gets the list of columns', async () => {
    const error = await userError(select({ where: 'persn = 1' }), 'predicate-failed');
    expect(error.message).toContain('person, code, when');
    expect(error.field).toBe('forget.where');
  });

  test('that cannot be computed says why', async () => {
    expect((await userError(select({ where: "person::int = 1" }), 'predicate-failed')).message).toContain("'ann'");
    await userError(select({ where: 'x = ?' }), 'predicate-failed');
  });

  test('means times in UTC, wherever it runs', async () => {
    await folder.file('times.csv', 'x,y,seen\n1,0,2020-01-01 00:30:00+02\n2,1,2020-01-01 00:30:00+00\n3,1,2020-01-01 00:30:00-02\n');
    const source: SourceSpec = { ...table, path: 'times.csv' };
    // 00:30 at +02 is still 22:30 of the day before.
    expect(Array.from((await selectForget(source, 3, { where: "seen < timestamptz '2020-01-01 00:00:00'" }, { base: folder.path })).records)).toEqual([0]);
    expect(Array.from((await selectForget(source, 3, { where: 'hour(seen) = 2' }, { base: folder.path })).records)).toEqual([2]);
  });

  test('that takes too long is stopped', async () => {
    await runSql(`copy (select range as x, 0 as y from range(100000)) to '${path.join(folder.path, 'long.parquet')}'`);
    // 10^15 pairs of records: hours, if it were not stopped.
    const where = 'x < (select count(*) from records a, records b, records c where (a.x * b.x + c.x) % 7 = 3)';
    const attempt = selectForget({ ...table, format: 'parquet', path: 'long.parquet' }, 100_000, { where }, { base: folder.path, timeLimit: 200 });
    await userError(attempt, 'query-time');
  });

  test('cannot be an attachment, which reads like a value of a type of that name', async () => {
    expect((await userError(select({ where: "attach '/tmp/other.db'" }), 'predicate-failed')).message).toContain('attach');
  });

  test('cannot read the environment, as there is no function for it', async () => {
    expect((await userError(select({ where: "getenv('HOME') = '/root'" }), 'predicate-failed')).message).toContain('getenv does not exist');
  });

  test('may use a column that has the name of a function', async () => {
    await folder.file('user.csv', 'x,y,user,current_date\n1,0,ann,2020-01-01\n2,1,bob,2021-01-01\n3,1,ann,2022-01-01\n');
    const named: SourceSpec = { ...table, path: 'user.csv' };
    expect(Array.from((await selectForget(named, 3, { where: "user = 'ann' and \"current_date\" > date '2021-01-01'" }, { base: folder.path })).records)).toEqual([2]);
  });

  test('that needs too much memory is stopped', async () => {
    const where = 'x < (select len(list(a.x + b.x + c.x)) from records a, records b, records c)';
    const attempt = selectForget({ ...table, format: 'parquet', path: 'long.parquet' }, 100_000, { where }, { base: folder.path, memoryLimit: '50MB' });
    await userError(attempt, 'query-memory');
  });

  test('may use record_number also where the table has a column of that name', async () => {
    await folder.file('numbered.csv', 'x,y,record_number\n1,0,5\n2,1,4\n3,0,3\n');
    const source: SourceSpec = { ...table, path: 'numbered.csv' };
    expect(Array.from((await selectForget(source, 3, { where: 'record_number = 4 or record_number_ = 2' }, { base: folder.path })).records)).toEqual([1, 2]);
  });
});

describe('records equal to those of another source', () => {
  const equalTo = (path: string): ForgetSpec => ({ equalTo: { ...table, path } });
  const selectEqual = async (path: string): Promise<number[]> => {
    const dataset = await openDataset(table, { base: folder.path });
    return Array.from((await selectForget(table, count, equalTo(path), { base: folder.path, dataset })).records);
  };

  test('are found by content, whatever else the other source has', async () => {
    await folder.file('handed-in.csv', 'y,comment,x\n0,mine,3.0\n1,mine too,2\n');
    expect(await selectEqual('handed-in.csv')).toEqual([1, 2]);
  });

  test('must all be in the data', async () => {
    await folder.file('handed-in.csv', 'y,x\n0,3\n1,3\n');
    expect(await userError(selectEqual('handed-in.csv'), 'equal-unmatched')).toMatchObject({ field: 'forget.equalTo' });
    expect((await userError(selectEqual('gone.csv'), 'file-missing')).field).toBe('forget.equalTo.path');
  });
});

describe('a whole forget request', () => {
  test('is the union of its parts and keeps each request with its reference', async () => {
    const selection = await selectForget(table, count, {
      rows: [3],
      where: 'x = 1',
      requests: [{ reference: 'T-1', date: '2025-11-01', basis: 'GDPR Art. 17', ids: { column: 'person', values: ['ann'] } }, { reference: 'T-2', rows: [5] }],
    }, { base: folder.path });
    expect(Array.from(selection.records)).toEqual([0, 2, 3, 5]);
    expect(selection.requests).toEqual([
      { reference: 'T-1', date: '2025-11-01', basis: 'GDPR Art. 17', records: Uint32Array.of(0, 2) },
      { reference: 'T-2', date: undefined, basis: undefined, records: Uint32Array.of(5) },
    ]);
  });

  test('must forget something, and not everything', async () => {
    expect((await userError(select({}), 'forget-nothing')).field).toBe('forget');
    await userError(select({ rows: [] }), 'forget-nothing');
    await userError(select({ where: 'x > 100' }), 'forget-nothing');
    expect((await userError(select({ rows: [0], requests: [{ reference: 'T-9', where: 'false' }] }), 'forget-nothing')).field).toBe('forget.requests[0]');
    await userError(select({ rows: ['0-5'] }), 'forget-everything');
    await userError(select({ where: 'true' }), 'forget-everything');
  });
});

describe('record numbers', () => {
  test.each(['csv', 'parquet', 'jsonl'] as const)('are the same for selecting and for reading in large %s tables of several files', async (format) => {
    const [options, extension] = { csv: ['header', 'csv'], parquet: ['format parquet, row_group_size 2048', 'parquet'], jsonl: ['format json', 'jsonl'] }[format];
    for (let part = 0; part < 3; part++) {
      const file = path.join(folder.path, `${format}-${part}.${extension ?? ''}`);
      await runSql(`copy (select range + ${part * 40_000} as x, range % 7 as y, repeat('filler', 10) as z from range(40000)) to '${file}' (${options ?? ''})`);
    }
    const source: SourceSpec = { format, path: `${format}-*.${extension ?? ''}`, label: 'y', features: ['x'] };
    const dataset = await openDataset(source, { base: folder.path });
    const { records } = await selectForget(source, dataset.count, { where: 'x % 1000 = 7' }, { base: folder.path });
    expect(Array.from(records)).toEqual(Array.from({ length: 120 }, (_, index) => 1000 * index + 7));
    expect(Array.from((await dataset.read(records)).features)).toEqual(Array.from(records));
  });
});

describe('arrays', () => {
  const arrays: SourceSpec = { format: 'idx', features: 'x', labels: 'y', records: 'people.csv' };

  test('are selected from by the table of records beside them', async () => {
    expect(await select({ where: "person = 'bob'", ids: { column: 'person', values: ['cy'] } }, arrays)).toEqual([1, 3, 5]);
  });

  test('without such a table can be selected from by number only', async () => {
    const bare: SourceSpec = { ...arrays, records: undefined };
    expect(await select({ rows: [2] }, bare)).toEqual([2]);
    expect((await userError(select({ where: 'true' }, bare), 'records-missing')).field).toBe('forget.where');
    expect((await userError(select({ ids: { column: 'p', values: [1] } }, bare), 'records-missing')).field).toBe('forget.ids');
  });

  test('need a table of as many rows, in a format that is one', async () => {
    expect(await userError(selectForget(arrays, 7, { where: 'true' }, { base: folder.path }), 'length-mismatch')).toMatchObject({ file: 'people.csv', field: 'data.records' });
    await folder.file('records.idx', idx(8, [1], [0]));
    await userError(select({ where: 'true' }, { ...arrays, records: 'records.idx' }), 'records-format');
  });
});
