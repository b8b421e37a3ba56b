import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { zipSync } from 'fflate';
import * as hdf5 from 'h5wasm';
import { PNG } from 'pngjs';
import type { FeatureColumn, ForgetSpec, SourceSpec } from '../../src/data/source-spec';
import { idx, npy } from '../unit/data/array-files';

/** Sound data: what a request says of them, and their files. */
export interface DataSeed {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly source: SourceSpec;
  readonly forget: ForgetSpec;
  /** Which of the files are damaged: each of them unless given. */
  readonly harmed?: readonly string[];
}

const fixtures = join('test', 'fixtures', 'data');
const fixture = (name: string): Promise<Uint8Array> => readFile(join(fixtures, name));
const text = (lines: readonly string[]): Uint8Array => Buffer.from(`${lines.join('\n')}\n`);

const count = 60;
const words = ['the quick fox', 'a lazy dog', 'certified unlearning', 'deleted, and forgotten', 'to be "quoted"'];
const numbers = Array.from({ length: count }, (_, index) => index);
const cells = numbers.map((id) => ({ id, person: `p${id % 7}`, x: id / 2, y: (id * 37) % 11, words: words[id % words.length] ?? '', label: id % 3 }));
const header = ['id', 'person', 'x', 'y', 'words', 'label'];
const quoted = (cell: string | number): string => (/[",]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell));
const csv = text([header.join(','), ...cells.map((row) => Object.values(row).map(quoted).join(','))]);
const jsonl = text(cells.map((row) => JSON.stringify({ ...row, list: [row.x, row.y, 1] })));

const features: readonly FeatureColumn[] = ['x', 'y', { column: 'words', buckets: 8 }, { column: 'person', oneHot: ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6'] }];
const forget: ForgetSpec = { where: "person = 'p3' and x < 20", ids: { column: 'id', values: [5, '6'] }, rows: [1, '7-9'] };

type TableFormat = Extract<SourceSpec, { path: string | readonly string[]; features: readonly FeatureColumn[] }>['format'];

function table(name: string, format: TableFormat, bytes: Uint8Array, more: { readonly features?: readonly FeatureColumn[]; readonly table?: string } = {}): DataSeed {
  return { files: { [name]: bytes }, source: { format, path: name, label: 'label', features, ...more }, forget };
}

const columns = "i as id, 'p' || (i % 7) as person, i / 2 as x, (i * 37) % 11 as y, 'some words ' || (i % 5) as words, [i, i + 1, i / 4]::double[] as list, i % 3 as label";
const rows = `(select ${columns} from range(${count}) r(i))`;

/** A file that DuckDB writes. */
async function duckdb(name: string, sql: (file: string) => string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-seed-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(sql(join(folder, name)));
    return await readFile(join(folder, name));
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

async function parquet(options: string): Promise<DataSeed> {
  const bytes = await duckdb('t.parquet', (file) => `copy ${rows} to '${file}' (format parquet, ${options})`);
  return table('t.parquet', 'parquet', bytes, { features: [...features, 'list'] });
}

async function duckdbFile(): Promise<DataSeed> {
  const bytes = await duckdb('t.duckdb', (file) => `attach '${file}' as made (block_size 16384); create table made.t as ${rows}; create table made.other as select 1 as a; detach made`);
  return table('t.duckdb', 'duckdb', bytes, { features: [...features, 'list'], table: 't' });
}

async function arrow(format: 'file' | 'stream'): Promise<DataSeed> {
  const column = <K extends keyof (typeof cells)[number]>(name: K): (typeof cells)[number][K][] => cells.map((row) => row[name]);
  const made = tableFromArrays({ id: Int32Array.from(numbers), person: column('person'), x: Float64Array.from(column('x')), y: Int32Array.from(column('y')), words: column('words'), label: Int32Array.from(column('label')) });
  return Promise.resolve(table('t.arrow', 'arrow', tableToIPC(made, format)));
}

async function fixtureTable(name: string, format: TableFormat, label: string, wanted: readonly FeatureColumn[], more: { readonly table?: string } = {}): Promise<DataSeed> {
  return { files: { [name]: await fixture(name) }, source: { format, path: name, label, labelKind: 'value', features: wanted, ...more }, forget: { where: `${label} = 0`, rows: [0] } };
}

const records = text(['id,person', ...numbers.map((id) => `${id},p${id % 7}`)]);
const labels = npy('|u1', [count], Uint8Array.from(numbers, (id) => id % 3));
const values = Float32Array.from({ length: count * 6 }, (_, index) => index / 4);
const pixels = Uint8Array.from({ length: count * 6 }, (_, index) => (index * 37) % 251);
const transposed = Float32Array.from({ length: count * 6 }, (_, index) => values[(index % count) * 6 + Math.floor(index / count)] ?? 0);

type ArrayFormat = Extract<SourceSpec, { features: string | readonly string[]; records?: string | undefined }>['format'];

/** The first file has the features, and the second one, where there is one, the labels. */
function arrays(format: ArrayFormat, files: Readonly<Record<string, Uint8Array>>, more: object = {}): DataSeed {
  const [first = '', second] = Object.keys(files);
  const source = { format, features: first, ...(second === undefined ? {} : { labels: second }), ...more };
  return { files: { ...files, 'records.csv': records }, source: { ...source, records: 'records.csv' }, forget: { ...forget, where: "person = 'p3'" }, harmed: Object.keys(files) };
}

/** The same of another number of records than there are in the table beside them. */
function few(...given: Parameters<typeof arrays>): DataSeed {
  const { files, source } = arrays(...given);
  return { files, source, forget: { rows: [0] }, harmed: Object.keys(given[1]) };
}

function npz(level: 0 | 6): DataSeed {
  const entries = { 'x.npy': npy('<f4', [6, count].reverse(), transposed, true), 'y.npy': labels, 'z.npy': npy('|u1', [count, 6], pixels) };
  return arrays('npz', { 'a.npz': Buffer.from(zipSync(entries, { level, mtime: '2020-01-01' })) }, { featuresKey: level === 0 ? 'z' : 'x', labelsKey: 'y' });
}

async function hdf5File(options: { readonly chunks?: number[]; readonly compression?: number }, wrap = (bytes: Uint8Array): Uint8Array => bytes): Promise<DataSeed> {
  const { FS } = await hdf5.ready;
  const file = new hdf5.File('/seed.h5', 'w');
  const group = file.create_group('g');
  group.create_dataset({ name: 'x', data: values, shape: [count, 6], ...options });
  file.create_dataset({ name: 'y', data: Uint8Array.from(numbers, (id) => id % 3), shape: [count] });
  file.create_dataset({ name: 'names', data: ['one', 'two'] });
  file.close();
  const bytes = FS.readFile('/seed.h5').slice();
  FS.unlink('/seed.h5');
  return arrays('hdf5', { 'a.h5': wrap(bytes) }, { featuresKey: 'g/x', labelsKey: 'y' });
}

/** @param type 0 grey, 2 colours, 6 colours with opacity. */
function png(type: 0 | 2 | 6, height: number, width = 6): Uint8Array {
  const image = new PNG({ width, height });
  image.data = Buffer.from(Array.from({ length: width * height }, (_, index) => [(index * 37) % 251, (index * 37) % 251, (index * 37) % 251, 255]).flat());
  return PNG.sync.write(image, { colorType: type, inputHasAlpha: true });
}

async function images(): Promise<DataSeed> {
  const jpeg = await fixture('grey.jpg');
  return { files: { 'images/a/1.jpg': jpeg, 'images/a/2.jpg': jpeg, 'images/b/1.jpg': jpeg }, source: { format: 'images', path: 'images' }, forget: { where: "label = 'a' and path like '%1%'" } };
}

function imageList(): DataSeed {
  const list = text(['path,label,person', 'a/1.png,0,p1', 'a/2.png,1,p2', 'b/1.png,1,p3']);
  return { files: { 'list.csv': list, 'a/1.png': png(2, 5), 'a/2.png': png(6, 5), 'b/1.png': png(2, 5) }, source: { format: 'images', path: 'list.csv' }, forget: { where: "person = 'p2'" } };
}

async function tokenized(name: string): Promise<DataSeed> {
  const feature: FeatureColumn = { column: 'words', tokenizer: name, length: 12 };
  return { files: { 't.csv': csv, [name]: await fixture(`tokenizers/${name}`) }, source: { format: 'csv', path: 't.csv', label: 'label', features: [feature] }, forget, harmed: [name] };
}

function vocabulary(name: string, bytes: Uint8Array): DataSeed {
  return { files: { 't.csv': csv, [name]: bytes }, source: { format: 'csv', path: 't.csv', label: 'label', features: [{ column: 'words', vocabulary: name, as: 'tokens', length: 4 }] }, forget, harmed: [name] };
}

async function ids(name: string, bytes: Uint8Array | Promise<Uint8Array>): Promise<DataSeed> {
  const { files, source } = table('t.csv', 'csv', csv);
  return { files: { ...files, [name]: await bytes }, source, forget: { ids: { column: 'person', file: name, allowUnmatched: true } }, harmed: [name] };
}

const arrowFeatures: readonly FeatureColumn[] = ['small', 'v', 'w', { column: 'note', buckets: 8 }, { column: 'who', oneHot: ['p0', 'p1', 'p2', 'p3', 'p4'] }];
const vocabularyWords = ['', '[UNK]', 'the', 'quick', 'fox', 'lazy', 'dog'];
const zstd = (sql: string): Promise<Uint8Array> => duckdb('t.zst', (file) => `copy ${rows} to '${file}' (${sql}, compression zstd)`);

const made: readonly (readonly [name: string, make: () => DataSeed | Promise<DataSeed>])[] = [
  ['CSV', () => table('t.csv', 'csv', csv)],
  ['CSV, gzip', () => table('t.csv.gz', 'csv', gzipSync(csv))],
  ['CSV, Zstandard', async () => table('t.csv.zst', 'csv', await zstd('format csv, header'))],
  ['TSV', () => table('t.tsv', 'tsv', Buffer.from(Buffer.from(csv).toString().replaceAll(/"[^\n]*"/g, 'words').replaceAll(',', '\t')))],
  ['JSON Lines', () => table('t.jsonl', 'jsonl', jsonl, { features: [...features, 'list'] })],
  ['JSON Lines, gzip', () => table('t.jsonl.gz', 'jsonl', gzipSync(jsonl), { features: [...features, 'list'] })],
  ['JSON Lines, Zstandard', async () => table('t.jsonl.zst', 'jsonl', await zstd('format json'), { features: [...features, 'list'] })],
  ['Parquet, Snappy', () => parquet('compression snappy')],
  ['Parquet, Zstandard', () => parquet('compression zstd')],
  ['Parquet, gzip', () => parquet('compression gzip, row_group_size 2048')],
  ['Parquet, LZ4', () => parquet('compression lz4_raw')],
  ['Parquet, Brotli', () => parquet('compression brotli')],
  ['Parquet, plain', () => parquet('compression uncompressed')],
  ['Parquet of version 2', () => parquet('compression uncompressed, parquet_version v2')],
  ['DuckDB', duckdbFile],
  ['SQLite', () => fixtureTable('small.sqlite', 'sqlite', 'id', ['x, y'], { table: 'people' })],
  ['SQLite of long rows', () => fixtureTable('long.sqlite', 'sqlite', 'y', ['x'])],
  ['SQLite of odd values', () => fixtureTable('odd.sqlite', 'sqlite', 'y', ['x'], { table: 'plain' })],
  ['SQLite in UTF-16', () => fixtureTable('utf16.sqlite', 'sqlite', 'id', [{ column: 'name', buckets: 8 }])],
  ['Arrow file', () => arrow('file')],
  ['Arrow stream', () => arrow('stream')],
  ['Arrow, LZ4', () => fixtureTable('arrow-lz4.feather', 'arrow', 'y', arrowFeatures)],
  ['Arrow, Zstandard', () => fixtureTable('arrow-zstd.feather', 'arrow', 'y', arrowFeatures)],
  ['Arrow of decimals', () => fixtureTable('arrow-decimals.arrow', 'arrow', 'y', ['price'])],
  ['Arrow without rows', () => fixtureTable('arrow-empty.arrow', 'arrow', 'y', ['price'])],
  ['NPY', () => arrays('npy', { 'x.npy': npy('<f4', [count, 6], values), 'y.npy': labels })],
  ['NPY in Fortran order', () => arrays('npy', { 'x.npy': npy('<f4', [count, 6], transposed, true), 'y.npy': labels })],
  ['NPY, gzip, in Fortran order', () => arrays('npy', { 'x.npy.gz': gzipSync(npy('<f4', [count, 6], transposed, true)), 'y.json': text([JSON.stringify(numbers.map((id) => id % 3))]) })],
  ['NPZ, stored', () => npz(0)],
  ['NPZ, deflated', () => npz(6)],
  ['NPZ of NumPy', async () => few('npz', { 'a.npz': await fixture('numpy-compressed.npz') }, { featuresKey: 'fortran', labelsKey: 'vector' })],
  ['IDX', () => arrays('idx', { 'x.idx': idx(8, [count, 2, 3], Array.from(pixels)), 'y.idx': idx(8, [count], numbers.map((id) => id % 3)) })],
  ['IDX, gzip', () => arrays('idx', { 'x.idx.gz': gzipSync(idx(13, [count, 6], Array.from(values))), 'y.idx.gz': gzipSync(idx(8, [count], numbers.map((id) => id % 3))) })],
  ['HDF5', () => hdf5File({})],
  ['HDF5 in chunks', () => hdf5File({ chunks: [7, 4] })],
  ['HDF5 in compressed chunks', () => hdf5File({ chunks: [20, 3], compression: 6 })],
  ['HDF5, gzip', () => hdf5File({}, gzipSync)],
  ['HDF5 of h5py', async () => few('hdf5', { 'a.h5': await fixture('arrays.h5') }, { featuresKey: 'group/features', labelsKey: 'labels' })],
  ['HDF5 of h5py, half precision', async () => few('hdf5', { 'a.h5': await fixture('half.h5') }, { featuresKey: 'chunks', labelsKey: 'labels' })],
  ['CIFAR-10', () => few('cifar10', { 'data_batch_1.bin': Uint8Array.from({ length: 4 * 3073 }, (_, index) => (index % 3073 === 0 ? Math.floor(index / 3073) : index % 256)) })],
  ['CIFAR-100', () => few('cifar100', { 'train.bin': Uint8Array.from({ length: 4 * 3074 }, (_, index) => index % 100) })],
  ['PNG of rows', () => arrays('png', { 'x.png': png(0, count), 'y.npy': labels })],
  ['PNG with a palette', async () => few('png', { 'x.png': await fixture('palette.png'), 'y.json': text(['[0, 1]']) })],
  ['folder of JPEG images', images],
  ['list of PNG images', imageList],
  ...['bytelevel', 'metaspace_bpe', 'metaspace_split', 'roberta', 'split', 'unigram', 'keras-words', 'keras-characters'].map((name) => [name, () => tokenized(`${name}.json`)] as const),
  ...['bpe', 'bytes', 'suffix'].map((name) => [`SentencePiece, ${name}`, () => tokenized(`spiece-${name}.model`)] as const),
  ['vocabulary of lines', () => vocabulary('words.txt', text(vocabularyWords))],
  ['vocabulary in JSON', () => vocabulary('words.json', text([JSON.stringify(vocabularyWords)]))],
  ['ids of lines', () => ids('ids.txt', text(['p1', 'p2', 'nobody']))],
  ['ids in CSV', () => ids('ids.csv', text(['person,when', 'p1,2020-01-01', 'p2,2021-01-01']))],
  ['ids in Parquet', () => ids('ids.parquet', duckdb('ids.parquet', (file) => `copy (select 'p' || i as person from range(3) r(i)) to '${file}' (format parquet)`))],
  ['records beside arrays', () => ({ ...arrays('npy', { 'x.npy': npy('<f4', [count, 6], values), 'y.npy': labels }), harmed: ['records.csv'] })],
];

/** Made once, when they are first asked for. */
export const seeds = made.map(([name, make]) => {
  let seed: Promise<DataSeed> | undefined;
  return [name, () => (seed ??= Promise.resolve(make()))] as const;
});
