import { UserError } from '../error';
import { findFile, readFileBytes } from './source-file';
import type { PathOptions, SourceFile } from './source-file';
import type { IdSelection } from './source-spec';
import { textOf } from './sql';
import { Table } from './table';
import { notUtf8 } from './table-error';
import { formatOfName, tableFiles } from './table-format';

export interface IdMatches {
  readonly records: readonly number[];
  /** Ids of the list that no record has. */
  readonly unmatched: readonly string[];
}

async function readLines(file: SourceFile): Promise<string[]> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFileBytes(file)).split(/\r?\n/);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw notUtf8({ file: file.file, field: file.field }, '', cause);
  }
}

async function readColumn(file: SourceFile, ids: IdSelection, field: string): Promise<string[]> {
  const format = formatOfName(file.file);
  if (format === undefined) {
    throw new UserError('ids-format', 'cannot be read as a list of ids.', { file: file.file, field: file.field, remedy: 'Use .txt (one id a line), .csv, .tsv, .parquet, .jsonl, .arrow or .feather.' });
  }
  const table = await Table.open(await tableFiles([file], format));
  try {
    const wanted = ids.fileColumn ?? (table.columns.length === 1 ? table.columns[0]?.name : undefined) ?? ids.column;
    const column = table.column(wanted, `${field}.fileColumn`);
    const list: string[] = [];
    for await (const chunk of table.chunks(`select ${textOf(column)} from records`)) {
      chunk.visitColumnValues(0, (value) => list.push(value === null ? '' : String(value)));
    }
    return list;
  } finally {
    table.close();
  }
}

/** All ids given, as text, without blanks around them and without repetition. */
async function listIds(ids: IdSelection, field: string, options: PathOptions): Promise<ReadonlySet<string>> {
  const list = (ids.values ?? []).map(String);
  if (ids.file !== undefined) {
    const file = await findFile(ids.file, `${field}.file`, options);
    list.push(...(/\.txt$/i.test(file.file) ? await readLines(file) : await readColumn(file, ids, field)));
  }
  const unique = new Set(list.map((id) => id.trim()).filter((id) => id !== ''));
  if (unique.size === 0) throw new UserError('ids-empty', 'names no ids.', { file: ids.file, field, remedy: 'Write at least one id into it, one a line under the header where there is one.' });
  return unique;
}

/**
 * Records whose key column has one of the ids. Ids are compared as text ("7" is not "007"), numbers of a floating-point column by value.
 * @throws UserError `ids-empty`, `ids-unmatched`, `column-missing`, and those of reading the file of ids.
 */
export async function matchIds(table: Table, ids: IdSelection, field: string, options: PathOptions): Promise<IdMatches> {
  const column = table.column(ids.column, `${field}.column`);
  const byValue = /^(FLOAT|DOUBLE|DECIMAL.*)$/.test(column.type);
  const key = (id: string): string => (byValue ? String(Number(id)) : id.trim());
  const wanted = new Map([...(await listIds(ids, field, options))].map((id) => [key(id), id]));
  const matched = new Set<string>();
  const records: number[] = [];
  for await (const chunk of table.chunks(`select ${table.numberColumn}, ${textOf(column)} from records`)) {
    const numbers = chunk.getColumnVector(0);
    chunk.visitColumnValues(1, (value, row) => {
      const id = value === null ? undefined : key(String(value));
      if (id === undefined || !wanted.has(id)) return;
      matched.add(id);
      records.push(Number(numbers.getItem(row)));
    });
  }
  const unmatched = [...wanted].filter(([id]) => !matched.has(id)).map(([, id]) => id);
  if (unmatched.length > 0 && ids.allowUnmatched !== true) {
    const shown = unmatched.slice(0, 10).map((id) => `"${id}"`).join(', ');
    const more = unmatched.length > 10 ? ` and ${unmatched.length - 10} more` : '';
    throw new UserError('ids-unmatched', `no record has the ${ids.column} ${shown}${more}.`, { file: ids.file, field, remedy: 'Correct the list, or set "allowUnmatched" to true if these are known to be gone already.' });
  }
  return { records, unmatched };
}
