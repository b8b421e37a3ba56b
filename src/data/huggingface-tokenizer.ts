import { Normalizer, SequenceNormalizer, Tokenizer } from '@huggingface/tokenizers';
import { PrecompiledNormalizer } from './precompiled-normalizer';
import { cutTo } from './token-numbers';
import type { Side, TokenNumbers } from './token-numbers';
import { isStep, normalizer, preTokenizer, UnreadableStep } from './tokenizer-steps';
import type { Step } from './tokenizer-steps';

/** The tokens around a text alone are more than the model reads. */
export class NoRoom extends Error {}

/** What a text can become: a number that float32 holds exactly. */
const largestNumber = 2 ** 24 - 1;

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly normalized?: unknown;
  readonly special?: unknown;
}

function isAddedToken(value: unknown): value is AddedToken {
  if (typeof value !== 'object' || value === null) return false;
  const { id, content, single_word: single } = value as Record<string, unknown>;
  if (single === true) throw new UnreadableStep('an added token that counts only as a whole word');
  return Number.isInteger(id) && Number(id) >= 0 && Number(id) <= largestNumber && typeof content === 'string' && content !== '';
}

/** Tokens that are not special are normalized unless they say otherwise. */
function isNormalized({ normalized, special }: { readonly normalized?: unknown; readonly special?: unknown }): boolean {
  return typeof normalized === 'boolean' ? normalized : special !== true;
}

function asSide(direction: unknown): Side {
  return direction === 'Left' || direction === 'left' ? 'start' : 'end';
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** Settings of a model that the library passes over. */
function requireReadableModel(model: Readonly<Record<string, unknown>>): void {
  const { type } = model;
  if (type !== 'WordPiece' && type !== 'BPE' && type !== 'Unigram' && type !== 'WordLevel') throw new UnreadableStep(`the model ${String(type)}`);
  if (model['dropout'] !== undefined && model['dropout'] !== null && model['dropout'] !== 0) throw new UnreadableStep('dropout, by which the same text becomes other tokens each time');
  if (type === 'BPE' && (model['continuing_subword_prefix'] ?? '') !== '') throw new UnreadableStep('BPE with a prefix of continuing subwords');
  if (type === 'Unigram' && model['byte_fallback'] === true) throw new UnreadableStep('Unigram with bytes for unknown characters');
  if (type === 'Unigram' && !Number.isInteger(model['unk_id'])) throw new UnreadableStep('Unigram without a token for what is unknown');
}

/** The library makes a list with as many places as the largest number says. */
function requireVocabulary(vocabulary: unknown): void {
  if (typeof vocabulary !== 'object' || vocabulary === null) throw new TypeError('vocab');
  if (!Array.isArray(vocabulary) && !Object.values(vocabulary).every((number) => Number.isInteger(number) && number >= 0 && number <= largestNumber)) throw new TypeError('vocab');
}

/** The single steps of a normalizer, in their order. */
function flatten(step: Step | null): readonly Step[] {
  if (step === null) return [];
  return step.type === 'Sequence' && Array.isArray(step['normalizers']) ? step['normalizers'].filter(isStep).flatMap(flatten) : [step];
}

type LibraryStep = Step & ConstructorParameters<typeof SequenceNormalizer>[0]['normalizers'][number];

/** All steps that `normalizer` lets through are the library's but one. */
function isOfLibrary(step: Step): step is LibraryStep {
  return step.type !== 'Precompiled';
}

/** A character map that SentencePiece compiled, among other steps: the library only comes near what it does. */
class WithCharacterMap extends Normalizer {
  private readonly steps: readonly ((text: string) => string)[];

  constructor(steps: readonly Step[]) {
    super({ type: 'Sequence', normalizers: [] });
    this.steps = steps.map((step) => {
      if (isOfLibrary(step)) {
        const single = new SequenceNormalizer({ type: 'Sequence', normalizers: [step] });
        return (text) => single.normalize(text);
      }
      const map = new PrecompiledNormalizer(typeof step['precompiled_charsmap'] === 'string' ? step['precompiled_charsmap'] : '');
      return (text) => map.normalize(text);
    });
  }

  normalize(text: string): string {
    return this.steps.reduce((normalized, step) => step(normalized), text);
  }
}

/** The tokenizer of a `tokenizer.json`, as Hugging Face's library reads and writes it. */
export class HuggingFaceTokenizer implements TokenNumbers {
  readonly size: number;
  readonly padding: TokenNumbers['padding'];
  readonly cut: Side;
  private readonly tokenizer: Tokenizer;
  private readonly special: boolean;

  /**
   * @param file The parsed file, which may hold anything.
   * @param special Whether the tokens that the file puts around a text, such as [CLS] and [SEP], belong to it.
   * @throws UnreadableStep for what would not be read as the original reads it; any error for what is no such file.
   */
  constructor(file: Readonly<Record<string, unknown>>, special: boolean) {
    const model = recordOf(file['model']);
    requireReadableModel(model);
    requireVocabulary(model['vocab']);
    const added = file['added_tokens'] ?? [];
    if (!Array.isArray(added) || !added.every(isAddedToken)) throw new TypeError('added_tokens');
    const processor = file['post_processor'] ?? null;
    if (processor !== null && !isStep(processor)) throw new TypeError('post_processor');
    const normalizing = normalizer(file['normalizer']);
    const ownSteps = flatten(normalizing).some(({ type }) => type === 'Precompiled') ? flatten(normalizing) : undefined;
    if (ownSteps !== undefined && added.some(isNormalized)) throw new UnreadableStep('added tokens that are sought in normalized text, and a character map');
    const prepared = { ...file, added_tokens: added, normalizer: ownSteps === undefined ? normalizing : null, pre_tokenizer: preTokenizer(file['pre_tokenizer']), post_processor: processor, decoder: null };
    this.tokenizer = new Tokenizer(prepared, { unk_token: model['unk_token'] });
    if (ownSteps !== undefined) this.tokenizer.normalizer = new WithCharacterMap(ownSteps);
    this.special = special;
    const largest = Math.max(-1, ...[...this.tokenizer.get_vocab().values()].slice(-1), ...added.map(({ id }) => id));
    if (!Number.isInteger(largest) || largest < 0 || largest > largestNumber) throw new TypeError('vocab');
    this.size = largest + 1;
    const { direction, pad_id: number } = recordOf(file['padding']);
    this.padding = { side: asSide(direction), number: Number.isInteger(number) && Number(number) >= 0 && Number(number) <= largest ? Number(number) : 0 };
    this.cut = asSide(recordOf(file['truncation'])['direction']);
  }

  /** Tokens around a text stay when it is cut: the text itself becomes shorter. @throws NoRoom, UnreadableStep. */
  numbersOf(text: string, most?: { readonly length: number; readonly cut: Side }): readonly number[] {
    const all = this.encode(text, this.special);
    if (most === undefined || all.length <= most.length) return all;
    const plain = this.special ? this.encode(text, false) : all;
    const room = most.length - (all.length - plain.length);
    if (room < 0) throw new NoRoom(`puts ${all.length - plain.length} tokens around each text`);
    const before = all.findIndex((_, start) => plain.every((number, index) => all[start + index] === number));
    return [...all.slice(0, before), ...cutTo(plain, room, most.cut), ...all.slice(before + plain.length)];
  }

  private encode(text: string, special: boolean): readonly number[] {
    let ids: readonly (number | undefined)[];
    try {
      ({ ids } = this.tokenizer.encode(text, { add_special_tokens: special }));
    } catch (cause) {
      throw new UnreadableStep('a step that fails on one of the texts', { cause });
    }
    return ids.map((id) => {
      if (id === undefined || !Number.isInteger(id) || id < 0 || id >= this.size) throw new UnreadableStep('no token for what is unknown, which this text has');
      return id;
    });
  }
}
