import { totalmem } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import { UserError } from '../error';
import type { Where } from './source-file';
import type { RowSource } from './row-source';
import { quoteName, quoteText } from './sql';
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

/** A database that can reach nothing but some files, write nothing and load nothing. */
async function openLocked(paths: readonly string[], { memoryLimit }: TableOptions): Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> {
  // An empty temp_directory keeps DuckDB from spilling personal data into the workspace.
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', temp_directory: '' });
  const connection = await instance.connect();
  await connection.run(`set allowed_paths = [${paths.map(quoteText).join(', ')}]`);
  await connection.run('set enable_external_access = false');
  await connection.run(`set memory_limit = ${quoteText(memoryLimit ?? `${Math.floor(totalmem() / 2 ** 21)}MiB`)}`);
  await connection.run("set TimeZone = 'UTC'"); // a condition selects the same records wherever it runs
  await connection.run('set lock_configuration = true');
  return { instance, connection };
}

/** Makes an empty temporary table of these columns; one that was there is gone, and its memory with it. */
async function makeTable(connection: DuckDBConnection, name: string, { columns }: RowSource): Promise<void> {
  await connection.run(`create or replace temp table ${name} (${columns.map((column) => `${quoteName(column.name)} ${String(column.type)}`).join(', ')})`);
}

async function describeRelation(connection: DuckDBConnection, relation: string): Promise<Column[]> {
  const described = await connection.runAndReadAll(`describe select * from ${relation}`);
  return described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly columns: readonly Column[];
  readonly where: Where;
  readonly timeLimit: number;
  /** What may follow `from`; undefined as long as the rows have to be brought here first. */
  readonly relation: string | undefined;
  readonly rows: RowSource | undefined;
}

/**
 * One table in a DuckDB database of its own, which can reach nothing but the table's files, write nothing and load nothing.
 * The view `records` has the columns of the table and before them the record number, numbered in the order of the files. Of files that DuckDB
 * does not read itself, some rows at a time are given to it (`each`), or all where a query needs all (`chunks`).
 */
export class Table {
  readonly columns: readonly Column[];
  /** Name of the column that holds the record number: `record_number`, with underscores behind it if the file has such a column. */
  readonly numberColumn: string;
  readonly where: Where;
  /** Milliseconds for a condition of the user. */
  readonly timeLimit: number;
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly source: RowSource | undefined;
  private isLoaded: boolean;

  private constructor({ instance, connection, columns, where, timeLimit, relation, rows }: Opened) {
    this.instance = instance;
    this.connection = connection;
    this.columns = columns;
    this.numberColumn = freeName('record_number', columns);
    this.where = where;
    this.timeLimit = timeLimit;
    this.source = rows;
    this.isLoaded = relation !== undefined;
  }

  /**
   * Locks the database and then opens the table in it.
   * @throws UserError `table-damaged`, `table-encoding`, `table-missing`, `table-unreadable`, and those of rows that come from elsewhere.
   */
  static async open(origin: TableOrigin, options: TableOptions = {}): Promise<Table> {
    const { where } = origin;
    const { instance, connection } = await openLocked('paths' in origin ? origin.paths : [], options);
    let rows: RowSource | undefined;
    try {
      const relation = 'paths' in origin ? await origin.relation(connection) : undefined;
      rows = 'paths' in origin ? undefined : await origin.rows();
      if (rows !== undefined) await makeTable(connection, 'part', rows);
      const columns = await describeRelation(connection, relation ?? 'part');
      if (columns.length > mostColumns) throw tooManyColumns(where);
      const table = new Table({ instance, connection, columns, where, timeLimit: options.timeLimit ?? 60_000, relation, rows });
      if (relation !== undefined) await table.makeRecords(relation);
      return table;
    } catch (cause) {
      rows?.close();
      connection.closeSync();
      instance.closeSync();
      throw ('paths' in origin ? await origin.explain?.(cause) : undefined) ?? explainTableError(cause, where);
    }
  }

  /** Stops the query that is running, which then fails. */
  interrupt(): void {
    this.connection.interrupt();
  }

  close(): void {
    this.source?.close();
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
   * Runs one query, which may ask of `records`, and gives its chunks in order.
   * @throws UserError `query-time`, `query-memory`, and what `explainTableError` makes of other failures.
   */
  async *chunks(sql: string, options: QueryOptions = {}): AsyncGenerator<DuckDBDataChunk> {
    await this.load();
    yield* this.query(sql, options);
  }

  /** The values of a small result, row by row. @throws UserError as `chunks`. */
  async rows(sql: string, parameters: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
    const rows: DuckDBValue[][] = [];
    for await (const chunk of this.chunks(sql, { parameters })) rows.push(...chunk.getRows());
    return rows;
  }

  /** The same of a query that asks nothing of `records`. */
  async ask(sql: string, parameters: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
    const rows: DuckDBValue[][] = [];
    for await (const chunk of this.query(sql, { parameters })) rows.push(...chunk.getRows());
    return rows;
  }

  /**
   * Expressions of each record, in the order of the records. However large the table is, only some thousand of its rows are in memory.
   * @param expressions SQL on the columns of one row.
   * @throws UserError as `chunks`.
   */
  async *each(expressions: readonly string[]): AsyncGenerator<DuckDBDataChunk> {
    if (this.source === undefined || this.isLoaded) {
      yield* this.query(`select ${expressions.join(', ')} from records`);
      return;
    }
    for (const chunk of this.source.chunks()) {
      await makeTable(this.connection, 'part', this.source); // truncating would keep the memory
      await this.append('part', [chunk]);
      yield* this.query(`select ${expressions.join(', ')} from part`);
    }
  }

  /**
   * Expressions of some records.
   * @param records Sorted.
   * @throws UserError as `chunks`.
   */
  async at(records: readonly number[], expressions: readonly string[]): Promise<DuckDBValue[][]> {
    if (this.source === undefined || this.isLoaded) return this.ask(`select ${expressions.join(', ')} from records where ${this.numberColumn} in (${records.join(', ')})`);
    const found: DuckDBValue[][] = [];
    let first = 0;
    for await (const chunk of this.each(expressions)) {
      for (let next = records[found.length]; next !== undefined && next < first + chunk.rowCount; next = records[found.length]) found.push(chunk.getRowValues(next - first));
      if (found.length === records.length) break;
      first += chunk.rowCount;
    }
    return found;
  }

  /** How many records there are. @throws UserError as `chunks`. */
  async count(): Promise<number> {
    if (this.source === undefined || this.isLoaded) return Number((await this.ask('select count(*) from records'))[0]?.[0]);
    let count = 0;
    for (const chunk of this.source.chunks()) count += chunk.rowCount;
    return count;
  }

  /** Brings all rows here, where they are not. */
  private async load(): Promise<void> {
    if (this.source === undefined || this.isLoaded) return;
    try {
      await makeTable(this.connection, 'source', this.source);
      await this.append('source', this.source.chunks());
      await this.makeRecords('source');
      this.isLoaded = true;
    } catch (cause) {
      throw explainTableError(cause, this.where);
    }
  }

  private async append(table: string, chunks: Iterable<DuckDBDataChunk>): Promise<void> {
    const appender = await this.connection.createAppender(table);
    try {
      for (const chunk of chunks) appender.appendDataChunk(chunk);
      appender.closeSync(); // which writes what is left
    } catch (cause) {
      throw explainTableError(cause, this.where);
    }
  }

  private async makeRecords(relation: string): Promise<void> {
    await this.connection.run(`create temp view records as select row_number() over () - 1 as ${this.numberColumn}, * from ${relation}`);
  }

  private async *query(sql: string, { parameters = [], timeLimit }: QueryOptions = {}): AsyncGenerator<DuckDBDataChunk> {
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
}
