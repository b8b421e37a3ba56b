import type { ColumnSummary } from '../../../src/protocol/data-report';

/** A feature as a request writes it: a name, a pattern `pixel*`, or a column to encode. */
export type Feature = string | { readonly column: string; readonly [encoding: string]: unknown };

/** How a column becomes features: as it is, one for each of its values, or its words: in buckets, by a vocabulary, by a tokenizer. */
export type Encoding = 'number' | 'one-hot' | 'words' | 'vocabulary' | 'tokenizer';

/** What to begin with. */
const start = { words: { buckets: 1024 }, vocabulary: { vocabulary: 'vocabulary.txt' }, tokenizer: { tokenizer: 'tokenizer.json', as: 'tokens', length: 128 } };

/** The features of a request, as far as they can be understood. */
export function featuresOf(value: unknown): readonly Feature[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item: unknown): item is Feature => typeof item === 'string' || (typeof item === 'object' && item !== null && 'column' in item && typeof item.column === 'string'));
}

function isPattern(feature: Feature, columns: readonly ColumnSummary[]): feature is string {
  return typeof feature === 'string' && feature.endsWith('*') && !columns.some(({ name }) => name === feature);
}

/** With the columns that patterns stand for: all that begin so, in the order of the file, without the label. */
export function expanded(features: readonly Feature[], columns: readonly ColumnSummary[], label: unknown): readonly Feature[] {
  return features.flatMap((feature): readonly Feature[] => (isPattern(feature, columns) ? columns.map(({ name }) => name).filter((name) => name.startsWith(feature.slice(0, -1)) && name !== label) : [feature]));
}

export function columnOf(feature: Feature): string {
  return typeof feature === 'string' ? feature : feature.column;
}

export function encodingOf(feature: Feature): Encoding {
  if (typeof feature === 'string') return 'number';
  return 'oneHot' in feature ? 'one-hot' : 'buckets' in feature ? 'words' : 'tokenizer' in feature ? 'tokenizer' : 'vocabulary';
}

/** The ways in which a column can become features, the usual one first. */
export function encodingsOf({ numeric, statistics }: ColumnSummary): readonly Encoding[] {
  const few = (statistics?.values?.length ?? 0) > 0;
  if (numeric) return few ? ['number', 'one-hot'] : ['number'];
  return [...(few ? ['one-hot'] as const : []), 'words', 'vocabulary', 'tokenizer', 'number'];
}

/** A column as a feature in one of the ways above. */
export function encoded({ name, numeric, statistics }: ColumnSummary, encoding: Encoding): Feature {
  if (encoding === 'number') return name;
  return { column: name, ...(encoding === 'one-hot' ? { oneHot: valuesOf(statistics?.values ?? [], numeric) } : start[encoding]) };
}

/** A number n stands for the integers 0 to n − 1. */
function valuesOf(values: readonly string[], numeric: boolean): number | readonly (string | number)[] {
  if (!numeric) return values;
  const numbers = values.map(Number).sort((a, b) => a - b);
  return numbers.every((value, index) => value === index) ? numbers.length : numbers;
}

/** The features with a column added at its place in the order of the file, as long as the others keep that order; without it where there is no encoding. */
export function withColumn(features: readonly Feature[], columns: readonly ColumnSummary[], label: unknown, column: ColumnSummary, encoding: Encoding | undefined): readonly Feature[] {
  const patterned = features.some((feature) => isPattern(feature, columns) && column.name.startsWith(feature.slice(0, -1)));
  const present = patterned ? expanded(features, columns, label) : features;
  const place = present.findIndex((feature) => columnOf(feature) === column.name);
  if (encoding === undefined) return present.filter((_, index) => index !== place);
  const feature = encoded(column, encoding);
  if (place >= 0) return present.map((other, index) => (index === place ? feature : other));
  const order = new Map(columns.map(({ name }, index) => [name, index]));
  const own = order.get(column.name) ?? 0;
  const after = present.findIndex((other) => (order.get(columnOf(other)) ?? -1) > own);
  return after < 0 ? [...present, feature] : [...present.slice(0, after), feature, ...present.slice(after)];
}

/** All columns but the label, each in its usual way, or those of numbers alone; encodings that are there stay. */
export function allColumns(features: readonly Feature[], columns: readonly ColumnSummary[], label: unknown, only: 'all' | 'numeric'): readonly Feature[] {
  const present = new Map(features.map((feature) => [columnOf(feature), feature]));
  return columns.filter(({ name, numeric }) => name !== label && (only === 'all' || numeric)).map((column) => present.get(column.name) ?? encoded(column, encodingsOf(column)[0] ?? 'number'));
}
