import { copyFile, mkdir, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { Float64, Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../../src/data/open-dataset';
import { selectForget } from '../../../src/data/select-forget';
import type { SourceSpec, TableSource } from '../../../src/data/source-spec';
import { idx, npy, runSql, useFolder, userError } from './sources';

/** What is odd in real data, in every kind of table: each is refused with a message, or read as is said here. docs/data.md lists the same. */

const folder = useFolder();

type Cell = number | string | null;
/** Id, feature and label. */
type Row = readonly [id: string | null, x: Cell, y: number | null];

const tables = {
  plain: [['a', 0.5, 0], ['b', 1.5, 1], ['a', 2.5, 0]],
  noFeature: [['a', 0.5, 0], ['b', null, 1]],
  noLabel: [['a', 0.5, 0], ['b', 1.5, null]],
  notANumber: [['a', 0.5, 0], ['b', NaN, 1]],
  mixed: [['a', 0.5, 0], ['b', 'two', 1]],
  text: [['a', '0.5', 0], ['b', '1.5', 1], ['a', '2.5', 0]],
  none: [],
} as const satisfies Record<string, readonly Row[]>;
type Name = keyof typeof tables;

/** Columns with text in them are of text altogether where a format has one type for each. */
const isText = (rows: readonly Row[]): boolean => rows.some(([, x]) => typeof x === 'string');
const asText = (x: Cell): string | null => (x === null ? null : String(x));

function sqlOf(rows: readonly Row[]): string {
  const literal = (cell: Cell): string => (cell === null ? 'null' : typeof cell === 'string' ? `'${cell}'` : Number.isNaN(cell) ? "'nan'::double" : String(cell));
  const values = rows.length === 0 ? "('', 0, 0)" : rows.map(([id, x, y]) => `(${literal(id)}, ${literal(isText(rows) ? asText(x) : x)}, ${literal(y)})`).join(', ');
  return `select id::varchar as id, x::${isText(rows) ? 'varchar' : 'double'} as x, y::integer as y from (values ${values}) t(id, x, y)${rows.length === 0 ? ' where false' : ''}`;
}

type Format = TableSource['format'];
const separated = (separator: string) => (name: Name): Promise<unknown> => folder.file(`${name}.${separator === ',' ? 'csv' : 'tsv'}`, `${['id', 'x', 'y'].join(separator)}\n${tables[name].map((row: Row) => `${row.map((cell) => cell ?? '').join(separator)}\n`).join('')}`);

const write: Readonly<Record<Exclude<Format, 'sqlite'>, (name: Name) => Promise<unknown>>> = {
  csv: separated(','),
  tsv: separated('\t'),
  // JSON has no NaN: it is written as what Python writes.
  jsonl: (name) => folder.file(`${name}.jsonl`, tables[name].map(([id, x, y]: Row) => `${JSON.stringify({ id, x, y }).replace(/"x":null/, Number.isNaN(x) ? '"x":NaN' : '"x":null')}\n`).join('')),
  parquet: (name) => runSql(`copy (${sqlOf(tables[name])}) to '${path.join(folder.path, `${name}.parquet`)}'`),
  duckdb: (name) => runSql(`attach '${path.join(folder.path, `${name}.duckdb`)}' as d; create table d.t as ${sqlOf(tables[name])}; detach d`),
  arrow: (name) => {
    const rows: readonly Row[] = tables[name];
    const x = isText(rows) ? vectorFromArray(rows.map((row) => asText(row[1])), new Utf8()) : vectorFromArray(rows.map((row) => row[1] as number | null), new Float64());
    return folder.file(`${name}.arrow`, tableToIPC(new Table({ id: vectorFromArray(rows.map(([id]) => id), new Utf8()), x, y: vectorFromArray(rows.map((row) => row[2]), new Int32()) }), 'file'));
  },
};
const formats = [...(Object.keys(write) as Exclude<Format, 'sqlite'>[]), 'sqlite'] as const;

function source(format: Format, name: Name, file = format === 'sqlite' ? 'odd.sqlite' : `${name}.${format}`): TableSource {
  return { format, path: file, ...(format === 'sqlite' ? { table: name } : {}), label: 'y', features: ['x'] };
}

const open = (from: SourceSpec): ReturnType<typeof openDataset> => openDataset(from, { base: folder.path, workspace: folder.path });

beforeAll(async () => {
  for (const make of Object.values(write)) for (const name of Object.keys(tables) as Name[]) await make(name);
  await copyFile(path.join(__dirname, '../../fixtures/data/odd.sqlite'), path.join(folder.path, 'odd.sqlite'));
});

describe.each(formats)('a table in %s', (format) => {
  test('without a feature or a label in a record is refused, naming the record', async () => {
    const feature = await userError(open(source(format, 'noFeature')), 'feature-not-finite');
    expect(feature.message).toBe('record 1, column "x" is empty (NULL).');
    expect((await userError(open(source(format, 'noLabel')), 'label-missing')).message).toBe('record 1 has no label.');
  });

  test.skipIf(format === 'sqlite')('with a NaN is refused', async () => { // SQLite has none: it stores NULL
    const error = await userError(open(source(format, 'notANumber')), 'feature-not-finite');
    expect(error.message).toMatch(/record 1, column "x" is .*nan.*, not a finite number/i);
  });

  test('with text among the numbers is refused, showing it', async () => {
    expect((await userError(open(source(format, 'mixed')), 'feature-not-finite')).message).toBe('record 1, column "x" is "two", not a finite number.');
  });

  test('with numbers as text gives the numbers, and the same records', async () => {
    const [text, plain] = [await open(source(format, 'text')), await open(source(format, 'plain'))];
    expect(Array.from((await text.read(Uint32Array.of(0, 1, 2))).features)).toEqual([0.5, 1.5, 2.5]);
    expect(await text.digests()).toEqual(await plain.digests());
  });

  test('with an id twice gives both of its records, however often it is asked for', async () => {
    const select = async (values: readonly (string | number)[]): Promise<number[]> => Array.from((await selectForget(source(format, 'plain'), 3, { ids: { column: 'id', values } }, { base: folder.path })).records);
    expect(await select(['a'])).toEqual([0, 2]);
    expect(await select(['a', 'a', ' a '])).toEqual([0, 2]);
    await userError(select(['A']), 'ids-unmatched');
  });

  test('without rows is refused', async () => {
    await userError(open(source(format, 'none')), format === 'jsonl' ? 'file-empty' : 'data-empty');
  });

  test('that is an empty file, or other bytes, is refused', async () => {
    await folder.file('zero', '');
    await userError(open(source(format, 'plain', 'zero')), 'file-empty');
    await folder.file('noise', Buffer.from(Array.from({ length: 999 }, (_, index) => (index * index * 31 + 7) % 256)));
    const error = await open(source(format, 'plain', 'noise')).then(() => undefined, (reason: unknown) => reason as { code?: string });
    expect(error?.code, format).toMatch(/^(table-(encoding|damaged|unreadable)|sqlite-damaged|arrow-damaged|column-missing)$/);
  });

  test('is not found by a path with backslashes, nor through a link that leads out of the workspace', async () => {
    const windows = await userError(open(source(format, 'plain', 'folder\\plain.csv')), 'file-missing');
    expect(windows.remedy).toBe('Write paths with / here, not with \\.');
    await mkdir(path.join(folder.path, 'workspace'), { recursive: true });
    const link = path.join(folder.path, 'workspace', `link-${format}`);
    await symlink(path.join(folder.path, format === 'sqlite' ? 'odd.sqlite' : `plain.${format}`), link);
    const inside = { base: path.join(folder.path, 'workspace'), workspace: path.join(folder.path, 'workspace') };
    expect((await userError(openDataset(source(format, 'plain', `link-${format}`), inside), 'file-outside-workspace')).file).toBe(`link-${format}`);
    expect((await openDataset(source(format, 'plain', link), { base: inside.base })).count).toBe(3); // without a workspace there is none to leave
  });
});

describe.each(['csv', 'tsv', 'jsonl'] as const)('text in %s', (format) => {
  test.each([['Latin-1', Buffer.from('Zo\xe9', 'latin1')], ['UTF-16', Buffer.from('\ufeffZoë', 'utf16le')], ['cut-off UTF-8', Buffer.from([0x5a, 0xc3])]])('in %s is refused', async (_, name) => {
    const separator = format === 'tsv' ? '\t' : ',';
    const row = format === 'jsonl' ? Buffer.concat([Buffer.from('{"x":1,"y":0,"id":"'), name, Buffer.from('"}\n')]) : Buffer.concat([Buffer.from(`id${separator}x${separator}y\n`), name, Buffer.from(`${separator}1${separator}0\n`)]);
    const content = name.readUInt16LE(0) === 0xfeff ? Buffer.from(`\ufeff${format === 'jsonl' ? '{"x":1,"y":0}' : `id${separator}x${separator}y\na${separator}1${separator}0`}\n`, 'utf16le') : row;
    await folder.file(`encoded.${format}`, content);
    const error = await userError(open({ ...source(format, 'plain', `encoded.${format}`), features: ['x', { column: 'id', buckets: 4 }] }), 'table-encoding');
    expect(error.remedy).toBe('Save it as UTF-8.');
  });
});

describe('arrays', () => {
  test('with a NaN or an infinite number are refused, naming record and feature', async () => {
    await folder.file('labels.npy', npy('|u1', [2], Uint8Array.of(0, 1)));
    await folder.file('nan.npy', npy('<f8', [2, 2], Float64Array.of(1, 2, NaN, 4)));
    expect((await userError(open({ format: 'npy', features: 'nan.npy', labels: 'labels.npy' }), 'feature-not-finite')).message).toContain('record 1, feature 0 is NaN');
    await folder.file('infinite.idx', idx(13, [2, 2], [1, Infinity, 3, 4]));
    expect((await userError(open({ format: 'idx', features: 'infinite.idx', labels: 'labels.npy' }), 'feature-not-finite')).message).toContain('record 0, feature 1 is Infinity');
    await folder.file('huge.npy', npy('<f8', [2, 1], Float64Array.of(1, 1e39))); // more than float32 has
    await userError(open({ format: 'npy', features: 'huge.npy', labels: 'labels.npy' }), 'feature-not-finite');
    await folder.file('nan-labels.npy', npy('<f4', [2], Float32Array.of(0, NaN)));
    await folder.file('fine.npy', npy('<f4', [2, 1], Float32Array.of(1, 2)));
    await userError(open({ format: 'npy', features: 'fine.npy', labels: 'nan-labels.npy' }), 'label-not-integer');
  });

  test.each(['idx', 'npy', 'npz', 'hdf5', 'png', 'cifar10'] as const)('in %s that are empty, missing, named with backslashes or linked from elsewhere are refused', async (format) => {
    await folder.file('zero', '');
    const arrays = (features: string): SourceSpec => ({ format, features, labels: 'labels.npy' });
    await userError(open(arrays('zero')), 'file-empty');
    await userError(open(arrays('gone')), 'file-missing');
    expect((await userError(open(arrays('a\\b')), 'file-missing')).remedy).toContain('Write paths with /');
    const workspace = path.join(folder.path, 'workspace');
    await mkdir(workspace, { recursive: true });
    await symlink(path.join(folder.path, 'fine.npy'), path.join(workspace, `link-to-${format}`));
    await userError(openDataset(arrays(`link-to-${format}`), { base: workspace, workspace }), 'file-outside-workspace');
  });
});

describe('a list of images', () => {
  test('cannot lead out of its folder and the workspace, neither by its paths nor by a link', async () => {
    const workspace = path.join(folder.path, 'lists');
    await mkdir(workspace, { recursive: true });
    await folder.file('outside.png', 'x');
    const refused = async (name: string): Promise<void> => {
      await folder.file('lists/list.csv', `path,label\n${name},0\n`);
      expect((await userError(openDataset({ format: 'images', path: 'list.csv' }, { base: workspace, workspace }), 'file-outside-workspace')).file).toBe(name);
    };
    await refused('../outside.png');
    await refused('/etc/passwd');
    await symlink(path.join(folder.path, 'outside.png'), path.join(workspace, 'inside.png'));
    await refused('inside.png');
  });
});
