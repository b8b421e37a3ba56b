import { DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';

export interface TypedColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** Rows that come from elsewhere than a file DuckDB reads. */
export interface RowSource {
  readonly columns: readonly TypedColumn[];
  /** All rows from the beginning, some thousand at a time; may be asked for again. @throws UserError while they are read. */
  chunks(): Iterable<DuckDBDataChunk>;
  /** To be called when they are no longer needed. */
  close(): void;
}

/** Most rows of a chunk of DuckDB. */
export const chunkRows = 2048;

/** Rows as chunks. */
export function* chunksOf(columns: readonly TypedColumn[], rows: Iterable<readonly DuckDBValue[]>): Generator<DuckDBDataChunk> {
  const types = columns.map(({ type }) => type);
  let pending: (readonly DuckDBValue[])[] = [];
  const chunk = (): DuckDBDataChunk => {
    const made = DuckDBDataChunk.create(types, pending.length);
    types.forEach((_, index) => made.setColumnValues(index, pending.map((row) => row[index] ?? null)));
    pending = [];
    return made;
  };
  for (const row of rows) {
    pending.push(row);
    if (pending.length === chunkRows) yield chunk();
  }
  if (pending.length > 0) yield chunk();
}
