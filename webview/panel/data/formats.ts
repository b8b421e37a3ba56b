import type { SourceFormat } from '../../../src/protocol/data-report';

export type SourceKind = 'table' | 'arrays' | 'images';

interface KnownFormat {
  readonly format: SourceFormat;
  /** As people call it, in any language. */
  readonly name: string;
  readonly kind: SourceKind;
}

export const formats: readonly KnownFormat[] = [
  { format: 'csv', name: 'CSV', kind: 'table' },
  { format: 'tsv', name: 'TSV', kind: 'table' },
  { format: 'parquet', name: 'Parquet', kind: 'table' },
  { format: 'jsonl', name: 'JSON Lines', kind: 'table' },
  { format: 'arrow', name: 'Arrow, Feather', kind: 'table' },
  { format: 'duckdb', name: 'DuckDB', kind: 'table' },
  { format: 'sqlite', name: 'SQLite', kind: 'table' },
  { format: 'idx', name: 'IDX (MNIST)', kind: 'arrays' },
  { format: 'npy', name: 'NumPy .npy', kind: 'arrays' },
  { format: 'npz', name: 'NumPy .npz', kind: 'arrays' },
  { format: 'hdf5', name: 'HDF5', kind: 'arrays' },
  { format: 'cifar10', name: 'CIFAR-10', kind: 'arrays' },
  { format: 'cifar100', name: 'CIFAR-100', kind: 'arrays' },
  { format: 'png', name: 'PNG: 1 × n', kind: 'arrays' },
  { format: 'images', name: 'PNG, JPEG', kind: 'images' },
];

export function kindOf(format: unknown): SourceKind | undefined {
  return formats.find((known) => known.format === format)?.kind;
}

/** The source after another format is chosen: its file stays, and what both kinds know. */
export function switchedFormat(before: unknown, format: SourceFormat): unknown {
  const old = (typeof before === 'object' && before !== null ? before : {}) as Readonly<Record<string, unknown>>;
  const kind = kindOf(format);
  if (kindOf(old['format']) === kind) return { ...old, format };
  const { features, path, labelKind, classes, scale, standardize, shape } = old;
  // Features of a table are columns.
  const file = path ?? (kindOf(old['format']) === 'arrays' ? features : undefined);
  return { format, ...(kind === 'arrays' ? { features: file } : { path: file }), ...defined({ labelKind, classes, scale, standardize, shape }) };
}

function defined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
