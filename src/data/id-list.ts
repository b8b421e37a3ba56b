import { UserError } from '../error';
import { exactDecimal, isBeyondBits } from './exact-decimal';
import { findFile, readFileBytes } from './source-file';
import type { PathOptions, SourceFile } from './source-file';
import type { IdSelection } from './source-spec';
import { textOf } from './sql';
import { Table } from './table';
import type { Column } from './table';
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
  // As they stand there: what an id looks like says nothing about its type.
  const table = await Table.open(await tableFiles([file], format, { asText: true }));
  try {
    const wanted = ids.fileColumn ?? (table.columns.length === 1 ? table.columns[0]?.name : undefined) ?? ids.column;
    const column = table.column(wanted, `${field}.fileColumn`);
    const list: string[] = [];
    for await (const chunk of table.each([textOf(column)])) {
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
  const changed = (ids.values ?? []).find((id) => typeof id === 'number' && Math.abs(id) > Number.MAX_SAFE_INTEGER);
  if (changed !== undefined) throw new UserError('ids-precision', `${changed} may be another id than the one that was written: JSON reads numbers beyond 2^53 as their neighbours.`, { field: `${field}.values`, remedy: 'Write such ids in quotes.' });
  if (ids.file !== undefined) {
    const file = await findFile(ids.file, `${field}.file`, options);
    list.push(...(/\.txt$/i.test(file.file) ? await readLines(file) : await readColumn(file, ids, field)));
  }
  const unique = new Set(list.map((id) => id.trim()).filter((id) => id !== ''));
  if (unique.size === 0) throw new UserError('ids-empty', 'names no ids.', { file: ids.file, field, remedy: 'Write at least one id into it, one a line under the header where there is one.' });
  return unique;
}

/** How many bits a number of a floating-point column has; undefined for other columns. */
const bitsOf: Readonly<Record<string, number | undefined>> = { FLOAT: 24, DOUBLE: 53 };

/** How the ids and the cells of a column are compared: as text, or decimals by their exact value. What is no number among decimals is no id at all. */
function keyOf(column: Column): (id: string) => string | undefined {
  return bitsOf[column.type] !== undefined || column.type.startsWith('DECIMAL') ? exactDecimal : (id) => id.trim();
}

/** For someone who writes ids in another way than the data have them; none of its values, because they are other people's. */
function typeOf({ name, type }: Column): string {
  return type === 'VARCHAR' ? '' : ` The values of "${name}" are of the type ${type}${type === 'DATE' ? ', written 2020-01-31' : ''}.`;
}

/**
 * Records whose key column has one of the ids. Ids are compared as text ("7" is not "007"), those of columns of decimals by their exact value.
 * @throws UserError `ids-empty`, `ids-unmatched`, `ids-precision` where the column cannot tell an id from others, `column-missing`, and those of
 * reading the file of ids.
 */
export async function matchIds(table: Table, ids: IdSelection, field: string, options: PathOptions): Promise<IdMatches> {
  const column = table.column(ids.column, `${field}.column`);
  const key = keyOf(column);
  const list = await listIds(ids, field, options);
  const bits = bitsOf[column.type];
  const vague = bits === undefined ? undefined : [...list].find((id) => isBeyondBits(id, bits));
  if (vague !== undefined) throw new UserError('ids-precision', `the column "${column.name}" holds floating-point numbers, which cannot tell ${vague} from its neighbours.`, { ...table.where, field, remedy: 'Keep ids as integers or as text in the data, or select by another column.' });
  const wanted = new Map([...list].map((id) => [key(id) ?? `no number: ${id}`, id]));
  const matched = new Set<string>();
  const records: number[] = [];
  let first = 0;
  for await (const chunk of table.each([textOf(column)])) {
    chunk.visitColumnValues(0, (value, row) => {
      const id = value === null ? undefined : key(String(value));
      if (id === undefined || !wanted.has(id)) return;
      matched.add(id);
      records.push(first + row);
    });
    first += chunk.rowCount;
  }
  const unmatched = [...wanted].filter(([id]) => !matched.has(id)).map(([, id]) => id);
  if (unmatched.length > 0 && ids.allowUnmatched !== true) {
    const shown = unmatched.slice(0, 10).map((id) => `"${id}"`).join(', ');
    const more = unmatched.length > 10 ? ', …' : '';
    throw new UserError('ids-unmatched', `no record has the ${ids.column} ${shown}${more}.${typeOf(column)}`, { file: ids.file, field, remedy: 'Correct the list, or set "allowUnmatched" to true if these are known to be gone already.' });
  }
  return { records, unmatched };
}
