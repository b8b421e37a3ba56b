import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import { UserError } from '../error';
import { readStart } from './source-file';
import type { SourceFile, Where } from './source-file';
import { explainTableError, notUtf8 } from './table-error';

export type TableFormat = 'csv' | 'tsv' | 'parquet' | 'jsonl';

export interface Column {
  readonly name: string;
  /** DuckDB's type: `BIGINT`, `VARCHAR`, `DOUBLE[]`. */
  readonly type: string;
}

export interface TableOptions {
  /** Between fields of a CSV file: `,` unless given. */
  readonly delimiter?: string | undefined;
  /** Leave the cells of CSV files as text: quicker where only numbers are wanted from them. */
  readonly asText?: boolean | undefined;
  /** Longest time one query may take, in milliseconds: a minute unless given. */
  readonly timeLimit?: number | undefined;
  /** Most memory queries may use, in DuckDB's notation: `4GB`. */
  readonly memoryLimit?: string | undefined;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** DuckDB takes these characters of a path for a pattern. */
function literalPath(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}

/** Nothing but types is guessed: guessing takes damaged lines for a preamble or a comment and drops them. */
function dialect(format: TableFormat, delimiter: string | undefined): string {
  return `delim = ${quoteText(delimiter ?? (format === 'tsv' ? '\t' : ','))}, quote = '"', escape = '"', header = true, skip = 0, comment = '', strict_mode = true, null_padding = false, ignore_errors = false`;
}

/**
 * CSV types are told from all records, once, and then written down: a type that holds for the first records only would fail later,
 * and telling them again for each query costs as much as reading.
 */
async function typedCsv(connection: DuckDBConnection, file: string, format: TableFormat, delimiter: string | undefined): Promise<string> {
  const options = dialect(format, delimiter);
  const sniffed = await connection.runAndReadAll(`select to_json(Columns), DateFormat, TimestampFormat from sniff_csv(${file}, ${options}, sample_size = -1)`);
  const [row] = sniffed.getRows();
  const columns = (JSON.parse(String(row?.[0])) as Column[]).map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`);
  const formats = [['dateformat', row?.[1]], ['timestampformat', row?.[2]]].flatMap(([name, value]) => (typeof value === 'string' ? [`, ${String(name)} = ${quoteText(value)}`] : []));
  return `read_csv(${file}, ${options}, auto_detect = false, columns = {${columns.join(', ')}}${formats.join('')})`;
}

/** The table function that reads the one file. */
async function reader(connection: DuckDBConnection, path: string, format: TableFormat, options: TableOptions): Promise<string> {
  const file = quoteText(literalPath(path));
  switch (format) {
    case 'parquet': return `read_parquet(${file})`;
    case 'jsonl': return `read_json(${file}, format = 'newline_delimited', ignore_errors = false, sample_size = -1)`;
    case 'csv':
    case 'tsv': return options.asText === true ? `read_csv(${file}, ${dialect(format, options.delimiter)}, all_varchar = true)` : typedCsv(connection, file, format, options.delimiter);
  }
}

/** The format that a file's name tells, for files whose format a request does not state. */
export function formatOfName(name: string): TableFormat | undefined {
  const ending = /\.(csv|tsv|parquet|jsonl|ndjson)(\.gz|\.zst)?$/i.exec(name)?.[1]?.toLowerCase();
  return ending === 'ndjson' ? 'jsonl' : (ending as TableFormat | undefined);
}

/** DuckDB takes UTF-16 for a damaged table; its byte order mark says what it really is. */
async function beginsLikeUtf16(file: SourceFile): Promise<boolean> {
  const [first, second] = await readStart(file, 2);
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** A name that is not one of the columns, whatever their case. */
function freeName(wanted: string, columns: readonly Column[]): string {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
}

/**
 * One table file in a DuckDB database of its own, which can reach nothing but this file, write nothing and load nothing.
 * The view `records` has the columns of the file and before them the record number, numbered in the order of the file.
 */
export class Table {
  readonly columns: readonly Column[];
  /** Name of the column that holds the record number: `record_number`, with underscores behind it if the file has such a column. */
  readonly numberColumn: string;
  readonly where: Where;
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly timeLimit: number;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, columns: readonly Column[], numberColumn: string, where: Where, timeLimit: number) {
    this.instance = instance;
    this.connection = connection;
    this.columns = columns;
    this.numberColumn = numberColumn;
    this.where = where;
    this.timeLimit = timeLimit;
  }

  /**
   * Opens a file and locks the database before anything of the file or of the user is read.
   * @throws UserError `table-damaged`, `table-encoding`, `table-columns`.
   */
  static async open(file: SourceFile, format: TableFormat, options: TableOptions = {}): Promise<Table> {
    const where = { file: file.file, field: file.field };
    if (await beginsLikeUtf16(file)) throw notUtf8(where);
    // An empty temp_directory keeps DuckDB from spilling personal data into the workspace.
    const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', temp_directory: '' });
    const connection = await instance.connect();
    try {
      // Both the pattern and the file that it finds are looked up in this list.
      await connection.run(`set allowed_paths = [${quoteText(file.path)}, ${quoteText(literalPath(file.path))}]`);
      await connection.run('set enable_external_access = false');
      if (options.memoryLimit !== undefined) await connection.run(`set memory_limit = ${quoteText(options.memoryLimit)}`);
      await connection.run('set lock_configuration = true');
      const source = await reader(connection, file.path, format, options);
      const described = await connection.runAndReadAll(`describe select * from ${source}`);
      const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
      const numberColumn = freeName('record_number', columns);
      await connection.run(`create temp view records as select row_number() over () - 1 as ${numberColumn}, * from ${source}`);
      return new Table(instance, connection, columns, numberColumn, where, options.timeLimit ?? 60_000);
    } catch (cause) {
      connection.closeSync();
      instance.closeSync();
      throw explainTableError(cause, where);
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  /**
   * Finds a column by its exact name.
   * @throws UserError `column-missing`, listing the columns there are.
   */
  column(name: string, field: string | undefined): Column {
    const found = this.columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    throw new UserError('column-missing', `has no column "${name}". ${this.listColumns()}`, { ...this.where, field: field ?? this.where.field });
  }

  /** For messages: the names of the columns, at most twenty of them. */
  listColumns(): string {
    const shown = this.columns.slice(0, 20).map((column) => column.name).join(', ');
    const more = this.columns.length > 20 ? ` and ${this.columns.length - 20} more` : '';
    return `Its columns are: ${shown}${more}.`;
  }

  /**
   * Runs one query and gives its chunks in order.
   * @throws UserError `query-time`, `query-memory`, and what `explainTableError` makes of other failures.
   */
  async *chunks(sql: string, parameters: DuckDBValue[] = []): AsyncGenerator<DuckDBDataChunk> {
    const limit = { passed: false };
    const timer = setTimeout(() => {
      limit.passed = true;
      this.connection.interrupt();
    }, this.timeLimit);
    try {
      const result = await this.connection.stream(sql, parameters);
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk;
    } catch (cause) {
      if (limit.passed) throw new UserError('query-time', `reading took longer than ${this.timeLimit / 1000} seconds and was stopped.`, { ...this.where, cause });
      throw explainTableError(cause, this.where);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The values of a small result, row by row. */
  async rows(sql: string, parameters: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
    const rows: DuckDBValue[][] = [];
    for await (const chunk of this.chunks(sql, parameters)) rows.push(...chunk.getRows());
    return rows;
  }
}
