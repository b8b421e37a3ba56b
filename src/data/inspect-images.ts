import * as path from 'node:path';
import { decodeImage, imageTable } from './image-source';
import { summarizeTable } from './inspect-table';
import type { InspectOptions, TableSummary } from './inspect-table';
import { findFile, readFileBytes } from './source-file';
import type { PathOptions } from './source-file';
import type { ImageSource } from './source-spec';
import { quoteName } from './sql';
import { Table } from './table';
import type { TableOptions } from './table';

export interface ImageSummary extends Omit<TableSummary, 'format'> {
  /** Size of the first image: [height, width, channels]. */
  readonly shape: readonly number[];
}

/**
 * The list behind images, and the size of the first one; no other is decoded.
 * @throws UserError for what is missing or damaged.
 */
export async function inspectImages(source: ImageSource, field: string, options: PathOptions & TableOptions & InspectOptions): Promise<ImageSummary> {
  const { origin, folder } = await imageTable(source, field, options);
  const table = await Table.open(origin, options);
  try {
    const column = table.column(source.image ?? 'path', `${field}.image`);
    const [first] = await table.at([0], [`cast(${quoteName(column.name)} as varchar)`]);
    const file = await findFile(String(first?.[0] ?? ''), `${field}.path`, { ...options, base: path.resolve(folder) });
    return { ...(await summarizeTable(table, options)), shape: decodeImage(await readFileBytes(file), { file: file.file, field: file.field }).shape };
  } finally {
    table.close();
  }
}
