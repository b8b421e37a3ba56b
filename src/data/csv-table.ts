import type { DuckDBConnection } from '@duckdb/node-api';
import { UserError } from '../error';
import { findCsvFault } from './csv-fault';
import type { SourceFile } from './source-file';
import { quoteName, quoteText } from './sql';

/** Nothing but types is guessed: guessing takes damaged lines for a preamble or a comment and drops them. */
function dialect(delimiter: string): string {
  return `delim = ${quoteText(delimiter)}, quote = '"', escape = '"', header = true, skip = 0, comment = '', strict_mode = true, null_padding = false, ignore_errors = false`;
}

interface TypedName {
  readonly name: string;
  readonly type: string;
}

/** Long numbers that DuckDB would take for floating-point ones, which would make different ids the same: they stay text. */
async function withLongNumbersAsText(connection: DuckDBConnection, list: string, options: string, columns: readonly TypedName[]): Promise<readonly TypedName[]> {
  const floating = columns.filter(({ type }) => type === 'DOUBLE');
  if (floating.length === 0) return columns;
  const tests = floating.map(({ name }) => `bool_or(regexp_full_match(trim(${quoteName(name)}), '[+-]?[0-9]{16,}'))`);
  const [row] = (await connection.runAndReadAll(`select ${tests.join(', ')} from read_csv(${list}, ${options}, all_varchar = true, files_to_sniff = -1)`)).getRows();
  const long = new Set(floating.filter((_, index) => row?.[index] === true));
  return columns.map((column) => (long.has(column) ? { name: column.name, type: 'VARCHAR' } : column));
}

function struct(columns: readonly TypedName[]): string {
  return `{${columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`).join(', ')}}`;
}

/**
 * CSV types are told from all records, once, and then written down: a type that holds for the first records only would fail later,
 * and telling them again for each query costs as much as reading.
 */
async function typedFile(connection: DuckDBConnection, file: string, options: string): Promise<string> {
  const sniffed = await connection.runAndReadAll(`select to_json(Columns), DateFormat, TimestampFormat from sniff_csv(${file}, ${options}, sample_size = -1)`);
  const [row] = sniffed.getRows();
  const columns = await withLongNumbersAsText(connection, file, options, JSON.parse(String(row?.[0])) as TypedName[]);
  const formats = [['dateformat', row?.[1]], ['timestampformat', row?.[2]]].flatMap(([name, value]) => (typeof value === 'string' ? [`, ${String(name)} = ${quoteText(value)}`] : []));
  return `read_csv(${file}, ${options}, auto_detect = false, columns = ${struct(columns)}${formats.join('')})`;
}

/** Columns of several files are matched by their headers only as long as they are not written down. */
async function typedFiles(connection: DuckDBConnection, list: string, options: string): Promise<string> {
  const sniffed = `${list}, ${options}, sample_size = -1, files_to_sniff = -1`;
  const described = (await connection.runAndReadAll(`describe select * from read_csv(${sniffed})`)).getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  const changed = (await withLongNumbersAsText(connection, list, options, described)).filter((column) => !described.includes(column));
  return `read_csv(${sniffed}${changed.length === 0 ? '' : `, types = ${struct(changed)}`})`;
}

/**
 * What reads CSV files, as SQL that may follow `from`.
 * @param files Quoted for SQL.
 * @param asText Leave all cells as text.
 */
export async function csvRelation(connection: DuckDBConnection, files: readonly string[], delimiter: string, asText: boolean): Promise<string> {
  const options = dialect(delimiter);
  const list = `[${files.join(', ')}]`;
  if (asText) return `read_csv(${list}, ${options}, all_varchar = true, files_to_sniff = -1)`;
  const [only] = files;
  return only !== undefined && files.length === 1 ? typedFile(connection, only, options) : typedFiles(connection, list, options);
}

/** Where a file stops being a table, if DuckDB says only that it does. */
export async function explainCsv(cause: unknown, files: readonly SourceFile[], delimiter: string): Promise<UserError | undefined> {
  if (!(cause instanceof Error) || !/Error when sniffing file|state machine reached an invalid state/.test(cause.message)) return undefined;
  for (const file of files) {
    const fault = await findCsvFault(file, delimiter);
    if (fault !== undefined) return new UserError('table-damaged', `is not a well-formed table: ${fault}.`, { file: file.file, field: file.field, remedy: 'Check the delimiter, the quotes and the ends of the lines (RFC 4180).', cause });
  }
  return undefined;
}
