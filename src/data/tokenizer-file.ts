import { UserError } from '../error';
import { HuggingFaceTokenizer, NoRoom } from './huggingface-tokenizer';
import { KerasTokenizer } from './keras-tokenizer';
import { parseSentencePiece } from './sentencepiece-model';
import { SentencePieceTokenizer } from './sentencepiece-tokenizer';
import { readFileBytes } from './source-file';
import type { SourceFile, Where } from './source-file';
import type { TokenNumbers } from './token-numbers';
import { UnreadableStep } from './tokenizer-steps';
import { TooSlow, withinTime } from './within-time';

/** Far above the largest that are published (vocabularies of 256,000 tokens have 33 MiB). */
const mostBytes = 128 * 1024 * 1024;

export interface TokenizerOptions {
  /** Whether the tokens that a `tokenizer.json` puts around a text belong to it. */
  readonly special: boolean;
  /** Milliseconds for reading the file, and for each call of `within`. */
  readonly timeLimit: number;
}

/** A tokenizer from a stranger's file: its regular expressions may take for ever on some text, so it works within a limit. */
export interface BoundTokenizer {
  readonly tokens: TokenNumbers;
  /** Does work that asks the tokenizer, and stops it after the time limit. @throws UserError `tokenizer-time`, `tokenizer-unsupported`. */
  readonly within: (work: () => void) => void;
}

function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function build(parsed: Readonly<Record<string, unknown>>, special: boolean): TokenNumbers {
  const { class_name: name, config } = parsed;
  if (name !== undefined) {
    if (name !== 'Tokenizer' || !isJsonObject(config)) throw new UnreadableStep('a class that is not Tokenizer');
    return new KerasTokenizer(config);
  }
  if (!isJsonObject(parsed['model'])) throw new TypeError('there is no model in it');
  return new HuggingFaceTokenizer(parsed, special);
}

function explain(cause: unknown, timeLimit: number, where: Where): UserError | undefined {
  if (cause instanceof UserError) return cause;
  if (cause instanceof TooSlow) return new UserError('tokenizer-time', `the tokenizer took longer than ${timeLimit / 1000} seconds for a block of texts and was stopped.`, { ...where, remedy: 'One of its regular expressions may be unsuited to these texts.', cause });
  if (cause instanceof UnreadableStep) return new UserError('tokenizer-unsupported', `has ${cause.message}: it would not be read as the model was trained with it.`, { ...where, remedy: 'Write the numbers of the tokens as a column of lists instead.', cause });
  if (cause instanceof NoRoom) return new UserError('text-length', `${cause.message}, which leaves no room for the text.`, { ...where, remedy: 'Write a larger "length", or "specialTokens": false.', cause });
  return undefined;
}

function invalid(where: Where, cause?: unknown): UserError {
  return new UserError('tokenizer-invalid', 'is neither a tokenizer.json of Hugging Face nor what Keras\' Tokenizer.to_json writes.', { ...where, remedy: 'Save it again: tokenizer.save("tokenizer.json") of Hugging Face, or the text of Keras\' Tokenizer.to_json().', cause });
}

/** What SentencePiece writes is a protocol buffer, whose first field is a list of pieces. */
function isSentencePiece(file: SourceFile, bytes: Uint8Array): boolean {
  return /\.(model|spm)$/i.test(file.file) || (bytes[0] === 0x0a && bytes[2] === 0x0a);
}

/**
 * Reads a tokenizer: Hugging Face's `tokenizer.json`, a SentencePiece model, or what Keras' `Tokenizer.to_json` writes.
 * @throws UserError `tokenizer-invalid`, `tokenizer-unsupported` naming what would be read differently, `tokenizer-too-large`, `tokenizer-time`.
 */
export async function readTokenizer(file: SourceFile, { special, timeLimit }: TokenizerOptions): Promise<BoundTokenizer> {
  const where = { file: file.file, field: file.field };
  const tooLarge = new UserError('tokenizer-too-large', `has more than ${mostBytes / 1024 / 1024} MiB.`, { ...where, remedy: 'Name the tokenizer\'s own file; a vocabulary of a model is seldom above a few MiB.' });
  if (file.size > mostBytes) throw tooLarge;
  const bytes = await readFileBytes(file);
  if (bytes.length > mostBytes) throw tooLarge;
  const bounded = <T>(work: () => T): T => {
    try {
      return withinTime(timeLimit, work);
    } catch (cause) {
      throw explain(cause, timeLimit, where) ?? cause;
    }
  };
  if (isSentencePiece(file, bytes)) {
    try {
      return { tokens: bounded(() => new SentencePieceTokenizer(parseSentencePiece(bytes))), within: (work) => bounded(work) };
    } catch (cause) {
      throw cause instanceof UserError ? cause : new UserError('tokenizer-invalid', 'is not a SentencePiece model, or a damaged one.', { ...where, remedy: 'Name the spiece.model or tokenizer.json that came with the model.', cause });
    }
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof parsed === 'string') parsed = JSON.parse(parsed); // what to_json gives, written by json.dump once more
  } catch (cause) {
    throw invalid(where, cause);
  }
  if (!isJsonObject(parsed)) throw invalid(where);
  const found = parsed;
  try {
    return { tokens: bounded(() => build(found, special)), within: (work) => bounded(work) };
  } catch (cause) {
    throw cause instanceof UserError ? cause : invalid(where, cause);
  }
}
