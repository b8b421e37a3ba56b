import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import {
  Binary, Bool, DateDay, Dictionary, Field, FixedSizeList, Float32, Float64, Int16, Int32, Int64, LargeUtf8, List, Table, tableToIPC, TimestampMillisecond, Uint16, Uint8, Utf8, vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { inspectTable } from '../../../src/data/inspect-table';
import { openDataset } from '../../../src/data/open-dataset';
import { selectForget } from '../../../src/data/select-forget';
import type { SourceDataset } from '../../../src/data/source-dataset';
import type { TableSource } from '../../../src/data/source-spec';
import { UserError } from '../../../src/error';
import { runSql, useFolder, userError } from './sources';

const folder = useFolder();
const fixture = (name: string): Promise<Buffer> => readFile(path.join(__dirname, '../../fixtures/data', name));
const source = { format: 'arrow', path: 'small.arrow', label: 'y', features: ['a', 'b', 'flag', 'wide', 'v', 'w'] } as const satisfies TableSource;
const open = (changes: Partial<TableSource> = {}): Promise<SourceDataset> => openDataset({ ...source, ...changes }, { base: folder.path });
const all = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, record) => record);
const select = async (where: string, count: number, changes: Partial<TableSource> = {}): Promise<number[]> =>
  Array.from((await selectForget({ ...source, ...changes }, count, { where }, { base: folder.path })).records);

/** Records first to last; record i has a = i - 3, b = i / 8, wide = 2^33 i, v = [i, i / 2], w = [i, -i], and every third no name. */
function records(first: number, last: number): Table {
  const rows = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return new Table({
    a: vectorFromArray(rows.map((i) => i - 3), new Int32()),
    b: vectorFromArray(rows.map((i) => i / 8), new Float64()),
    flag: vectorFromArray(rows.map((i) => i % 2 === 0), new Bool()),
    wide: vectorFromArray(rows.map((i) => BigInt(i) << 33n), new Int64()),
    v: vectorFromArray(rows.map((i) => [i, i / 2]), new List(new Field('item', new Float32()))),
    w: vectorFromArray(rows.map((i) => [i, -i]), new FixedSizeList(2, new Field('item', new Int16()))),
    name: vectorFromArray(rows.map((i) => (i % 3 === 0 ? null : `Zoë ${i}`)), new Utf8()),
    person: vectorFromArray(rows.map((i) => (i === 4 ? null : `p${i % 2}`)), new Dictionary(new Utf8(), new Int32())),
    day: vectorFromArray(rows.map((i) => new Date(Date.UTC(1969, 11, 30 + i))), new DateDay()),
    at: vectorFromArray(rows.map((i) => Date.UTC(2020, 0, 1) + i), new TimestampMillisecond()),
    gap: vectorFromArray(rows.map((i) => (i === 1 ? null : i)), new Uint16()),
    large: vectorFromArray(rows.map((i) => `l${i}`), new LargeUtf8()),
    y: vectorFromArray(rows.map((i) => i % 3), new Uint8()),
  });
}

/** The same as SQL, for DuckDB to write in its other formats. */
const rowsInSql = `select (i - 3)::int as a, i / 8 as b, i % 2 = 0 as flag, i * 8589934592 as wide, [i, i / 2]::float[] as v, [i, -i]::smallint[] as w,
  case when i % 3 <> 0 then 'Zoë ' || i end as name, case when i <> 4 then 'p' || i % 2 end as person, date '1969-12-30' + i::int as day,
  timestamp '2020-01-01' + to_milliseconds(i) as at, nullif(i, 1)::usmallint as gap, 'l' || i as large, (i % 3)::utinyint as y from range(6) t(i) order by i`;

beforeAll(async () => {
  const whole = records(0, 5);
  const batches = whole.slice(0, 2).concat(whole.slice(2, 3), whole.slice(3, 6)); // one dictionary: files may not replace it
  expect(batches.batches).toHaveLength(3);
  await folder.file('small.arrow', tableToIPC(batches, 'file'));
  await folder.file('stream.ipc', tableToIPC(batches, 'stream'));
  await runSql(`copy (${rowsInSql}) to '${folder.path}/small.parquet'`);
  await runSql(`copy (select * exclude (flag, v, w), flag::int as flag from (${rowsInSql})) to '${folder.path}/small.csv'`);
});

describe('Arrow files', () => {
  test('and streams have the records, and the digests, of the same table in Parquet and CSV', async () => {
    const arrow = await open();
    expect(Array.from((await arrow.read(all(6))).features.subarray(8, 16))).toEqual([-2, 1 / 8, 0, 2 ** 33, 1, 1 / 2, 1, -1]); // record 1
    const digests = await arrow.digests();
    expect(arrow.count).toBe(6);
    for (const other of [{ path: 'stream.ipc' }, { format: 'parquet', path: 'small.parquet' }] as const) expect(await (await open(other)).digests()).toEqual(digests);
    const features = ['a', 'b', 'flag', 'wide'];
    expect(await (await open({ features })).digests()).toEqual(await (await open({ features, format: 'csv', path: 'small.csv' })).digests());
  });

  test('are selected from as the same table in Parquet is', async () => {
    const conditions: [string, number[]][] = [
      ['name is null', [0, 3]],
      ["name = 'Zoë 4'", [4]],
      ["person = 'p1'", [1, 3, 5]],
      ['person is null', [4]],
      ["day < date '1970-01-01'", [0, 1]],
      ['"at" >= timestamp \'2020-01-01 00:00:00.004\'', [4, 5]],
      ['gap is null or gap = 5', [1, 5]],
      ['flag and wide > 8589934592', [2, 4]],
      ["large in ('l0', 'l2')", [0, 2]],
      ['v[2] = 1.5 or w[2] = -1', [1, 3]],
      ['record_number = 2', [2]],
    ];
    for (const [where, expected] of conditions) {
      for (const changes of [{}, { path: 'stream.ipc' }, { format: 'parquet', path: 'small.parquet' }] as const) expect(await select(where, 6, changes), where).toEqual(expected);
    }
  });

  test('follow one another if they have the same columns', async () => {
    await folder.file('part-1.arrow', tableToIPC(records(0, 3), 'file'));
    await folder.file('part-2.arrow', tableToIPC(records(4, 5), 'stream'));
    expect(await (await open({ path: 'part-*.arrow' })).digests()).toEqual(await (await open()).digests());
    await folder.file('other.arrow', tableToIPC(records(0, 1).select(['a', 'y']), 'file'));
    await userError(open({ path: ['part-1.arrow', 'other.arrow'] }), 'table-damaged');
  });

  test('are known by their names, and their columns by DuckDB\'s types', async () => {
    const { format, rows, columns } = await inspectTable('small.arrow', { base: folder.path });
    expect({ format, rows }).toEqual({ format: 'arrow', rows: 6 });
    expect(columns.map(({ name, type }) => `${name} ${type}`).join(', ')).toBe('a INTEGER, b DOUBLE, flag BOOLEAN, wide BIGINT, v FLOAT[], w SMALLINT[], name VARCHAR, person VARCHAR, day DATE, at TIMESTAMP, gap USMALLINT, large VARCHAR, y UTINYINT');
  });

  test('of more rows than DuckDB takes at once keep their order', async () => {
    const count = 5000; // a chunk has 2048
    await folder.file('long.arrow', tableToIPC(records(0, count - 1), 'file'));
    const { features } = await (await open({ path: 'long.arrow', features: ['a'] })).read(all(count));
    expect(Array.from(features)).toEqual(Array.from({ length: count }, (_, i) => i - 3));
  });

  test('without rows, and cells without a number, are refused like those of any table', async () => {
    await folder.file('none.arrow', tableToIPC(records(0, 2).slice(0, 0), 'stream'));
    await userError(open({ path: 'none.arrow' }), 'data-empty');
    expect((await userError(open({ features: ['gap'] }), 'feature-not-finite')).message).toBe('record 1, column "gap" is empty (NULL).');
  });

  test('with columns of other types are refused, naming the column', async () => {
    await folder.file('blob.arrow', tableToIPC(new Table({ y: vectorFromArray([1], new Int32()), photo: vectorFromArray([Uint8Array.of(1)], new Binary()) }), 'file'));
    expect((await userError(open({ path: 'blob.arrow' }), 'arrow-unsupported')).message).toBe('column "photo" is of the type Binary, which cannot be read.');
    await folder.file('nested.arrow', tableToIPC(new Table({ texts: vectorFromArray([['a']], new List(new Field('item', new Utf8()))) }), 'file'));
    await userError(open({ path: 'nested.arrow' }), 'arrow-unsupported');
  });
});

describe('Arrow files that pyarrow wrote', () => {
  const names = ['arrow-plain.arrow', 'arrow-lz4.feather', 'arrow-zstd.feather', 'arrow-stream.ipc'];
  beforeAll(async () => {
    for (const name of names) await folder.file(name, await fixture(name));
  });

  test.each(names)('%s is read, whatever its compression, batch by batch with its own dictionaries', async (name) => {
    const data = await open({ path: name, features: ['id', 'small', 'flag', 'v', 'w'] });
    const { features, labels } = await data.read(all(300)); // see make_arrow.py
    expect(Array.from(features)).toEqual(Array.from(all(300)).flatMap((i) => [i, i / 2, 1 - (i % 2), i, i / 2, i, 2 * i, 3 * i]));
    expect(Array.from(labels)).toEqual(Array.from(all(300), (i) => i % 3));
    const matches: [string, (i: number) => boolean][] = [
      ['x is null', (i) => i > 0 && i % 7 === 0],
      ['x = record_number / 4', (i) => i === 0 || i % 7 !== 0],
      ["who = 'p' || record_number % 5 and name = 'n' || id and note = repeat('abcde', id::int) and id < 299", (i) => i < 299],
      ["day = date '2020-01-01' + id::int and id > 0", (i) => i > 0],
      ['"at" = timestamp \'2020-01-01\' + to_microseconds(id) and id > 0', (i) => i > 0],
      ["zoned = timestamptz '2020-01-01 00:00:00+00' and id > 0", (i) => i > 0], // less than a microsecond later
    ];
    for (const [where, matching] of matches) expect(await select(where, 300, { path: name }), where).toEqual(Array.from(all(300)).filter(matching));
  });
});

describe('Arrow files of pyarrow with decimals', () => {
  test('are read exactly, and told apart by all of their digits', async () => {
    await folder.file('decimals.arrow', await fixture('arrow-decimals.arrow'));
    const decimals: TableSource = { format: 'arrow', path: 'decimals.arrow', label: 'y', features: ['price'] };
    expect((await inspectTable('decimals.arrow', { base: folder.path })).columns.map(({ type, samples }) => [type, ...samples])).toEqual([
      ['DECIMAL(20,0)', '12345678901234567890', '12345678901234567891', ''], ['DECIMAL(10,2)', '-0.01', '1.10', '99999999.99'], ['INTEGER', '0', '1', '1'],
    ]);
    expect(Array.from((await (await openDataset(decimals, { base: folder.path })).read(all(3))).features)).toEqual([-0.01, 1.1, 99999999.99].map(Math.fround));
    expect(Array.from((await selectForget(decimals, 3, { ids: { column: 'id', values: ['12345678901234567891'] } }, { base: folder.path })).records)).toEqual([1]);
    expect(Array.from((await selectForget(decimals, 3, { where: 'price = 1.1' }, { base: folder.path })).records)).toEqual([1]);
  });

  test('without rows, and so without a record batch, are refused as any table without rows is', async () => {
    await folder.file('empty.arrow', await fixture('arrow-empty.arrow'));
    await userError(openDataset({ format: 'arrow', path: 'empty.arrow', label: 'y', features: ['price'] }, { base: folder.path }), 'data-empty');
  });
});

describe('damaged Arrow files', () => {
  test('are refused wherever they are cut off', async () => {
    for (const good of [await readFile(path.join(folder.path, 'small.arrow')), await readFile(path.join(folder.path, 'stream.ipc')), await fixture('arrow-lz4.feather')]) {
      const step = Math.ceil(good.length / 40 / 8) * 8; // messages begin at multiples of 8
      for (let length = good.length - 8; length > 0; length -= step) {
        await folder.file('cut.arrow', good.subarray(0, length));
        await userError(inspectTable('cut.arrow', { base: folder.path }), 'arrow-damaged');
      }
    }
  });

  test('are refused where they are something else, go on after their end, or are of Feather version 1', async () => {
    const stream = await readFile(path.join(folder.path, 'stream.ipc'));
    for (const bad of ['no', 'not an Arrow file, but a text of some length', Buffer.alloc(64), Buffer.concat([stream, stream]), Buffer.concat([Buffer.from('ARROW1\0\0'), Buffer.alloc(64, 7), Buffer.from('ARROW1')])]) {
      await folder.file('bad.arrow', bad);
      await userError(inspectTable('bad.arrow', { base: folder.path }), 'arrow-damaged');
    }
    await folder.file('old.feather', 'FEA1 and so on FEA1');
    expect((await userError(inspectTable('old.feather', { base: folder.path }), 'arrow-feather-1')).remedy).toContain('version 2');
  });

  test('are refused where the footer leads to a message that is no record batch', async () => {
    const bad = Uint8Array.from(await readFile(path.join(folder.path, 'small.arrow')));
    // Every byte that could be the kind of a message, 3 for a record batch, becomes 1, the kind of a schema.
    const places = [...bad.keys()].filter((position) => bad[position] === 3);
    let refused = 0;
    for (const position of places) {
      await folder.file('kind.arrow', bad.with(position, 1));
      const error = await inspectTable('kind.arrow', { base: folder.path }).then(() => undefined, (reason: unknown) => reason);
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(UserError);
      refused++;
    }
    expect(refused).toBeGreaterThan(0);
  });

  test('whose compressed buffers share their bytes are refused', async () => {
    const bytes = Uint8Array.from(await fixture('arrow-zstd.feather'));
    const view = new DataView(bytes.buffer);
    // The place and length of a buffer, as its record batch lists them: those of the largest one are written over the four that follow it.
    let largest = { at: 0, length: 0n };
    for (let at = 0; at + 48 <= bytes.length; at += 8) {
      const [start, length, next] = [view.getBigInt64(at, true), view.getBigInt64(at + 8, true), view.getBigInt64(at + 16, true)];
      if (length > largest.length && start >= 0n && next === start + ((length + 7n) & ~7n) && length < BigInt(bytes.length)) largest = { at, length };
    }
    expect(largest.length).toBeGreaterThan(100n);
    for (let copy = 1; copy <= 4; copy += 1) bytes.copyWithin(largest.at + 16 * copy, largest.at, largest.at + 16);
    await folder.file('shared.feather', bytes);
    const error = await userError(inspectTable('shared.feather', { base: folder.path }), 'arrow-damaged');
    expect(error.cause).toMatchObject({ message: expect.stringContaining('more bytes than their message has') as unknown });
  });

  test('with any byte changed are read or refused with a message', async () => {
    const goods = [await readFile(path.join(folder.path, 'stream.ipc')), await readFile(path.join(folder.path, 'small.arrow')), await fixture('arrow-lz4.feather'), await fixture('arrow-zstd.feather')];
    await fc.assert(fc.asyncProperty(fc.constantFrom(...goods), fc.nat(), fc.nat(255), async (good, position, value) => {
      const bad = Uint8Array.from(good);
      bad[position % bad.length] = value;
      await folder.file('changed.arrow', bad);
      const error = await inspectTable('changed.arrow', { base: folder.path }).then(() => undefined, (reason: unknown) => reason);
      if (error !== undefined) expect(error).toBeInstanceOf(UserError);
    }), { numRuns: 100 });
  });
});
