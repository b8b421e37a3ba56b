import { sourceFormatOfName } from '../data/format-of-name';
import type { SourceSpec } from '../data/source-spec';

export type SourceFormat = SourceSpec['format'];
type Fields = Readonly<Record<string, unknown>>;

const tables: readonly SourceFormat[] = ['csv', 'tsv', 'parquet', 'jsonl', 'duckdb', 'sqlite', 'arrow'];

/** What of a source before it says something about the records, whatever file of the same kind they are in. */
const kept = {
  table: ['label', 'features', 'labelKind', 'classes', 'scale', 'standardize', 'shape'],
  images: ['labelKind', 'classes', 'scale', 'standardize', 'shape', 'channels'],
  arrays: ['records', 'labelKind', 'classes', 'scale', 'standardize', 'shape'],
} as const;

function kindOf(format: unknown): keyof typeof kept | undefined {
  if (format === 'images') return 'images';
  if (typeof format !== 'string') return undefined;
  return tables.some((table) => table === format) ? 'table' : 'arrays';
}

/** The names that labels of these features usually have: MNIST's own, `x` and `y`, `features` and `labels`, `images` and `labels`. */
function namesOfLabels(features: string): readonly string[] {
  const pairs: readonly (readonly [RegExp, string])[] = [[/images([.-])idx3/, 'labels$1idx1'], [/images/, 'labels'], [/features/, 'labels'], [/(^|[/_-])x([._-])/, '$1y$2'], [/(^|[/_-])X([._-])/, '$1y$2']];
  return pairs.filter(([pattern]) => pattern.test(features)).map(([pattern, replacement]) => features.replace(pattern, replacement));
}

/**
 * The source of records that a file is, as a request writes it. Columns and arrays are left to be chosen, unless the source before was of the same kind.
 * @param file Path as the request writes it.
 * @param format Of the file; told by its name unless given.
 * @param exists Whether there is a file, by a path as the request writes it.
 * @returns undefined where the name tells no format
 */
export function sourceOfFile(file: string, { format = sourceFormatOfName(file), before, exists }: { readonly format?: SourceFormat | undefined; readonly before: unknown; readonly exists: (path: string) => boolean }): Fields | undefined {
  const kind = kindOf(format);
  if (format === undefined || kind === undefined) return undefined;
  const old = (typeof before === 'object' && before !== null ? before : {}) as Fields;
  const carried = kindOf(old['format']) === kind ? kept[kind].filter((key) => old[key] !== undefined).map((key) => [key, old[key]]) : [];
  const rest = Object.fromEntries(carried) as Fields;
  if (kind !== 'arrays') return { format, path: file, ...rest };
  const labels = format === 'idx' || format === 'npy' || format === 'png' ? namesOfLabels(file).find(exists) : undefined;
  return { format, features: file, ...(labels === undefined ? {} : { labels }), ...rest };
}
