import type { SourceDataset } from './source-dataset';
import { openRecordTable } from './select-forget';
import type { SelectOptions } from './select-forget';
import type { SourceSpec } from './source-spec';
import { quoteName } from './sql';

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

/** Wide tables are shown by their first columns. */
const mostColumns = 50;

function balanceOf(dataset: SourceDataset, forget: Uint32Array): ClassBalance[] {
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

async function firstRows(source: SourceSpec, dataset: SourceDataset, shown: readonly number[], options: SelectOptions): Promise<Pick<SelectionPreview, 'columns' | 'rows'>> {
  const hasTable = 'path' in source || source.records !== undefined;
  if (!hasTable) return { columns: ['record', 'label'], rows: shown.map((record) => [String(record), String(dataset.labels[record])]) };
  const table = await openRecordTable(source, dataset.count, 'forget', options);
  try {
    const columns = table.columns.slice(0, mostColumns);
    const cells = columns.map(({ name }) => `cast(${quoteName(name)} as varchar)`).join(', ');
    const rows = await table.rows(`select ${table.numberColumn}, ${cells} from records where ${table.numberColumn} in (${shown.join(', ')})`);
    return { columns: ['record', ...columns.map(({ name }) => name)], rows: rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell)))) };
  } finally {
    table.close();
  }
}

/**
 * What a selection would do, before anything is done: how many records, the first of them, and what is left of each class.
 * @param forget Records to forget, sorted.
 * @throws UserError as reading the table does.
 */
export async function previewSelection(source: SourceSpec, dataset: SourceDataset, forget: Uint32Array, options: SelectOptions & { readonly rows?: number } = {}): Promise<SelectionPreview> {
  const shown = Array.from(forget.subarray(0, options.rows ?? 10));
  return {
    forgotten: forget.length,
    kept: dataset.count - forget.length,
    balance: balanceOf(dataset, forget),
    ...(shown.length === 0 ? { columns: [], rows: [] } : await firstRows(source, dataset, shown, options)),
  };
}
