import { UserError } from '../error';
import { openArraySource } from './array-source';
import type { ResidentOptions } from './growing-features';
import type { SourceDataset } from './source-dataset';
import type { PathOptions } from './source-file';
import type { SourceSpec } from './source-spec';
import type { TableOptions } from './table';

export interface OpenOptions extends PathOptions, TableOptions, ResidentOptions {
  /** Where in the request the source stands, for messages: `data.training`. */
  readonly field?: string | undefined;
}

/**
 * Opens the records that a request describes. What reads a format is loaded when it is needed: libraries for all of them would be a hundred megabytes.
 * @throws UserError naming the file and the field at fault.
 */
export async function openDataset(source: SourceSpec, options: OpenOptions = {}): Promise<SourceDataset> {
  const field = options.field ?? 'data';
  if (source.standardize === true && source.scale !== undefined) {
    throw new UserError('scale-conflict', 'a scaling is either given or computed, not both.', { field: `${field}.standardize`, remedy: 'Remove "standardize" or "scale".' });
  }
  switch (source.format) {
    case 'idx':
    case 'npy':
    case 'npz':
    case 'hdf5':
    case 'png':
    case 'cifar10':
    case 'cifar100': return openArraySource(source, field, options);
    case 'csv':
    case 'tsv':
    case 'parquet':
    case 'jsonl':
    case 'duckdb':
    case 'sqlite':
    case 'arrow': return (await import('./table-source')).openTableSource(source, field, options);
    case 'images': return (await import('./image-source')).openImageSource(source, field, options);
  }
}
