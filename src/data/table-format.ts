import { realpath } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { UserError } from '../error';
import { chooseTable } from './choose-table';
import { csvRelation, explainCsv } from './csv-table';
import { refuseDeepNesting } from './json-nesting';
import type { RowSource } from './row-source';
import { quoteName, quoteText } from './sql';
import { readStart } from './source-file';
import type { SourceFile, Where } from './source-file';
import { columnsAhead } from './columns-ahead';
import { mostColumns, notUtf8, tooManyColumns } from './table-error';

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

/** Files that DuckDB reads: those it may, and how to make them a relation once nothing else can be reached. */
export interface FilesOrigin {
  readonly where: Where;
  readonly paths: readonly string[];
  /** SQL that may follow `from`. */
  relation(connection: DuckDBConnection): Promise<string>;
  /** A better word than DuckDB's for what went wrong, if there is one. */
  explain?(cause: unknown): Promise<UserError | undefined>;
}

/** Where the rows of a table come from: files that DuckDB reads, or others, whose rows are given to it. */
export type TableOrigin = FilesOrigin | { readonly where: Where; rows(): Promise<RowSource> };

/** DuckDB takes these characters of a path for a pattern. */
function literalPath(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
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
  if (!tables.some(isMeant) && (await namesOf(connection, 'views')).some(isMeant)) throw new UserError('duckdb-unsupported', `"${wanted ?? ''}" is a view and no table.`, { ...where, remedy });
  const found = chooseTable(tables, nameOf, wanted, where, isMeant);
  const [row] = (await connection.runAndReadAll('select sql, column_count from duckdb_tables() where database_name = \'source\' and schema_name = ? and table_name = ?', [found.schema, found.name])).getRows();
  if (Number(row?.[1]) > mostColumns) throw tooManyColumns(where);
  if (/\bgenerated\s+always\s+as\b/i.test(withoutQuotes(String(row?.[0])))) throw new UserError('duckdb-unsupported', `"${nameOf(found)}" has generated columns.`, { ...where, remedy });
  return `source.${quoteName(found.schema)}.${quoteName(found.name)}`;
}

/** DuckDB takes UTF-16 for a damaged table; its byte order mark says what it really is, and without one every other byte of the header is zero. */
async function beginsLikeUtf16(file: SourceFile, format: TableFormat): Promise<boolean> {
  const [first, second, third, fourth] = await readStart(file, 4);
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const isText = format === 'csv' || format === 'tsv' || format === 'jsonl';
  return isText && ((second === 0 && fourth === 0) || (first === 0 && third === 0));
}

/**
 * Rows of one or several files of the same format, in the order given.
 * @throws UserError `table-encoding`, `table-nesting`, `database-several`, `too-many-columns`; when the relation is made, `table-missing` and what DuckDB says of the files.
 */
export async function tableFiles(files: readonly SourceFile[], format: TableFormat, options: FormatOptions = {}): Promise<TableOrigin> {
  const [first] = files;
  const where = { file: files.length === 1 ? first?.file : undefined, field: first?.field };
  if ((format === 'duckdb' || format === 'sqlite') && files.length > 1) throw new UserError('database-several', 'several databases cannot be one table.', { ...where, remedy: 'Name one database file in "path".' });
  const delimiter = options.delimiter ?? (format === 'tsv' ? '\t' : ',');
  for (const file of files) {
    const at = { file: file.file, field: file.field };
    if (await beginsLikeUtf16(file, format)) throw notUtf8(at);
    if (format === 'jsonl') await refuseDeepNesting(file);
    if ((await columnsAhead(file, format, delimiter)) > mostColumns) throw tooManyColumns(at);
  }
  if (format === 'sqlite' && first !== undefined) return { where, rows: async () => (await import('./sqlite-table')).sqliteRows(first, options.table) };
  if (format === 'arrow') return { where, rows: async () => (await import('./arrow-table')).arrowRows(files) };
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
        case 'tsv': return csvRelation(connection, quoted, delimiter, options.asText === true);
      }
    },
    ...(format === 'csv' || format === 'tsv' ? { explain: (cause) => explainCsv(cause, files, delimiter) } : {}),
  };
}
