import type { DuckDBAppender } from '@duckdb/node-api';
import type { Where } from './source-file';
import { quoteName } from './sql';
import type { TableOrigin } from './table-format';

export type Cell = string | number | bigint | null;

export interface TypedColumn {
  readonly name: string;
  readonly type: 'VARCHAR' | 'BIGINT' | 'DOUBLE';
}

function append(appender: DuckDBAppender, cell: Cell, type: TypedColumn['type']): void {
  if (cell === null) appender.appendNull();
  else if (type === 'VARCHAR') appender.appendVarchar(String(cell));
  else if (type === 'BIGINT') appender.appendBigInt(BigInt(cell));
  else appender.appendDouble(Number(cell));
}

/** Rows that come from elsewhere than a file DuckDB reads. */
export function rowsOrigin(columns: readonly TypedColumn[], rows: readonly (readonly Cell[])[], where: Where): TableOrigin {
  return {
    where,
    paths: [],
    relation: async (connection) => {
      await connection.run(`create temp table source (${columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(', ')})`);
      const appender = await connection.createAppender('source');
      for (const row of rows) {
        for (const [index, { type }] of columns.entries()) append(appender, row[index] ?? null, type);
        appender.endRow();
      }
      appender.closeSync();
      return 'source';
    },
  };
}
