import type { SourceSpec } from './source-spec';
import type { TableFormat } from './table-format';

const formatOfEnding: Readonly<Record<string, TableFormat>> = { csv: 'csv', tsv: 'tsv', parquet: 'parquet', jsonl: 'jsonl', ndjson: 'jsonl', duckdb: 'duckdb', sqlite: 'sqlite', sqlite3: 'sqlite', arrow: 'arrow', feather: 'arrow', ipc: 'arrow' };

/** The format that a file's name tells, for files whose format a request does not state. */
export function formatOfName(name: string): TableFormat | undefined {
  return formatOfEnding[/\.([a-z0-9]+)(\.gz|\.zst)?$/i.exec(name)?.[1]?.toLowerCase() ?? ''];
}

/** Names that files of the other formats usually have. HDF5 files may hold models just as well as data. */
const usualNames: readonly (readonly [pattern: RegExp, format: SourceSpec['format']])[] = [
  [/\.npy$/i, 'npy'],
  [/\.npz$/i, 'npz'],
  [/\.(h5|hdf5)$/i, 'hdf5'],
  [/[.-]idx\d?(-ubyte)?(\.gz)?$/i, 'idx'],
  [/(^|\/)(data|test)_batch[^/]*\.bin$/i, 'cifar10'],
  [/(^|\/)(train|test)\.bin$/i, 'cifar100'],
  [/\.png$/i, 'png'],
];

/** The format of a source of records that a file's name suggests; a folder is taken for images by class. */
export function sourceFormatOfName(name: string): SourceSpec['format'] | undefined {
  return formatOfName(name) ?? usualNames.find(([pattern]) => pattern.test(name))?.[1];
}
