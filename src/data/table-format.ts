import { realpath } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { UserError } from '../error';
import { copyArrowFiles } from './arrow-table';
import { chooseTable } from './choose-table';
import { quoteName, quoteText } from './sql';
import { readStart } from './source-file';
import type { SourceFile, Where } from './source-file';
import { readSqliteTable } from './sqlite-table';
import { columnsAhead } from './columns-ahead';
import { mostColumns, notUtf8, tooManyColumns } from './table-error';
import { rowsOrigin } from './table-rows';

export { formatOfName } from './format-of-name';

export type TableFormat = 'csv' | 'tsv' | 'parquet' | 'jsonl' | 'duckdb' | 'sqlite' | 'arrow';

export interface FormatOptions {
  /** Between fields of a CSV file: `,` unless given. */
  readonly delimiter?: string | undefined;
  /** Which table of a database file. */
  readonly table?: string | undefined;
  /** Leave the cells of CSV files as text: quicker where only numbers are wanted from them. */
  readonly asText?: boolean | undefined;
}

/** Where the rows of a table come from: files it may read, and how to make them a relation once nothing else can be reached. */
export interface TableOrigin {
  readonly where: Where;
  readonly paths: readonly string[];
  /** SQL that may follow `from`. */
  relation(connection: DuckDBConnection): Promise<string>;
}

/** DuckDB takes these characters of a path for a pattern. */
function literalPath(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}

function delimiterOf(format: TableFormat, delimiter: string | undefined): string {
  return delimiter ?? (format === 'tsv' ? '\t' : ',');
}

/** Nothing but types is guessed: guessing takes damaged lines for a preamble or a comment and drops them. */
function dialect(format: TableFormat, delimiter: string | undefined): string {
  return `delim = ${quoteText(delimiterOf(format, delimiter))}, quote = '"', escape = '"', header = true, skip = 0, comment = '', strict_mode = true, null_padding = false, ignore_errors = false`;
}

/**
 * CSV types are told from all records, once, and then written down: a type that holds for the first records only would fail later,
 * and telling them again for each query costs as much as reading.
 */
async function typedCsv(connection: DuckDBConnection, file: string, options: string): Promise<string> {
  const sniffed = await connection.runAndReadAll(`select to_json(Columns), DateFormat, TimestampFormat from sniff_csv(${file}, ${options}, sample_size = -1)`);
  const [row] = sniffed.getRows();
  const columns = (JSON.parse(String(row?.[0])) as { name: string; type: string }[]).map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`);
  const formats = [['dateformat', row?.[1]], ['timestampformat', row?.[2]]].flatMap(([name, value]) => (typeof value === 'string' ? [`, ${String(name)} = ${quoteText(value)}`] : []));
  return `read_csv(${file}, ${options}, auto_detect = false, columns = {${columns.join(', ')}}${formats.join('')})`;
}

function csv(connection: DuckDBConnection, files: readonly string[], format: TableFormat, { delimiter, asText }: FormatOptions): Promise<string> {
  const options = dialect(format, delimiter);
  const list = `[${files.join(', ')}]`;
  const [only] = files;
  if (asText === true) return Promise.resolve(`read_csv(${list}, ${options}, all_varchar = true, files_to_sniff = -1)`);
  // Columns of several files are matched by their headers only as long as they are not written down.
  return only !== undefined && files.length === 1 ? typedCsv(connection, only, options) : Promise.resolve(`read_csv(${list}, ${options}, sample_size = -1, files_to_sniff = -1)`);
}

interface DatabaseTable {
  readonly schema: string;
  readonly name: string;
}

/** A table as a request names it. */
export function nameOf({ schema, name }: DatabaseTable): string {
  return schema === 'main' ? name : `${schema}.${name}`;
}

async function namesOf(connection: DuckDBConnection, what: 'tables' | 'views'): Promise<DatabaseTable[]> {
  const listed = await connection.runAndReadAll(`select schema_name, ${what === 'tables' ? 'table_name' : 'view_name'} as name from duckdb_${what}() where database_name = 'source' and not internal order by all`);
  return listed.getRows().map(([schema, name]) => ({ schema: String(schema), name: String(name) }));
}

/** Tables of a DuckDB file, which is attached as `source`. */
export async function databaseTables(connection: DuckDBConnection, file: string): Promise<DatabaseTable[]> {
  await connection.run(`attach ${file} as source (read_only)`);
  return namesOf(connection, 'tables');
}

/** A statement without what stands in quotes. */
function withoutQuotes(sql: string): string {
  return sql.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, ' ');
}

/**
 * Rows are read more than once, for features, ids and conditions, and must be the same each time and in the same order. So they must be
 * stored: what a view or a generated column gives is computed anew, by whatever whoever made the file wrote there.
 */
async function databaseTable(connection: DuckDBConnection, file: string, wanted: string | undefined, where: Where): Promise<string> {
  const tables = await databaseTables(connection, file);
  const isMeant = ({ schema, name }: DatabaseTable): boolean => wanted === name || wanted === `${schema}.${name}`;
  const remedy = 'Copy it into a table: create table copy as select * from …';
  if (!tables.some(isMeant) && (await namesOf(connection, 'views')).some(isMeant)) throw new UserError('duckdb-unsupported', `"${wanted ?? ''}" is a view.`, { ...where, remedy });
  const found = chooseTable(tables, nameOf, wanted, where, isMeant);
  const [row] = (await connection.runAndReadAll('select sql, column_count from duckdb_tables() where database_name = \'source\' and schema_name = ? and table_name = ?', [found.schema, found.name])).getRows();
  if (Number(row?.[1]) > mostColumns) throw tooManyColumns(where);
  if (/\bgenerated\s+always\s+as\b/i.test(withoutQuotes(String(row?.[0])))) throw new UserError('duckdb-unsupported', `"${nameOf(found)}" has generated columns.`, { ...where, remedy });
  return `source.${quoteName(found.schema)}.${quoteName(found.name)}`;
}

/** DuckDB takes UTF-16 for a damaged table; its byte order mark says what it really is. */
async function beginsLikeUtf16(file: SourceFile): Promise<boolean> {
  const [first, second] = await readStart(file, 2);
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/**
 * Rows of one or several files of the same format, in the order given.
 * @throws UserError `table-encoding`, `database-several`, `too-many-columns`; when the relation is made, `table-missing` and what DuckDB says of the files.
 */
export async function tableFiles(files: readonly SourceFile[], format: TableFormat, options: FormatOptions = {}): Promise<TableOrigin> {
  const [first] = files;
  const where = { file: files.length === 1 ? first?.file : undefined, field: first?.field };
  if ((format === 'duckdb' || format === 'sqlite') && files.length > 1) throw new UserError('database-several', 'several databases cannot be one table.', where);
  for (const file of files) {
    const at = { file: file.file, field: file.field };
    if (await beginsLikeUtf16(file)) throw notUtf8(at);
    if ((await columnsAhead(file, format, delimiterOf(format, options.delimiter))) > mostColumns) throw tooManyColumns(at);
  }
  if (format === 'sqlite' && first !== undefined) {
    const { columns, rows } = await readSqliteTable(first, options.table);
    return rowsOrigin(columns, rows, where);
  }
  if (format === 'arrow') return { where, paths: [], relation: (connection) => copyArrowFiles(connection, files) };
  const quoted = files.map(({ path }) => quoteText(literalPath(path)));
  // DuckDB looks for a log beside what a link leads to.
  const databases = format === 'duckdb' ? await Promise.all(files.map(({ path }) => realpath(path))) : [];
  return {
    where,
    // Both a pattern and the file that it finds are looked up in this list; a database may have a log beside it.
    paths: files.flatMap(({ path }) => [path, literalPath(path), ...(format === 'duckdb' ? [`${path}.wal`] : [])]).concat(databases.flatMap((path) => [path, `${path}.wal`])),
    relation: (connection) => {
      switch (format) {
        case 'parquet': return Promise.resolve(`read_parquet([${quoted.join(', ')}])`);
        case 'jsonl': return Promise.resolve(`read_json([${quoted.join(', ')}], format = 'newline_delimited', records = true, map_inference_threshold = -1, ignore_errors = false, sample_size = -1)`);
        case 'sqlite':
        case 'duckdb': return databaseTable(connection, quoteText(first?.path ?? ''), options.table, where);
        case 'csv':
        case 'tsv': return csv(connection, quoted, format, options);
      }
    },
  };
}
