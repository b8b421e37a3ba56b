import { totalmem } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import { UserError } from '../error';
import type { Where } from './source-file';
import { quoteText } from './sql';
import { explainTableError, mostColumns, tooManyColumns } from './table-error';
import type { TableOrigin } from './table-format';

export interface Column {
  readonly name: string;
  /** DuckDB's type: `BIGINT`, `VARCHAR`, `DOUBLE[]`. */
  readonly type: string;
}

export interface TableOptions {
  /** Longest time a condition of the user may take, in milliseconds: a minute unless given. Reading the data itself has no limit. */
  readonly timeLimit?: number | undefined;
  /** Most memory queries may use, in DuckDB's notation: `4GB`. Half of the machine's unless given. */
  readonly memoryLimit?: string | undefined;
}

export interface QueryOptions {
  readonly parameters?: DuckDBValue[];
  /** Milliseconds. */
  readonly timeLimit?: number;
}

/** A name that is not one of the columns, whatever their case. */
function freeName(wanted: string, columns: readonly Column[]): string {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
}

/**
 * One table in a DuckDB database of its own, which can reach nothing but the table's files, write nothing and load nothing.
 * The view `records` has the columns of the table and before them the record number, numbered in the order of the files.
 */
export class Table {
  readonly columns: readonly Column[];
  /** Name of the column that holds the record number: `record_number`, with underscores behind it if the file has such a column. */
  readonly numberColumn: string;
  readonly where: Where;
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  /** Milliseconds for a condition of the user. */
  readonly timeLimit: number;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, columns: readonly Column[], numberColumn: string, where: Where, timeLimit: number) {
    this.instance = instance;
    this.connection = connection;
    this.columns = columns;
    this.numberColumn = numberColumn;
    this.where = where;
    this.timeLimit = timeLimit;
  }

  /**
   * Locks the database and then opens the table in it.
   * @throws UserError `table-damaged`, `table-encoding`, `table-missing`, `table-unreadable`.
   */
  static async open(origin: TableOrigin, options: TableOptions = {}): Promise<Table> {
    const { where } = origin;
    // An empty temp_directory keeps DuckDB from spilling personal data into the workspace.
    const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', temp_directory: '' });
    const connection = await instance.connect();
    try {
      await connection.run(`set allowed_paths = [${origin.paths.map(quoteText).join(', ')}]`);
      await connection.run('set enable_external_access = false');
      await connection.run(`set memory_limit = ${quoteText(options.memoryLimit ?? `${Math.floor(totalmem() / 2 ** 21)}MiB`)}`);
      await connection.run("set TimeZone = 'UTC'"); // a condition selects the same records wherever it runs
      await connection.run('set lock_configuration = true');
      const source = await origin.relation(connection);
      const described = await connection.runAndReadAll(`describe select * from ${source}`);
      const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
      if (columns.length > mostColumns) throw tooManyColumns(where);
      const numberColumn = freeName('record_number', columns);
      await connection.run(`create temp view records as select row_number() over () - 1 as ${numberColumn}, * from ${source}`);
      return new Table(instance, connection, columns, numberColumn, where, options.timeLimit ?? 60_000);
    } catch (cause) {
      connection.closeSync();
      instance.closeSync();
      throw (await origin.explain?.(cause)) ?? explainTableError(cause, where);
    }
  }

  /** Stops the query that is running, which then fails. */
  interrupt(): void {
    this.connection.interrupt();
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
    throw new UserError('column-missing', `has no column "${name}". ${this.listColumns()}`, { ...this.where, field: field ?? this.where.field, remedy: 'Correct the name; upper and lower case count.' });
  }

  /** For messages: the names of the columns, at most twenty of them. */
  listColumns(): string {
    const shown = this.columns.slice(0, 20).map((column) => column.name).join(', ');
    const more = this.columns.length > 20 ? ', …' : '';
    return `Its columns are: ${shown}${more}.`;
  }

  /**
   * Runs one query and gives its chunks in order.
   * @throws UserError `query-time`, `query-memory`, and what `explainTableError` makes of other failures.
   */
  async *chunks(sql: string, { parameters = [], timeLimit }: QueryOptions = {}): AsyncGenerator<DuckDBDataChunk> {
    const limit = { passed: false };
    const timer = timeLimit === undefined ? undefined : setTimeout(() => {
      limit.passed = true;
      this.connection.interrupt();
    }, timeLimit);
    try {
      const result = await this.connection.stream(sql, parameters);
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk;
    } catch (cause) {
      if (limit.passed) throw new UserError('query-time', `the query took longer than ${(timeLimit ?? 0) / 1000} seconds and was stopped.`, { ...this.where, remedy: 'Simplify the condition, or write the table as Parquet, which is read faster.', cause });
      throw explainTableError(cause, this.where);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The values of a small result, row by row. */
  async rows(sql: string, parameters: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
    const rows: DuckDBValue[][] = [];
    for await (const chunk of this.chunks(sql, { parameters })) rows.push(...chunk.getRows());
    return rows;
  }
}
