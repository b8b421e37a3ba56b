import { UserError } from '../error';
import type { Dataset } from './dataset';
import { recordsEqualTo } from './duplicates';
import { matchIds } from './id-list';
import { openDataset } from './open-dataset';
import type { OpenOptions } from './open-dataset';
import { matchPredicate } from './predicate';
import { recordSet } from './record-set';
import { expandRows } from './row-numbers';
import { findFile, findFiles } from './source-file';
import type { ForgetSelector, ForgetSpec, SourceSpec } from './source-spec';
import { Table } from './table';
import { formatOfName, tableFiles } from './table-format';

/** What one request of a run asked for. */
export interface SelectedRequest {
  readonly reference: string;
  readonly date: string | undefined;
  readonly basis: string | undefined;
  /** Sorted, without repetition. Requests may overlap. */
  readonly records: Uint32Array;
}

export interface Selection {
  /** Numbers of the records to forget, sorted, without repetition; never none and never all. */
  readonly records: Uint32Array;
  readonly requests: readonly SelectedRequest[];
  /** Ids that no record has, where the request allows that. Personal data: for the private run report only. */
  readonly unmatchedIds: readonly string[];
}

export interface SelectOptions extends Omit<OpenOptions, 'field'> {
  /** Where in the request the selection stands: `forget` unless given. */
  readonly field?: string | undefined;
  /** Where in the request the source stands: `data` unless given. */
  readonly sourceField?: string | undefined;
  /** The opened source: needed by selectors with `equalTo`. */
  readonly dataset?: Dataset | undefined;
}

/**
 * The table that says who a record is about: the source itself, or the one beside its arrays.
 * @param usedBy Field of the request that needs it.
 * @throws UserError `records-missing`, `records-format`, `length-mismatch`, and as opening a table does.
 */
export async function openRecordTable(source: SourceSpec, count: number, usedBy: string, options: SelectOptions): Promise<Table> {
  const sourceField = options.sourceField ?? 'data';
  if (source.format === 'images') {
    const { imageTable } = await import('./image-source');
    return Table.open((await imageTable(source, sourceField, options)).origin, options);
  }
  if ('path' in source) {
    return Table.open(await tableFiles(await findFiles(source.path, `${sourceField}.path`, options), source.format, source), options);
  }
  if (source.records === undefined) {
    throw new UserError('records-missing', 'arrays have no columns to select by.', { field: usedBy, remedy: `Name a table with one row a record in "${sourceField}.records", or select by "rows".` });
  }
  const file = await findFile(source.records, `${sourceField}.records`, options);
  const format = formatOfName(file.file);
  if (format === undefined) throw new UserError('records-format', 'is not a table.', { file: file.file, field: file.field, remedy: 'Use .csv, .tsv, .parquet, .jsonl, .arrow or .feather.' });
  const table = await Table.open(await tableFiles([file], format), options);
  const found = await table.count();
  if (found !== count) {
    table.close();
    throw new UserError('length-mismatch', `has ${found} rows, but there are ${count} records.`, { file: file.file, field: file.field, remedy: 'Give the table exactly one row a record, in the same order, and one header.' });
  }
  return table;
}

/** Finds the records that selectors name. Opens the table when the first of them needs it, and once only. */
export class Selector {
  private readonly source: SourceSpec;
  private readonly count: number;
  private readonly options: SelectOptions;
  private table: Table | undefined;
  readonly unmatchedIds = new Set<string>();

  constructor(source: SourceSpec, count: number, options: SelectOptions) {
    this.source = source;
    this.count = count;
    this.options = options;
  }

  async select(selector: ForgetSelector, field: string): Promise<Uint32Array> {
    const records = new Set(selector.rows === undefined ? [] : expandRows(selector.rows, this.count, `${field}.rows`));
    if (selector.ids !== undefined) {
      const matches = await matchIds(await this.open(`${field}.ids`), selector.ids, `${field}.ids`, this.options);
      for (const id of matches.unmatched) this.unmatchedIds.add(id);
      for (const record of matches.records) records.add(record);
    }
    if (selector.where !== undefined) {
      const where = { field: `${field}.where` };
      for (const record of await matchPredicate(await this.open(where.field), selector.where, where)) records.add(record);
    }
    if (selector.equalTo !== undefined) for (const record of await this.equalTo(selector.equalTo, `${field}.equalTo`)) records.add(record);
    return recordSet(records);
  }

  /** Stops a condition that is being looked up, which then fails. */
  interrupt(): void {
    this.table?.interrupt();
  }

  close(): void {
    this.table?.close();
  }

  /** Records with the same features and label as those of another source. Each of these must be in the data. */
  private async equalTo(source: SourceSpec, field: string): Promise<Uint32Array> {
    const { dataset } = this.options;
    if (dataset === undefined) throw new TypeError('"equalTo" needs the opened dataset');
    const { records, unmatched } = await recordsEqualTo(dataset, await openDataset(source, { ...this.options, field }));
    if (unmatched.length > 0) {
      throw new UserError('equal-unmatched', unmatched.length === 1 ? `1 of the records to forget is not in the data: record ${unmatched[0] ?? 0}.` : `${unmatched.length} of the records to forget are not in the data (the first is record ${unmatched[0] ?? 0}).`, { field, remedy: 'Features and label must be exactly those of the training data.' });
    }
    return records;
  }

  /** @param usedBy Field of the request that needs it. @throws UserError as `openRecordTable`. */
  async open(usedBy: string): Promise<Table> {
    this.table ??= await openRecordTable(this.source, this.count, usedBy, this.options);
    return this.table;
  }
}

/**
 * Finds the records to forget: the union of everything the request names.
 * @param count Number of records in the source.
 * @throws UserError `forget-nothing`, `forget-everything`, and those of each way to select.
 */
export async function selectForget(source: SourceSpec, count: number, forget: ForgetSpec, options: SelectOptions = {}): Promise<Selection> {
  const field = options.field ?? 'forget';
  const selector = new Selector(source, count, options);
  try {
    const all = new Set(await selector.select(forget, field));
    const requests: SelectedRequest[] = [];
    for (const [index, request] of (forget.requests ?? []).entries()) {
      const records = await selector.select(request, `${field}.requests[${index}]`);
      if (records.length === 0 && request.ids?.allowUnmatched !== true) throw new UserError('forget-nothing', `the request ${request.reference} selects no record.`, { field: `${field}.requests[${index}]`, remedy: 'Correct its condition, ids or rows, or take that request off the list.' });
      for (const record of records) all.add(record);
      requests.push({ reference: request.reference, date: request.date, basis: request.basis, records });
    }
    if (all.size === 0) throw new UserError('forget-nothing', 'no record is selected to be forgotten.', { field, remedy: 'Correct the condition, ids or rows; the preview counts them.' });
    if (all.size === count) throw new UserError('forget-everything', `all ${count} records are selected to be forgotten: nothing would be left to learn from.`, { field, remedy: 'To forget everything, delete the model.' });
    return { records: recordSet(all), requests, unmatchedIds: [...selector.unmatchedIds] };
  } finally {
    selector.close();
  }
}
