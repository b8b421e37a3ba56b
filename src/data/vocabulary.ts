import { UserError } from '../error';
import { readFileBytes } from './source-file';
import type { SourceFile } from './source-file';

/** How text becomes numbers: a count for each word, 1 or 0 for each word, or the numbers of the words in their order. */
export type TextEncoding = 'counts' | 'binary' | 'tokens';

/** What Keras strips for `lower_and_strip_punctuation`. */
const punctuation = /[!"#$%&()*+,\-./:;<=>?@[\]\\^_`{|}~']/g;

/** Words as Keras' TextVectorization sees them by default: lower case, without punctuation, split at white space. */
export function splitWords(text: string): string[] {
  return text.toLowerCase().replaceAll(punctuation, '').split(/\s+/).filter((word) => word !== '');
}

/**
 * Where a word is counted when words are hashed instead of looked up: FNV-1a (32 bits) of its UTF-8 bytes, modulo the number of buckets.
 * A fixed function: unlike a vocabulary, nothing about it was learned from anyone's text.
 */
export function bucketOf(word: string, buckets: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(word, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % buckets;
}

/**
 * The words a model knows. The number of a word is its place, as in what `TextVectorization.get_vocabulary()` gives: the empty text for
 * padding and `[UNK]` for all other words are entries like any; without `[UNK]`, other words are passed over.
 */
export class Vocabulary {
  readonly size: number;
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly unknown: number | undefined;

  constructor(words: readonly string[]) {
    this.size = words.length;
    this.numbers = new Map(words.map((word, number) => [word, number]));
    this.unknown = this.numbers.get('[UNK]');
  }

  /** Numbers of the known words, in their order. */
  numbersOf(text: string): number[] {
    return splitWords(text).flatMap((word) => this.numbers.get(word) ?? this.unknown ?? []);
  }

  /** Writes a text into zeroed places: `size` of them (`counts`, `binary`), or as many as there are words to read (`tokens`). */
  encode(text: string, encoding: TextEncoding, target: Float32Array): void {
    const numbers = this.numbersOf(text);
    if (encoding === 'tokens') target.set(numbers.slice(0, target.length));
    else for (const number of numbers) target[number] = encoding === 'binary' ? 1 : (target[number] ?? 0) + 1;
  }
}

/**
 * Reads a vocabulary: one word a line, or a JSON array of words.
 * @throws UserError `vocabulary-invalid`.
 */
export async function readVocabulary(file: SourceFile): Promise<Vocabulary> {
  const where = { file: file.file, field: file.field };
  let words: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFileBytes(file));
    words = /\.json$/i.test(file.file) ? JSON.parse(text) : text.replace(/\r?\n$/, '').split(/\r?\n/);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('vocabulary-invalid', 'is neither a list of words in UTF-8 nor a JSON array of them.', { ...where, cause });
  }
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) throw new UserError('vocabulary-invalid', 'is not a JSON array of words.', where);
  const repeated = words.find((word, index) => words.indexOf(word) !== index);
  if (repeated !== undefined) throw new UserError('vocabulary-invalid', `has the word "${repeated}" twice.`, where);
  return new Vocabulary(words);
}
