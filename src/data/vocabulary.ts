import { UserError } from '../error';
import { readFileBytes } from './source-file';
import type { SourceFile } from './source-file';
import { cutTo } from './token-numbers';
import type { Side, TokenNumbers } from './token-numbers';

/** What Keras strips for `lower_and_strip_punctuation`. */
const punctuation = /[!"#$%&()*+,\-./:;<=>?@[\]\\^_`{|}~']/g;

/** Words of any language: lower case, without ASCII punctuation, split at white space. */
export function splitWords(text: string): string[] {
  return text.toLowerCase().replaceAll(punctuation, '').split(/\s+/).filter((word) => word !== '');
}

/** Words as Keras' TextVectorization sees them by default, which lowers and splits at characters of ASCII only. */
export function splitLikeKeras(text: string): string[] {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()).replaceAll(punctuation, '').split(/[ \t\n\v\f\r]+/).filter((word) => word !== '');
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
export class Vocabulary implements TokenNumbers {
  readonly size: number;
  readonly padding = { side: 'end', number: 0 } as const;
  readonly cut = 'end';
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly unknown: number | undefined;

  constructor(words: readonly string[]) {
    this.size = words.length;
    this.numbers = new Map(words.map((word, number) => [word, number]));
    this.unknown = this.numbers.get('[UNK]');
  }

  /** Numbers of the known words, in their order. */
  numbersOf(text: string, most?: { readonly length: number; readonly cut: Side }): readonly number[] {
    const numbers = splitLikeKeras(text).flatMap((word) => this.numbers.get(word) ?? this.unknown ?? []);
    return most === undefined ? numbers : cutTo(numbers, most.length, most.cut);
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
    throw new UserError('vocabulary-invalid', 'is neither a list of words in UTF-8 nor a JSON array of them.', { ...where, remedy: 'Save it as UTF-8 text with one word a line, or as a JSON array.', cause });
  }
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) throw new UserError('vocabulary-invalid', 'is not a JSON array of words.', { ...where, remedy: 'Write one array of texts: ["the", "and"].' });
  const seen = new Set<string>();
  const repeated = words.find((word) => seen.size === seen.add(word).size);
  if (repeated !== undefined) throw new UserError('vocabulary-invalid', `has the word "${repeated}" twice.`, { ...where, remedy: 'Take out one of the two, as training had each word once.' });
  return new Vocabulary(words);
}
