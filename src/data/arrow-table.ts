import { DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { DataType, RecordBatch, Schema } from 'apache-arrow';
import { UserError } from '../error';
import { arrowColumnReader, rowsHeld } from './arrow-column';
import type { ArrowColumnReader } from './arrow-column';
import { arrowDamaged, readRecordBatches } from './arrow-file';
import { readFileBytes } from './source-file';
import type { SourceFile, Where } from './source-file';
import { quoteName } from './sql';
import { mostColumns, tooManyColumns } from './table-error';

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

/** Most rows of a chunk of DuckDB. */
const chunkRows = 2048;

/** Beyond this a file of nothing but missing values could keep anybody waiting. */
const mostRows = 2 ** 32;

function appendBatch(appender: DuckDBAppender, batch: RecordBatch, columns: readonly NamedColumn[], where: Where): void {
  if (batch.numRows > mostRows || batch.data.children.some((column) => rowsHeld(column) < batch.numRows)) throw arrowDamaged(where);
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
    appender.appendDataChunk(chunk);
  }
}

function describeColumns(columns: readonly NamedColumn[]): string {
  return columns.map(({ name, type }) => `${quoteName(name)} ${String(type)}`).join(', ');
}

/**
 * Copies Arrow files, one after another, into a temporary table of a database and gives its name. DuckDB does not read them itself.
 * @throws UserError `arrow-damaged`, `arrow-feather-1`, `arrow-unsupported` naming the column, `too-many-columns`, `table-damaged` where the
 * files do not have the same columns.
 */
export async function copyArrowFiles(connection: DuckDBConnection, files: readonly SourceFile[]): Promise<string> {
  let declared: string | undefined;
  for (const file of files) {
    const where = { file: file.file, field: file.field };
    const batches = readRecordBatches(await readFileBytes(file), where);
    let appender: DuckDBAppender | undefined;
    let columns: readonly NamedColumn[] = [];
    try {
      for (const batch of batches) {
        if (appender === undefined) {
          columns = columnsOf(batch.schema, where);
          const description = describeColumns(columns);
          if (declared === undefined) await connection.run(`create temp table source (${description})`);
          else if (declared !== description) throw new UserError('table-damaged', 'the files do not all have the same columns.', { ...where, remedy: 'Name only files with the same columns of the same types, or write them as one.' });
          declared = description;
          appender = await connection.createAppender('source');
        }
        appendBatch(appender, batch, columns, where);
      }
    } finally {
      appender?.closeSync();
    }
  }
  return 'source';
}
