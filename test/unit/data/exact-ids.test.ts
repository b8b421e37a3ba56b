import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { exactDecimal, isBeyondBits } from '../../../src/data/exact-decimal';
import { openDataset } from '../../../src/data/open-dataset';
import { selectForget } from '../../../src/data/select-forget';
import type { IdSelection, TableSource } from '../../../src/data/source-spec';
import { parseRequest } from '../../../src/request/parse-request';
import { runSql, useFolder, userError } from './sources';

/** Ids that look like numbers: as numbers of 53 bits, some would be those of another person. */

const folder = useFolder();

const source = (file: string, format: TableSource['format'] = 'csv'): TableSource => ({ format, path: file, label: 'y', features: ['x'] });
const select = async (table: TableSource, ids: Partial<IdSelection>): Promise<number[]> => Array.from((await selectForget(table, 3, { ids: { column: 'id', ...ids } }, { base: folder.path })).records);
const rows = (ids: readonly string[]): string => `id,x,y\n${ids.map((id, index) => `${id},${index + 1},0\n`).join('')}`;

describe('a decimal in its exact form', () => {
  test.each([
    ['1.10', '11e-1'], ['11e-1', '11e-1'], ['+1.1', '11e-1'], ['.5', '5e-1'], ['5.', '5e0'], ['-0.0', '0e0'], ['0', '0e0'], ['1000', '1e3'], ['1e+20', '1e20'],
    ['100000000000000000000', '1e20'], ['-12345678901234567891', '-12345678901234567891e0'], ['007.50', '75e-1'],
  ])('%s is %s', (text, form) => expect(exactDecimal(text)).toBe(form));

  test.each(['', '.', 'abc', 'nan', 'NaN', 'inf', '1e', '0x10', '1 2', '1,5'])('%j is none', (text) => expect(exactDecimal(text)).toBeUndefined());

  test('is beyond 53 bits from 2^53 + 1 on', () => {
    expect(['9007199254740992', '9007199254740993', '9007199254740992.0', '-9007199254740993', '1e16', '1e-400', '1e400', 'x'].map((text) => isBeyondBits(text, 53))).toEqual([false, true, false, true, true, false, true, false]);
  });
});

describe('ids', () => {
  test('of 20 digits are told apart in CSV files, one or several', async () => {
    await folder.file('long.csv', rows(['12345678901234567890', '12345678901234567891', '8']));
    expect(await select(source('long.csv'), { values: ['12345678901234567891'] })).toEqual([1]);
    await folder.file('long-1.csv', rows(['12345678901234567890']));
    await folder.file('long-2.csv', rows(['12345678901234567891', '8']));
    expect(await select(source('long-?.csv'), { values: ['12345678901234567891'] })).toEqual([1]);
    expect(Array.from((await selectForget(source('long-?.csv'), 3, { where: "id = '12345678901234567890'" }, { base: folder.path })).records)).toEqual([0]);
  });

  test('with leading zeros are others than those without, also where only the last file has them', async () => {
    await folder.file('zero-1.csv', rows(['7', '8']));
    await folder.file('zero-2.csv', rows(['007']));
    expect(await select(source('zero-?.csv'), { values: ['007'] })).toEqual([2]);
    expect(await select(source('zero-?.csv'), { values: ['7'] })).toEqual([0]);
  });

  test.each(['parquet', 'duckdb'] as const)('of 20 digits are told apart in columns of decimals: %s', async (format) => {
    const values = "(values (12345678901234567890::decimal(20, 0), 1, 0), (12345678901234567891, 2, 0), (7, 3, 0)) t(id, x, y)";
    const file = path.join(folder.path, `decimals.${format}`);
    await runSql(format === 'parquet' ? `copy (select * from ${values}) to '${file}'` : `attach '${file}' as d; create table d.t as select * from ${values}; detach d`);
    expect(await select(source(`decimals.${format}`, format), { values: ['12345678901234567891'] })).toEqual([1]);
    expect(await select(source(`decimals.${format}`, format), { values: ['7.0'] })).toEqual([2]);
  });

  test('beyond what a floating-point column tells apart are refused', async () => {
    await runSql(`copy (select * from (values (9007199254740992::double, 1, 0), (7, 2, 0), ('nan', 3, 0)) t(id, x, y)) to '${path.join(folder.path, 'floats.parquet')}'`);
    const floats = source('floats.parquet', 'parquet');
    expect(await userError(select(floats, { values: ['9007199254740993'] }), 'ids-precision')).toMatchObject({ file: 'floats.parquet', field: 'forget.ids' });
    expect(await select(floats, { values: ['9007199254740992'] })).toEqual([0]);
    expect(await select(floats, { values: [7] })).toEqual([1]);
  });

  test('that are no numbers never match a column of numbers, not even where it has NaN', async () => {
    await folder.file('nan.csv', rows(['NaN', '1.5', '8']));
    await userError(select(source('nan.csv'), { values: ['abc'] }), 'ids-unmatched');
    await userError(select(source('nan.csv'), { values: ['NaN'] }), 'ids-unmatched');
  });

  test('that JSON has changed already are refused, with the place in the request', async () => {
    await folder.file('edge.csv', rows(['9007199254740992', '9007199254740993', '8']));
    // What JSON.parse makes of 9007199254740993.
    expect(await userError(select(source('edge.csv'), { values: [9007199254740992] }), 'ids-precision')).toMatchObject({ field: 'forget.ids.values' });
    expect(await select(source('edge.csv'), { values: ['9007199254740993'] })).toEqual([1]);
    const text = '{"version": 1, "model": "m.json", "data": {"train": {"format": "csv", "path": "edge.csv", "label": "y", "features": ["x"]}}, "forget": {"ids": {"column": "id", "values": [8, 9007199254740993]}}, "target": {"epsilon": 1, "delta": 1e-5}, "method": {"name": "gradient-clipping", "initialRadius": 1, "gradientRadius": 1, "learningRate": 0.1, "decay": 1, "steps": 1}}';
    const [problem] = parseRequest(text).problems;
    expect(problem).toMatchObject({ code: 'request-field', field: 'forget.ids.values[1]' });
    expect(text.slice(problem?.offset)).toMatch(/^9007199254740993\]/);
    expect(parseRequest(text.replace('9007199254740993', '"9007199254740993"')).problems).toEqual([]);
  });

  test('of a list are read as they stand there', async () => {
    await folder.file('zeros.csv', rows(['007', '7', '8']));
    await folder.file('list.csv', 'id\n007\n');
    await folder.file('list2.csv', 'id\n7\n');
    expect(await select(source('zeros.csv'), { file: 'list.csv' })).toEqual([0]);
    expect(await select(source('zeros.csv'), { file: 'list2.csv' })).toEqual([1]);
  });

  test('written in another way than the column has them: the message says its type, and nobody\'s value', async () => {
    await folder.file('days.csv', rows(['2020-01-01', '2020-01-02', '2020-01-03']));
    expect((await userError(select(source('days.csv'), { values: ['1.1.2020'] }), 'ids-unmatched')).message).toBe('no record has the id "1.1.2020". The values of "id" are of the type DATE, written 2020-01-31.');
  });
});

describe('integers beyond 2^53 as features', () => {
  test.each([['9007199254740993', '9007199254740992'], ['1152921504606846977', '1'], ['-9007199254740993', '1']])('%s is refused, whatever stands beside it', async (large, other) => {
    await folder.file('large.csv', `id,x,y\na,${other},0\nb,${large},1\n`);
    expect((await userError(openDataset(source('large.csv'), { base: folder.path }), 'feature-precision')).message).toContain(`record 1, column "x" is ${large}`);
    await runSql(`copy (select * from (values ('a', ${other}::bigint, 0), ('b', ${large}, 1)) t(id, x, y)) to '${path.join(folder.path, 'large.parquet')}'`);
    expect((await userError(openDataset(source('large.parquet', 'parquet'), { base: folder.path }), 'feature-precision')).message).toContain(`record 1, column "x" is ${large}`);
  });

  test('that float32 holds exactly are read, as are numbers that were never integers', async () => {
    await folder.file('exact.csv', 'id,x,y\na,1152921504606846976,0\nb,1e18,1\n'); // 2^60
    const { features } = await (await openDataset(source('exact.csv'), { base: folder.path })).read(Uint32Array.of(0, 1));
    expect(Array.from(features)).toEqual([2 ** 60, Math.fround(1e18)]);
  });
});
