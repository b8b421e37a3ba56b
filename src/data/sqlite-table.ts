import { closeSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { BIGINT, DOUBLE, VARCHAR } from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { UserError } from '../error';
import { chooseTable } from './choose-table';
import { chunksOf } from './row-source';
import type { RowSource, TypedColumn } from './row-source';
import type { SourceFile, Where } from './source-file';
import { SqliteFile } from './sqlite-file';
import type { SqliteValue } from './sqlite-file';
import { parseCreateTable } from './sqlite-schema';
import type { DeclaredColumn } from './sqlite-schema';
import { openPlain } from './temporary-file';

/** Changes that are not in the file yet: a write-ahead log, or the journal of an unfinished write. */
async function refuseUnfinished(file: SourceFile, where: Where): Promise<void> {
  for (const suffix of ['-wal', '-journal']) {
    const size = await stat(file.path + suffix).then((status) => status.size, () => 0);
    if (size > 0) throw new UserError('sqlite-open', 'is still open in another program, or was not closed properly.', { ...where, remedy: 'Close it there, or run "pragma wal_checkpoint(truncate)" on it.' });
  }
}

function asText(value: SqliteValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

type Cell = string | number | bigint | null;

function toCell(value: SqliteValue): Cell {
  return typeof value === 'object' && value !== null ? `(${value.blobSize} bytes)` : value;
}

/** SQLite's columns may hold anything; the type is that of what a column does hold, and text where numbers of one type would not hold all of them. */
class TypeFinder {
  private hasText = false;
  private hasFraction = false;
  private hasLong = false;

  add(cell: Cell): void {
    if (typeof cell === 'string') this.hasText = true;
    else if (typeof cell === 'bigint') this.hasLong ||= cell > Number.MAX_SAFE_INTEGER || cell < -Number.MAX_SAFE_INTEGER;
    else if (cell !== null && !Number.isSafeInteger(cell)) this.hasFraction = true;
  }

  get type(): DuckDBType {
    if (this.hasText || (this.hasFraction && this.hasLong)) return VARCHAR;
    return this.hasFraction ? DOUBLE : BIGINT;
  }
}

function toValue(cell: Cell, type: DuckDBType): DuckDBValue {
  if (cell === null || type === VARCHAR) return cell === null ? null : String(cell);
  return type === BIGINT ? BigInt(cell) : Number(cell);
}

/** What the schema says of tables and views. */
function listTables(database: SqliteFile): { readonly kind: string; readonly name: string; readonly root: number; readonly sql: string }[] {
  return [...database.rows(1)].map(({ values: [kind, name, , root, sql] }) => ({ kind: asText(kind), name: asText(name), root: Number(root), sql: asText(sql) }))
    .filter(({ kind, name }) => (kind === 'table' || kind === 'view') && !name.startsWith('sqlite_'));
}

function damaged(where: Where, cause: unknown): unknown {
  return cause instanceof UserError ? cause : new UserError('sqlite-damaged', 'is not an SQLite file, or a damaged one.', { ...where, remedy: 'Copy it again, repair it with "sqlite3 FILE .recover", or name its real format in "format".', cause });
}

interface Opened {
  readonly database: SqliteFile;
  readonly close: () => void;
}

async function openDatabase(file: SourceFile, where: Where): Promise<Opened> {
  await refuseUnfinished(file, where);
  const { descriptor, size } = await openPlain(file);
  const close = (): void => closeSync(descriptor);
  try {
    return { database: new SqliteFile((start, length) => readPart(descriptor, start, length), size), close };
  } catch (cause) {
    close();
    throw damaged(where, cause);
  }
}

function readPart(descriptor: number, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  for (let count = 1; filled < length && count > 0; filled += count) count = readSync(descriptor, bytes, filled, length - filled, start + filled);
  return bytes.subarray(0, filled);
}

/** Names of the ordinary tables of an SQLite file. @throws UserError `sqlite-open`, `sqlite-damaged`. */
export async function sqliteTableNames(file: SourceFile): Promise<string[]> {
  const where = { file: file.file, field: file.field };
  const { database, close } = await openDatabase(file, where);
  try {
    return listTables(database).filter(({ kind }) => kind === 'table').map(({ name }) => name);
  } catch (cause) {
    throw damaged(where, cause);
  } finally {
    close();
  }
}

/** Cells of the rows, as the statement that made the table declares them. */
function* cellsOf(database: SqliteFile, name: string, root: number, declared: readonly DeclaredColumn[], where: Where): Generator<Cell[]> {
  try {
    for (const { rowid, values } of database.rows(root)) {
      yield declared.map((column, index): Cell => {
        const value = values[index];
        // Columns added later are missing in older rows, which then have a default that is only in the schema.
        if (value === undefined) throw new UserError('sqlite-unsupported', `rows of "${name}" lack the column ${column.name}, which was added later.`, { ...where, remedy: 'Run "vacuum" on a copy of the table: create table copy as select * from …' });
        return column.isRowid && value === null ? rowid : toCell(value);
      });
    }
  } catch (cause) {
    throw damaged(where, cause);
  }
}

/** @throws UserError `table-missing`, `sqlite-unsupported`. */
function findTable(database: SqliteFile, wanted: string | undefined, where: Where): { readonly name: string; readonly root: number; readonly declared: readonly DeclaredColumn[] } {
  const { name, kind, root, sql } = chooseTable(listTables(database), (table) => table.name, wanted, where);
  const declared = kind === 'table' && root > 0 ? parseCreateTable(sql) : undefined;
  if (declared === undefined) throw new UserError('sqlite-unsupported', `"${name}" is not an ordinary table.`, { ...where, remedy: 'Copy it into one: create table copy as select * from …' });
  return { name, root, declared };
}

/**
 * One table of an SQLite file, rows in the order of their rowids, read page by page: once to find the types, and then whenever they are asked
 * for. Nothing of SQL in the file is run.
 * @throws UserError `sqlite-open`, `sqlite-damaged`, `table-missing`, `sqlite-unsupported` for views, virtual tables, tables without rowid
 * and generated columns; `disk-full` where a compressed file cannot be unpacked.
 */
export async function sqliteRows(file: SourceFile, wanted: string | undefined): Promise<RowSource> {
  const where = { file: file.file, field: file.field };
  const { database, close } = await openDatabase(file, where);
  try {
    const { name, root, declared } = findTable(database, wanted, where);
    const cells = (): Generator<Cell[]> => cellsOf(database, name, root, declared, where);
    const finders = declared.map(() => new TypeFinder());
    for (const row of cells()) for (const [index, finder] of finders.entries()) finder.add(row[index] ?? null);
    const columns = declared.map((column, index): TypedColumn => ({ name: column.name, type: finders[index]?.type ?? VARCHAR }));
    const values = function* (): Generator<DuckDBValue[]> {
      for (const row of cells()) yield row.map((cell, index) => toValue(cell, columns[index]?.type ?? VARCHAR));
    };
    return { columns, chunks: () => chunksOf(columns, values()), close };
  } catch (cause) {
    close();
    throw damaged(where, cause);
  }
}
