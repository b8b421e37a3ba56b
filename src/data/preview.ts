import type { SourceDataset } from './source-dataset';
import { openRecordTable } from './select-forget';
import type { Selector, SelectOptions } from './select-forget';
import type { SourceSpec } from './source-spec';
import { textOf } from './sql';
import type { Table } from './table';

/** How many of the records with one label go and stay. */
export interface ClassBalance {
  readonly label: number;
  readonly forgotten: number;
  readonly kept: number;
}

export interface SelectionPreview {
  readonly forgotten: number;
  readonly kept: number;
  /** By label, smallest first; none for values. A class with no record kept is one that the model can only forget as a whole. */
  readonly balance: readonly ClassBalance[];
  /** Names of the columns of `rows`, the record number first. */
  readonly columns: readonly string[];
  /** The first records to forget, as text. Personal data: for the person at the screen only. */
  readonly rows: readonly (readonly string[])[];
}

/** What a preview needs to know of the records themselves. */
export type Labelled = Pick<SourceDataset, 'count' | 'labels' | 'classCount'>;

/** Wide tables are shown by their first columns. */
const mostColumns = 50;
const mostRows = 10;

function hasTable(source: SourceSpec): boolean {
  return 'path' in source || source.records !== undefined;
}

function balanceOf(dataset: Labelled, forget: Uint32Array): ClassBalance[] {
  if (dataset.classCount === undefined) return [];
  const total = new Uint32Array(dataset.classCount);
  const forgotten = new Uint32Array(dataset.classCount);
  for (const label of dataset.labels) total[label] = (total[label] ?? 0) + 1;
  for (const record of forget) {
    const label = dataset.labels[record] ?? 0;
    forgotten[label] = (forgotten[label] ?? 0) + 1;
  }
  return Array.from(total, (count, label) => ({ label, forgotten: forgotten[label] ?? 0, kept: count - (forgotten[label] ?? 0) })).filter(({ forgotten: gone, kept }) => gone + kept > 0);
}

/** The first records without a table: their numbers and labels. */
function numbered(dataset: Labelled, shown: readonly number[]): Pick<SelectionPreview, 'columns' | 'rows'> {
  return { columns: ['record', 'label'], rows: shown.map((record) => [String(record), String(dataset.labels[record])]) };
}

async function rowsOf(table: Table, shown: readonly number[]): Promise<Pick<SelectionPreview, 'columns' | 'rows'>> {
  const columns = table.columns.slice(0, mostColumns);
  const rows = await table.at(shown, columns.map(textOf));
  return { columns: ['record', ...columns.map(({ name }) => name)], rows: rows.map((row, index) => [String(shown[index]), ...row.map((cell) => (cell === null ? '' : String(cell)))]) };
}

async function firstRows(source: SourceSpec, dataset: Labelled, shown: readonly number[], options: SelectOptions): Promise<Pick<SelectionPreview, 'columns' | 'rows'>> {
  if (!hasTable(source)) return numbered(dataset, shown);
  const table = await openRecordTable(source, dataset.count, 'forget', options);
  try {
    return await rowsOf(table, shown);
  } finally {
    table.close();
  }
}

/**
 * What a selection would do, before anything is done: how many records, the first of them, and what is left of each class.
 * @param forget Records to forget, sorted.
 * @throws UserError as reading the table does.
 */
export async function previewSelection(source: SourceSpec, dataset: Labelled, forget: Uint32Array, options: SelectOptions & { readonly rows?: number } = {}): Promise<SelectionPreview> {
  return describe(dataset, forget, options.rows ?? mostRows, (shown) => firstRows(source, dataset, shown, options));
}

/** The same by the selector that made the selection, whose table stays open. @throws UserError as reading the table does. */
export async function previewBySelector(source: SourceSpec, dataset: Labelled, forget: Uint32Array, selector: Selector): Promise<SelectionPreview> {
  return describe(dataset, forget, mostRows, async (shown) => (hasTable(source) ? rowsOf(await selector.open('forget'), shown) : numbered(dataset, shown)));
}

async function describe(dataset: Labelled, forget: Uint32Array, rows: number, first: (shown: readonly number[]) => Promise<Pick<SelectionPreview, 'columns' | 'rows'>>): Promise<SelectionPreview> {
  const shown = Array.from(forget.subarray(0, rows));
  return {
    forgotten: forget.length,
    kept: dataset.count - forget.length,
    balance: balanceOf(dataset, forget),
    ...(shown.length === 0 ? { columns: [], rows: [] } : await first(shown)),
  };
}
