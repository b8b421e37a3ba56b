import { open } from 'node:fs/promises';
import { readStart } from './source-file';
import type { SourceFile } from './source-file';

/** No header has more, and no line of JSON that DuckDB reads. */
const headerLimit = 1 << 20;
const lineLimit = 1 << 24;

async function firstLine(file: SourceFile, limit: number): Promise<string> {
  const start = Buffer.from(await readStart(file, Math.min(limit, file.size)));
  const end = start.indexOf(0x0a);
  return (end < 0 ? start : start.subarray(0, end)).toString('latin1');
}

function keysOf(line: string): number {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  } catch {
    // Cut off at the limit, or no JSON at all, of which whoever reads it says what is wrong.
    return line.split('":').length - 1;
  }
}

/** Levels of a list column in the schema of a Parquet file. */
const elementsOfList = 3;

/**
 * How many columns a Parquet file has at least. Its metadata begin with the version and the list of the schema's elements, whose length comes
 * first (Apache Parquet, FileMetaData in the compact protocol of Thrift).
 */
async function parquetColumns(file: SourceFile): Promise<number> {
  const handle = await open(file.path);
  try {
    const end = Buffer.alloc(8);
    await handle.read(end, 0, 8, Math.max(0, file.size - 8));
    const length = end.readUInt32LE(0);
    if (end.toString('latin1', 4) !== 'PAR1' || length + 8 > file.size) return 0;
    const start = Buffer.alloc(Math.min(length, 24));
    await handle.read(start, 0, start.length, file.size - 8 - length);
    let at = 0;
    const varint = (): number => {
      let value = 0;
      for (let shift = 0; shift < 35 && at < start.length; shift += 7) {
        const byte = start.readUInt8(at++);
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) break;
      }
      return value;
    };
    if (varint() !== 0x15) return 0; // field 1: an i32
    varint();
    if (varint() !== 0x19) return 0; // field 2: a list
    const header = start[at++] ?? 0;
    const elements = header >> 4 === 15 ? varint() : header >> 4;
    return Math.floor((elements - 1) / elementsOfList);
  } finally {
    await handle.close();
  }
}

/**
 * How many columns the beginning of a file promises, before DuckDB looks at it, which takes the longer the wider a table is. 0 where that
 * cannot be told so cheaply.
 */
export async function columnsAhead(file: SourceFile, format: string, delimiter: string): Promise<number> {
  switch (format) {
    case 'csv':
    case 'tsv': return (await firstLine(file, headerLimit)).split(delimiter).length;
    case 'jsonl': return keysOf(await firstLine(file, lineLimit));
    case 'parquet': return parquetColumns(file);
    default: return 0;
  }
}
