import { openArraySource } from './array-source';
import type { SourceDataset } from './memory-dataset';
import type { PathOptions } from './source-file';
import type { SourceSpec } from './source-spec';
import type { TableOptions } from './table';
import { openTableSource } from './table-source';

export interface OpenOptions extends PathOptions, Omit<TableOptions, 'delimiter' | 'asText'> {
  /** Where in the request the source stands, for messages: `data.training`. */
  readonly field?: string | undefined;
}

/**
 * Opens the records that a request describes.
 * @throws UserError naming the file and the field at fault.
 */
export async function openDataset(source: SourceSpec, options: OpenOptions = {}): Promise<SourceDataset> {
  const field = options.field ?? 'data';
  switch (source.format) {
    case 'idx':
    case 'npy':
    case 'npz': return openArraySource(source, field, options);
    case 'csv':
    case 'tsv':
    case 'parquet':
    case 'jsonl': return openTableSource(source, field, options);
  }
}
