import { stat } from 'node:fs/promises';
import { UserError } from '../error';
import { chooseTable } from './choose-table';
import { readFileBytes } from './source-file';
import type { SourceFile, Where } from './source-file';
import { SqliteFile } from './sqlite-file';
import type { SqliteValue } from './sqlite-file';
import { parseCreateTable } from './sqlite-schema';
import type { Cell, TypedColumn } from './table-rows';

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

function toCell(value: SqliteValue): Cell {
  return typeof value === 'object' && value !== null ? `(${value.blobSize} bytes)` : value;
}

/** SQLite's columns may hold anything; the type is that of what they do hold. */
function typeOf(cells: Iterable<Cell>): TypedColumn['type'] {
  let type: TypedColumn['type'] = 'BIGINT';
  for (const cell of cells) {
    if (typeof cell === 'string') return 'VARCHAR';
    if (typeof cell === 'number' && !Number.isInteger(cell)) type = 'DOUBLE';
  }
  return type;
}

/** What the schema says of tables and views. */
function listTables(database: SqliteFile): { readonly kind: string; readonly name: string; readonly root: number; readonly sql: string }[] {
  return [...database.rows(1)].map(({ values: [kind, name, , root, sql] }) => ({ kind: asText(kind), name: asText(name), root: Number(root), sql: asText(sql) }))
    .filter(({ kind, name }) => (kind === 'table' || kind === 'view') && !name.startsWith('sqlite_'));
}

/** Names of the ordinary tables of an SQLite file. @throws UserError `sqlite-open`, `sqlite-damaged`. */
export async function sqliteTableNames(file: SourceFile): Promise<string[]> {
  const where = { file: file.file, field: file.field };
  await refuseUnfinished(file, where);
  try {
    return listTables(new SqliteFile(await readFileBytes(file))).filter(({ kind }) => kind === 'table').map(({ name }) => name);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw damaged(where, cause);
  }
}

function damaged(where: Where, cause: unknown): UserError {
  return new UserError('sqlite-damaged', 'is not an SQLite file, or a damaged one.', { ...where, remedy: 'Copy it again, repair it with "sqlite3 FILE .recover", or name its real format in "format".', cause });
}

/**
 * Reads one table of an SQLite file, rows in the order of their rowids. Nothing of SQL in the file is run.
 * @throws UserError `sqlite-open`, `sqlite-damaged`, `table-missing`, `sqlite-unsupported` for views, virtual tables, tables without rowid
 * and generated columns.
 */
export async function readSqliteTable(file: SourceFile, wanted: string | undefined): Promise<{ readonly columns: readonly TypedColumn[]; readonly rows: readonly (readonly Cell[])[] }> {
  const where = { file: file.file, field: file.field };
  await refuseUnfinished(file, where);
  try {
    const database = new SqliteFile(await readFileBytes(file));
    const table = chooseTable(listTables(database), ({ name }) => name, wanted, where);
    const declared = table.kind === 'table' && table.root > 0 ? parseCreateTable(table.sql) : undefined;
    if (declared === undefined) throw new UserError('sqlite-unsupported', `"${table.name}" is not an ordinary table.`, { ...where, remedy: 'Copy it into one: create table copy as select * from …' });
    const rows = [...database.rows(table.root)].map(({ rowid, values }) => declared.map(({ name, isRowid }, index): Cell => {
      const value = values[index];
      // Columns added later are missing in older rows, which then have a default that is only in the schema.
      if (value === undefined) throw new UserError('sqlite-unsupported', `rows of "${table.name}" lack the column ${name}, which was added later.`, { ...where, remedy: 'Run "vacuum" on a copy of the table: create table copy as select * from …' });
      return isRowid && value === null ? rowid : toCell(value);
    }));
    return { columns: declared.map(({ name }, index) => ({ name, type: typeOf(rows.map((row) => row[index] ?? null)) })), rows };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('sqlite-damaged', 'is not an SQLite file, or a damaged one.', { ...where, remedy: 'Copy it again, repair it with "sqlite3 FILE .recover", or name its real format in "format".', cause });
  }
}
