import { DuckDBListVector } from '@duckdb/node-api';
import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import { UserError } from '../error';
import { areBytes, checkedFeature, featureShape, isPlainFeature, toScale } from './features';
import type { RawFeatures } from './features';
import { toLabels } from './labels';
import type { RawLabel } from './labels';
import { MemoryDataset } from './memory-dataset';
import { findFiles } from './source-file';
import type { PathOptions, Where } from './source-file';
import type { TableSource } from './source-spec';
import { quoteName } from './sql';
import { Table } from './table';
import type { Column, TableOptions } from './table';
import { tableFiles } from './table-format';

const isList = (column: Column): boolean => /\[\d*\]$/.test(column.type);

/** The columns that `features` means, in the order of the model's input. */
function featureColumns(table: Table, source: TableSource, field: string): readonly Column[] {
  return source.features.flatMap((name, index) => {
    if (!name.endsWith('*') || table.columns.some((column) => column.name === name)) return [table.column(name, `${field}.features[${index}]`)];
    const matches = table.columns.filter((column) => column.name.startsWith(name.slice(0, -1)) && column.name !== source.label);
    if (matches.length === 0) throw new UserError('column-missing', `has no column that begins with "${name.slice(0, -1)}". ${table.listColumns()}`, { ...table.where, field: `${field}.features[${index}]` });
    return matches;
  });
}

/** Grows by doubling: the number of records of a text file is known only at its end. */
class GrowingFeatures {
  private values = new Float32Array(1 << 16);

  /** Makes room for `length` values and returns where they go. */
  reserve(length: number): Float32Array {
    if (length > this.values.length) {
      const larger = new Float32Array(Math.max(length, 2 * this.values.length));
      larger.set(this.values);
      this.values = larger;
    }
    return this.values;
  }

  /** Bytes where all values are integers from 0 to 255, so that images take a quarter of the memory. */
  finish(length: number): RawFeatures {
    const used = this.values.subarray(0, length);
    return areBytes(used) ? Uint8Array.from(used) : used.slice();
  }
}

/** What stands in a cell that is not a number, for the message. */
async function describeCell(table: Table, column: Column, record: number): Promise<string> {
  const [row] = await table.rows(`select cast(${quoteName(column.name)} as varchar) from records where ${table.numberColumn} = ${record}`);
  const cell = row?.[0] ?? null;
  return cell === null ? 'is empty (NULL)' : `is ${JSON.stringify(cell)}, not a finite number`;
}

interface Place {
  readonly record: number;
  readonly column: Column;
}

/** A cell that cannot be a feature; told apart from other errors because its text must still be fetched. */
class BadCell extends Error {
  readonly place: Place;
  constructor(place: Place) {
    super();
    this.place = place;
  }
}

class FeatureReader {
  private readonly columns: readonly Column[];
  private readonly where: Where;
  private readonly features = new GrowingFeatures();
  /** Features each column contributes; known after the first record. */
  private widths: readonly number[] | undefined;
  private featureCount = 0;
  private records = 0;

  constructor(columns: readonly Column[], where: Where) {
    this.columns = columns;
    this.where = where;
  }

  append(chunk: DuckDBDataChunk): void {
    const vectors = this.columns.map((_, index) => chunk.getColumnVector(index));
    const widths = this.widths ?? this.measure(vectors);
    const target = this.features.reserve((this.records + chunk.rowCount) * this.featureCount);
    let offset = this.records * this.featureCount;
    vectors.forEach((vector, index) => {
      const column = this.columns[index];
      const width = widths[index];
      if (column === undefined || width === undefined) return;
      if (vector instanceof DuckDBListVector) this.copyLists(vector, column, width, target, offset);
      else this.copyNumbers(vector, column, target, offset);
      offset += width;
    });
    this.records += chunk.rowCount;
  }

  finish(): { readonly features: RawFeatures; readonly featureCount: number } {
    return { features: this.features.finish(this.records * this.featureCount), featureCount: this.featureCount };
  }

  private measure(vectors: readonly DuckDBVector[]): readonly number[] {
    this.widths = vectors.map((vector) => (vector instanceof DuckDBListVector ? vector.getEntryLength(0) : 1));
    this.featureCount = this.widths.reduce((sum, width) => sum + width, 0);
    return this.widths;
  }

  private copyNumbers(vector: DuckDBVector, column: Column, target: Float32Array, offset: number): void {
    for (let row = 0; row < vector.itemCount; row++) {
      const value = vector.getItem(row);
      // Most numbers are float32 already or lie between two of them; only the rest needs a closer look.
      target[offset + row * this.featureCount] = isPlainFeature(value) ? value : this.check(value, { record: this.records + row, column });
    }
  }

  private copyLists(vector: DuckDBListVector, column: Column, width: number, target: Float32Array, offset: number): void {
    for (let row = 0; row < vector.itemCount; row++) {
      const place = { record: this.records + row, column };
      if (vector.getItemVector(row) === null) throw new BadCell(place);
      const length = vector.getEntryLength(row);
      if (length !== width) throw new UserError('shape-mismatch', `record ${place.record}, column "${column.name}" has ${length} numbers, but record 0 has ${width}.`, this.where);
      const start = vector.getEntryOffset(row);
      for (let item = 0; item < width; item++) target[offset + row * this.featureCount + item] = this.check(vector.childVector.getItem(start + item), place);
    }
  }

  private check(value: unknown, place: Place): number {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadCell(place);
    return checkedFeature(value, () => `record ${place.record}, column "${place.column.name}"`, this.where);
  }
}

function labelExpression(source: TableSource, column: Column): string {
  const name = quoteName(column.name);
  const textual = source.labelKind !== 'value' && source.classes?.some((label) => typeof label === 'string') === true;
  if (textual) return `cast(${name} as varchar)`;
  // Text that is no number stays text, so that the message can show it.
  return column.type === 'VARCHAR' ? name : `cast(${name} as double)`;
}

async function readRecords(table: Table, source: TableSource, field: string): Promise<MemoryDataset> {
  const columns = featureColumns(table, source, field);
  if (columns.length === 0) throw new UserError('no-features', 'names no columns.', { field: `${field}.features` });
  const label = table.column(source.label, `${field}.label`);
  const leak = columns.findIndex((column) => column.name === label.name);
  if (leak >= 0) throw new UserError('label-is-feature', `the column "${label.name}" is both the label and a feature.`, { ...table.where, field: `${field}.features` });
  const expressions = columns.map((column) => `try_cast(${quoteName(column.name)} as ${isList(column) ? 'double[]' : 'double'})`);
  const reader = new FeatureReader(columns, { ...table.where, field: `${field}.features` });
  const labels: RawLabel[] = [];
  try {
    for await (const chunk of table.chunks(`select ${[...expressions, labelExpression(source, label)].join(', ')} from records`)) {
      reader.append(chunk);
      chunk.visitColumnValues(columns.length, (value) => labels.push(typeof value === 'number' || typeof value === 'string' ? value : null));
    }
  } catch (cause) {
    if (!(cause instanceof BadCell)) throw cause;
    const { record, column } = cause.place;
    throw new UserError('feature-not-finite', `record ${record}, column "${column.name}" ${await describeCell(table, column, record)}.`, { ...table.where, field: `${field}.features` });
  }
  if (labels.length === 0) throw new UserError('data-empty', 'holds no records.', table.where);
  const { features, featureCount } = reader.finish();
  return new MemoryDataset({
    features,
    labels: toLabels(labels, source, { ...table.where, field: `${field}.label` }),
    featureShape: featureShape(source.shape, [featureCount], { ...table.where, field: `${field}.shape` }),
    scale: toScale(source.scale, featureCount, `${field}.scale`),
  });
}

/**
 * Opens features and labels kept as columns of a table. Text that spells a number counts as that number.
 * @throws UserError for a missing, damaged or unsuitable file, a column that is not there, and the first value that is no finite number.
 */
export async function openTableSource(source: TableSource, field: string, options: PathOptions & TableOptions): Promise<MemoryDataset> {
  const files = await findFiles(source.path, `${field}.path`, options);
  const table = await Table.open(await tableFiles(files, source.format, { delimiter: source.delimiter, table: source.table, asText: true }), options);
  try {
    return await readRecords(table, source, field);
  } finally {
    table.close();
  }
}
