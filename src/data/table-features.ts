import { totalmem } from 'node:os';
import { DuckDBListVector } from '@duckdb/node-api';
import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import { UserError } from '../error';
import type { FeatureStore } from './feature-store';
import { checkedFeature, isPlainFeature, notExact } from './features';
import { GrowingFeatures } from './growing-features';
import { findFile } from './source-file';
import type { PathOptions, Where } from './source-file';
import type { FeatureColumn, OneHotColumn, TableSource, TextColumn, TokenizedColumn } from './source-spec';
import { quoteName, textOf } from './sql';
import type { Column, Table } from './table';
import { encodeText } from './token-numbers';
import type { TextEncoding, TokenNumbers } from './token-numbers';
import { readTokenizer } from './tokenizer-file';
import { bucketOf, readVocabulary, splitWords } from './vocabulary';

/** A cell that cannot be a feature; told apart from other errors because its text must still be fetched. */
export class BadCell extends Error {
  readonly record: number;
  readonly column: Column;
  constructor(record: number, column: Column) {
    super();
    this.record = record;
    this.column = column;
  }
}

/** Where a chunk of records goes: record `first + row` starts at `offset + row * stride`. */
interface Destination {
  readonly target: Float32Array;
  readonly offset: number;
  readonly stride: number;
  readonly first: number;
}

/** Makes the cells of one column into features. */
interface Encoder {
  readonly column: Column;
  readonly expression: string;
  /** Features a cell becomes, given the column of the first chunk. */
  width(vector: DuckDBVector): number;
  copy(vector: DuckDBVector, width: number, destination: Destination): void;
  /** Whether a number was so large that, if it was an integer, others may have become the same. */
  readonly hasLarge?: () => boolean;
}

const integers = /^(U?BIGINT|U?HUGEINT|DECIMAL\(\d+,0\))/;

function numbers(column: Column, where: Where): Encoder {
  const mayBeInteger = column.type === 'VARCHAR' || column.type === 'JSON' || integers.test(column.type);
  let large = false;
  const check = (value: unknown, record: number): number => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadCell(record, column);
    large ||= mayBeInteger && Math.abs(value) > Number.MAX_SAFE_INTEGER;
    return checkedFeature(value, () => `record ${record}, column "${column.name}"`, where);
  };
  return {
    column,
    hasLarge: () => large,
    expression: `try_cast(${column.type === 'JSON' ? textOf(column) : quoteName(column.name)} as double)`,
    width: () => 1,
    copy: (vector, _, { target, offset, stride, first }) => {
      for (let row = 0; row < vector.itemCount; row++) {
        const value = vector.getItem(row);
        // Most numbers are float32 already or lie between two of them; only the rest needs a closer look.
        target[offset + row * stride] = isPlainFeature(value) ? value : check(value, first + row);
      }
    },
  };
}

function lists(column: Column, where: Where): Encoder {
  const asList = (vector: DuckDBVector): DuckDBListVector => {
    if (!(vector instanceof DuckDBListVector)) throw new TypeError(`column ${column.name} is not a list`);
    return vector;
  };
  return {
    column,
    expression: `try_cast(${quoteName(column.name)} as double[])`,
    width: (vector) => asList(vector).getEntryLength(0),
    copy: (vector, width, { target, offset, stride, first }) => {
      const list = asList(vector);
      for (let row = 0; row < list.itemCount; row++) {
        const record = first + row;
        if (list.getItemVector(row) === null) throw new BadCell(record, column);
        const length = list.getEntryLength(row);
        if (length !== width) throw new UserError('shape-mismatch', `record ${record}, column "${column.name}" has ${length} numbers, but record 0 has ${width}.`, { ...where, remedy: 'Bring the lists of that column to one length.' });
        const start = list.getEntryOffset(row);
        for (let item = 0; item < width; item++) {
          const value = list.childVector.getItem(start + item);
          if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadCell(record, column);
          const place = (): string => `record ${record}, column "${column.name}", number ${item}`;
          if (Math.abs(value) > Number.MAX_SAFE_INTEGER && integers.test(column.type)) throw notExact(place(), value, where);
          target[offset + row * stride + item] = checkedFeature(value, place, where);
        }
      }
    },
  };
}

/** Calls `encode` with the text of each cell and the places for its features. */
function texts(column: Column, width: number, encode: (text: string, target: Float32Array, record: number) => void): Encoder {
  return {
    column,
    expression: textOf(column),
    width: () => width,
    copy: (vector, _, { target, offset, stride, first }) => {
      for (let row = 0; row < vector.itemCount; row++) {
        const text = vector.getItem(row);
        if (typeof text !== 'string') throw new BadCell(first + row, column);
        const start = offset + row * stride;
        encode(text, target.subarray(start, start + width), first + row);
      }
    },
  };
}

/** @param values The categories in order, or how many there are if they are the integers from 0 on. */
function oneHot(column: Column, values: OneHotColumn['oneHot'], where: Where): Encoder {
  const categories = typeof values === 'number' ? Array.from({ length: values }, (_, category) => category) : values;
  // Where all categories are numbers, 2 and "2.0" are the same one; a blank is none.
  const key = categories.every((value) => typeof value === 'number') ? (value: string | number) => (String(value).trim() === '' ? NaN : Number(value)) : String;
  const places = new Map(categories.map((value, place) => [key(value), place]));
  return texts(column, categories.length, (text, target, record) => {
    const place = places.get(key(text));
    if (place === undefined) throw new UserError('feature-unknown', `record ${record}, column "${column.name}" is ${JSON.stringify(text)}, which is not among the values of "oneHot".`, { ...where, remedy: 'Add the value to "oneHot" if the model was trained with it; else correct it in the data.' });
    target[place] = 1;
  });
}

function hashedWords(column: Column, buckets: number, presenceOnly: boolean): Encoder {
  return texts(column, buckets, (text, target) => {
    for (const word of splitWords(text)) {
      const bucket = bucketOf(word, buckets);
      target[bucket] = presenceOnly ? 1 : (target[bucket] ?? 0) + 1;
    }
  });
}

function requireLength(encoding: TextEncoding, length: number | undefined, field: string): number {
  if (encoding === 'tokens' && length === undefined) throw new UserError('text-length', 'say how many words of a text the model reads.', { field: `${field}.length`, remedy: 'Write "length" as in training, such as 200.' });
  return length ?? 0;
}

function words(column: Column, tokens: TokenNumbers, feature: TextColumn | TokenizedColumn, encoding: TextEncoding, field: string): Encoder {
  const length = requireLength(encoding, feature.length, field);
  return texts(column, encoding === 'tokens' ? length : tokens.size, (text, target) => encodeText(tokens, text, encoding, target, feature));
}

async function tokenized(column: Column, feature: TokenizedColumn, table: Table, field: string, options: PathOptions): Promise<Encoder> {
  const encoding = feature.as ?? 'tokens';
  requireLength(encoding, feature.length, field);
  const file = await findFile(feature.tokenizer, `${field}.tokenizer`, options);
  const { tokens, within } = await readTokenizer(file, { special: feature.specialTokens ?? encoding === 'tokens', timeLimit: table.timeLimit });
  const encoder = words(column, tokens, feature, encoding, field);
  return { ...encoder, copy: (vector, width, destination) => within(() => encoder.copy(vector, width, destination)) };
}

async function encodersOf(feature: FeatureColumn, table: Table, source: TableSource, field: string, options: PathOptions): Promise<Encoder[]> {
  const where = { ...table.where, field };
  if (typeof feature !== 'string') {
    const column = table.column(feature.column, `${field}.column`);
    if ('oneHot' in feature) return [oneHot(column, feature.oneHot, where)];
    if ('buckets' in feature) return [hashedWords(column, feature.buckets, feature.as === 'binary')];
    if ('tokenizer' in feature) return [await tokenized(column, feature, table, field, options)];
    const vocabulary = await readVocabulary(await findFile(feature.vocabulary, `${field}.vocabulary`, options));
    return [words(column, vocabulary, feature, feature.as ?? 'counts', field)];
  }
  const prefix = feature.endsWith('*') && !table.columns.some(({ name }) => name === feature) ? feature.slice(0, -1) : undefined;
  const columns = prefix === undefined ? [table.column(feature, field)] : table.columns.filter(({ name }) => name.startsWith(prefix) && name !== source.label);
  if (columns.length === 0) throw new UserError('column-missing', `has no column that begins with "${prefix ?? feature}". ${table.listColumns()}`, { ...where, remedy: 'Correct the name in "features".' });
  return columns.map((column) => (/\[\d*\]$/.test(column.type) ? lists(column, where) : numbers(column, where)));
}

/**
 * What each column of `features` becomes, in the order of the model's input.
 * @throws UserError `column-missing`, `no-features`, `label-is-feature`, and those of reading a vocabulary.
 */
export async function featureEncoders(table: Table, source: TableSource, field: string, options: PathOptions): Promise<readonly Encoder[]> {
  const encoders: Encoder[] = [];
  for (const [index, feature] of source.features.entries()) encoders.push(...(await encodersOf(feature, table, source, `${field}.features[${index}]`, options)));
  if (encoders.length === 0) throw new UserError('no-features', 'names no columns.', { field: `${field}.features`, remedy: 'Name the columns that the model reads, in its order; "pixel*" stands for all that begin so.' });
  if (encoders.some(({ column }) => column.name === source.label)) {
    throw new UserError('label-is-feature', `the column "${source.label}" is both the label and a feature.`, { ...table.where, field: `${field}.features`, remedy: 'Take it out of "features", or name another "label".' });
  }
  return encoders;
}

/** Bytes for the features of one chunk: as counts, a tokenizer whose file claims tokens of any number makes as many features. */
const mostOfChunk = Math.min(2 ** 32, totalmem() / 2);

/** Collects features chunk by chunk. */
export class FeatureReader {
  private readonly encoders: readonly Encoder[];
  private readonly features: GrowingFeatures;
  /** Features of each encoder; known after the first chunk. */
  private widths: readonly number[] | undefined;
  private records = 0;

  /** @param residentLimit Most bytes of features to keep in memory. */
  constructor(encoders: readonly Encoder[], residentLimit: number) {
    this.encoders = encoders;
    this.features = new GrowingFeatures(residentLimit);
  }

  get featureCount(): number {
    return this.widths?.reduce((sum, width) => sum + width, 0) ?? 0;
  }

  /** The columns of the chunk must be those of the encoders, in their order. @throws UserError `features-too-many` and those of the encoders, BadCell. */
  append(chunk: DuckDBDataChunk): void {
    const vectors = this.encoders.map((_, index) => chunk.getColumnVector(index));
    this.widths ??= vectors.map((vector, index) => this.encoders[index]?.width(vector) ?? 0);
    const stride = this.featureCount;
    if (chunk.rowCount * stride * Float32Array.BYTES_PER_ELEMENT > mostOfChunk) {
      throw new UserError('features-too-many', `each record would have ${stride.toLocaleString('en')} features, more than there is memory for.`, { remedy: 'Write "as": "tokens" with a "length", or fewer categories or buckets.' });
    }
    const target = new Float32Array(chunk.rowCount * stride);
    let offset = 0;
    for (const [index, encoder] of this.encoders.entries()) {
      const vector = vectors[index];
      const width = this.widths[index] ?? 0;
      if (vector !== undefined) encoder.copy(vector, width, { target, offset, stride, first: this.records });
      offset += width;
    }
    this.features.append(target);
    this.records += chunk.rowCount;
  }

  finish(): FeatureStore {
    return this.features.finish();
  }
}
