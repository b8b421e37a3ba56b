import { compareNaturally } from './source-file';
import type { Where } from './source-file';
import { quoteName } from './sql';
import type { Table } from './table';
import { explainTableError } from './table-error';

export interface ColumnStatistics {
  /** Records without a value. */
  readonly empty: number;
  /** How many different values there are: counted where `values` lists them, else estimated to a few percent. */
  readonly distinct: number;
  /** All values, as text in natural order, where there are only a few. */
  readonly values: readonly string[] | undefined;
}

/** Wide tables are described by their first columns. */
const mostColumns = 200;
/** A list that people can look through, and a one-hot encoding can hold. */
export const mostValues = 64;
/** The estimate (HyperLogLog) may be off by this much before values are listed or not. */
const margin = 1.25;

/**
 * What each of the first columns holds, from all records.
 * @param rows Number of records.
 * @throws UserError as reading the table does.
 */
export async function columnStatistics(table: Table, rows: number): Promise<readonly ColumnStatistics[]> {
  const columns = table.columns.slice(0, mostColumns).map(({ name }) => quoteName(name));
  if (columns.length === 0) return [];
  const [counts = []] = await table.rows(`select ${columns.map((name) => `count(${name}), approx_count_distinct(${name})`).join(', ')} from records`);
  const estimates = columns.map((_, index) => Number(counts[2 * index + 1]));
  const few = columns.map((name, index) => ({ name, index })).filter(({ index }) => (estimates[index] ?? 0) <= margin * mostValues);
  const listed = few.length === 0 ? [] : (await table.rows(`select ${few.map(({ name }) => `to_json(list(distinct cast(${name} as varchar)) filter (${name} is not null))`).join(', ')} from records`))[0] ?? [];
  const values = new Map(few.map(({ index }, place) => [index, valuesOf(listed[place], table.where)]));
  return columns.map((_, index) => {
    const list = values.get(index);
    return { empty: rows - Number(counts[2 * index]), distinct: list?.length ?? estimates[index] ?? 0, values: list === undefined || list.length > mostValues ? undefined : list };
  });
}

/** A column without any value has no list. @throws UserError `table-unreadable`. */
function valuesOf(json: unknown, where: Where): string[] {
  try {
    return typeof json === 'string' ? (JSON.parse(json) as string[]).sort(compareNaturally) : [];
  } catch (cause) {
    throw explainTableError(cause, where); // texts of a damaged database, which DuckDB passes on as they are
  }
}
