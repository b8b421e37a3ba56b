/**
 * The library reads most steps of a tokenizer.json as the original does, and some only nearly. Those are said here in other words, with the
 * steps that it reads exactly; what it cannot read exactly is refused.
 */

/** A step of a tokenizer.json: its type and its settings. */
export interface Step {
  readonly type: string;
  readonly [setting: string]: unknown;
}

/** What the original does and the library does not. */
export class UnreadableStep extends Error {}

export function isStep(value: unknown): value is Step {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

const regex = (Regex: string): object => ({ Regex });
const sequenceOf = (steps: readonly Step[], name: 'normalizers' | 'pretokenizers'): Step => ({ type: 'Sequence', [name]: steps });
/** Keeps what a pattern matches and drops the rest. */
const matches = (pattern: string): Step => ({ type: 'Split', pattern: regex(pattern), behavior: 'Removed', invert: true });
const isolated = (pattern: string): Step => ({ type: 'Split', pattern: regex(pattern), behavior: 'Isolated', invert: false });
const erased = (pattern: string): Step => ({ type: 'Replace', pattern: regex(pattern), content: '' });

/** Rust lowers each character for itself, JavaScript a Σ at the end of a word to ς. */
const lowerSigma: Step = { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' };

function refuse(what: string): never {
  throw new UnreadableStep(what);
}

function textOf(setting: unknown): string {
  return typeof setting === 'string' ? setting : '';
}

/** Files of some versions write behaviors with a capital letter, others without. */
function behaviorOf(step: Step): string {
  return textOf(step['behavior']).toLowerCase();
}

function requirePattern({ type, pattern }: Step): void {
  const found = typeof pattern === 'object' && pattern !== null ? Object.entries(pattern) : [];
  const [[kind, text] = []] = found;
  if (found.length !== 1 || (kind !== 'String' && kind !== 'Regex') || typeof text !== 'string' || text === '') refuse(`${type} without a pattern`);
}

function listOf(value: unknown, read: (step: unknown) => Step | null): Step[] {
  return Array.isArray(value) ? value.map(read).filter((step) => step !== null) : refuse('Sequence without steps');
}

/** A normalizer, or null for none. @throws UnreadableStep. */
export function normalizer(step: unknown): Step | null {
  if (step === null || step === undefined) return null;
  if (!isStep(step)) return refuse('a normalizer without a type');
  switch (step.type) {
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
    case 'Prepend':
    case 'Precompiled': return step; // applied by this project: see PrecompiledNormalizer
    case 'Sequence': return sequenceOf(listOf(step['normalizers'], normalizer), 'normalizers');
    case 'Lowercase': return sequenceOf([lowerSigma, step], 'normalizers');
    case 'BertNormalizer': return step['lowercase'] === false ? step : sequenceOf([lowerSigma, step], 'normalizers');
    case 'StripAccents': return erased('\\p{M}');
    case 'Strip': return sequenceOf([...(step['strip_left'] === false ? [] : [erased('\\A\\s+')]), ...(step['strip_right'] === false ? [] : [erased('\\s+\\z')])], 'normalizers');
    case 'Replace':
      requirePattern(step);
      // A dollar sign means itself there.
      return { ...step, content: textOf(step['content']).replaceAll('$', '$$$$') };
    default: return refuse(`the normalizer ${step.type}`);
  }
}

/** What \w means in Rust. */
const wordCharacters = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d';

/** ASCII punctuation and what Unicode calls punctuation. */
const punctuation = '[!-/:-@\\[-`{-~\\p{P}]';

function split(step: Step): Step {
  requirePattern(step);
  const behavior = behaviorOf(step);
  const readable = step['invert'] === true ? behavior === 'removed' : behavior === 'removed' || behavior === 'isolated';
  return readable ? step : refuse(`Split with the behavior ${behavior}${step['invert'] === true ? ', inverted' : ''}`);
}

function metaspace(step: Step): Step {
  const mark = step['replacement'] ?? '▁';
  if (typeof mark !== 'string' || Array.from(mark).length !== 1 || /[\\\]^[-]/.test(mark)) return refuse('Metaspace with this replacement');
  return step['split'] === false ? step : sequenceOf([step, matches(`${mark}[^${mark}]*|[^${mark}]+`)], 'pretokenizers');
}

/** A pre-tokenizer, or null for none. @throws UnreadableStep. */
export function preTokenizer(step: unknown): Step | null {
  if (step === null || step === undefined) return null;
  if (!isStep(step)) return refuse('a pre-tokenizer without a type');
  switch (step.type) {
    case 'BertPreTokenizer':
    case 'ByteLevel': return step;
    case 'Sequence': return sequenceOf(listOf(step['pretokenizers'], preTokenizer), 'pretokenizers');
    case 'Whitespace': return matches(`[${wordCharacters}]+|[^${wordCharacters}\\s]+`);
    case 'WhitespaceSplit': return matches('\\S+');
    case 'Metaspace': return metaspace(step);
    case 'Split': return split(step);
    case 'Digits': return isolated(step['individual_digits'] === true ? '\\p{N}' : '\\p{N}+');
    case 'Punctuation':
      switch (behaviorOf(step)) {
        case '':
        case 'isolated': return isolated(punctuation);
        case 'contiguous': return isolated(`${punctuation}+`);
        case 'removed': return { ...isolated(punctuation), behavior: 'Removed' };
        default: return refuse(`Punctuation with the behavior ${behaviorOf(step)}`);
      }
    default: return refuse(`the pre-tokenizer ${step.type}`);
  }
}
