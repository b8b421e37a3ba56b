import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from './sql';
import type { SourceFile } from './source-file';
import { sqliteTableNames } from './sqlite-table';
import { explainTableError } from './table-error';
import { databaseTables, nameOf } from './table-format';

/**
 * The tables of a database file, as a request names them.
 * @throws UserError `sqlite-open`, `sqlite-damaged`, `table-unreadable`.
 */
export async function tableNames(file: SourceFile, format: 'duckdb' | 'sqlite'): Promise<string[]> {
  if (format === 'sqlite') return sqliteTableNames(file);
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', temp_directory: '' });
  const connection = await instance.connect();
  try {
    await connection.run(`set allowed_paths = [${[file.path, `${file.path}.wal`].map(quoteText).join(', ')}]`);
    await connection.run('set enable_external_access = false');
    await connection.run('set lock_configuration = true');
    return (await databaseTables(connection, quoteText(file.path))).map(nameOf);
  } catch (cause) {
    throw explainTableError(cause, { file: file.file, field: file.field });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
