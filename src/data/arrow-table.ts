import { closeSync } from 'node:fs';
import { DuckDBDataChunk } from '@duckdb/node-api';
import type { DataType, RecordBatch, Schema } from 'apache-arrow';
import { UserError } from '../error';
import { arrowColumnReader, rowsHeld } from './arrow-column';
import type { ArrowColumnReader } from './arrow-column';
import { arrowDamaged, openRecordBatches } from './arrow-file';
import { chunkRows } from './row-source';
import type { RowSource } from './row-source';
import type { SourceFile, Where } from './source-file';
import { quoteName } from './sql';
import { mostColumns, tooManyColumns } from './table-error';
import { openPlain } from './temporary-file';
import { prepareZstd } from './zstd-frame';

interface NamedColumn extends ArrowColumnReader {
  readonly name: string;
}

/** As Arrow writes it: `Struct<{a:Int32}>`. */
function typeName(type: { toString(): string }): string {
  return type.toString();
}

function columnsOf(schema: Schema, where: Where): NamedColumn[] {
  if (schema.fields.length > mostColumns) throw tooManyColumns(where);
  if (schema.fields.length === 0) throw arrowDamaged(where);
  return schema.fields.map((field) => {
    const { name } = field;
    const type = field.type as DataType;
    const reader = arrowColumnReader(type);
    if (reader === undefined) {
      throw new UserError('arrow-unsupported', `column "${name}" is of the type ${typeName(type)}, which cannot be read.`, { ...where, remedy: 'Leave it out of the file, or write it as numbers, text, Booleans, dates, timestamps or lists of numbers.' });
    }
    return { name, ...reader };
  });
}

/** Nothing in a file says how many rows there are of nothing but missing values: a few hundred bytes could keep anybody waiting. */
const mostRowsOfNothing = 2 ** 20;

function* chunksOfBatch(batch: RecordBatch, columns: readonly NamedColumn[], where: Where): Generator<DuckDBDataChunk> {
  if (batch.numRows === 0) return; // a column without rows may have no buffers
  const held = Math.min(...batch.data.children.map(rowsHeld));
  if (batch.numRows > (held === Infinity ? mostRowsOfNothing : held)) throw arrowDamaged(where);
  for (let start = 0; start < batch.numRows; start += chunkRows) {
    const rows = Math.min(chunkRows, batch.numRows - start);
    const chunk = DuckDBDataChunk.create(columns.map(({ type }) => type), rows);
    for (const [index, column] of columns.entries()) {
      const vector = batch.getChildAt(index);
      if (vector?.length !== batch.numRows) throw arrowDamaged(where);
      try {
        chunk.setColumnValues(index, Array.from({ length: rows }, (_, row) => column.read(vector, start + row)));
      } catch (cause) {
        throw arrowDamaged(where, cause);
      }
    }
    yield chunk;
  }
}

/** The types as DuckDB writes them, to compare columns of several files. */
function describeColumns(columns: readonly NamedColumn[]): string {
  return columns.map(({ name, type }) => `${quoteName(name)} ${String(type)}`).join(', ');
}

/**
 * Arrow files, one after another, as rows: DuckDB does not read them itself. One record batch at a time is in memory.
 * @throws UserError `arrow-damaged`, `arrow-feather-1`, `arrow-unsupported` naming the column, `too-many-columns`, `table-damaged` where the
 * files do not have the same columns; `disk-full` where one that is compressed as a whole cannot be unpacked.
 */
export async function arrowRows(files: readonly SourceFile[]): Promise<RowSource> {
  await prepareZstd();
  const opened = await Promise.all(files.map(async (file) => ({ source: await openPlain(file), where: { file: file.file, field: file.field } })));
  const close = (): void => {
    for (const { source } of opened) closeSync(source.descriptor);
  };
  const columns: NamedColumn[] = [];
  try {
    for (const [index, { source, where }] of opened.entries()) {
      const found = columnsOf(openRecordBatches(source, where).schema, where);
      if (index === 0) columns.push(...found);
      else if (describeColumns(found) !== describeColumns(columns)) throw new UserError('table-damaged', 'the files do not all have the same columns.', { ...where, remedy: 'Name only files with the same columns, or write them as one.' });
    }
  } catch (cause) {
    close();
    throw cause;
  }
  return {
    columns,
    *chunks() {
      for (const { source, where } of opened) for (const batch of openRecordBatches(source, where).batches()) yield* chunksOfBatch(batch, columns, where);
    },
    close,
  };
}
