import { cutTo } from './token-numbers';
import type { Side, TokenNumbers } from './token-numbers';

/** The file is not what `Tokenizer.to_json` writes. */
function fail(what: string): never {
  throw new TypeError(`Keras Tokenizer: ${what}`);
}

function textOf(value: unknown, what: string): string {
  return typeof value === 'string' ? value : fail(what);
}

/** The tokenizer of `tf.keras.preprocessing.text`, as `to_json` writes it. Numbers begin at 1; 0 fills up, at the start as `pad_sequences` does. */
export class KerasTokenizer implements TokenNumbers {
  readonly size: number;
  readonly padding = { side: 'start', number: 0 } as const;
  readonly cut = 'start';
  private readonly numbers = new Map<string, number>();
  private readonly filters: ReadonlySet<string>;
  private readonly separator: string;
  private readonly lower: boolean;
  private readonly characters: boolean;
  private readonly unknown: number | undefined;

  /** @throws TypeError for what is no such file. */
  constructor(config: Readonly<Record<string, unknown>>) {
    const words = JSON.parse(textOf(config['word_index'], 'word_index')) as unknown;
    if (typeof words !== 'object' || words === null || Array.isArray(words)) fail('word_index');
    let largest = 0;
    for (const [word, number] of Object.entries(words)) {
      if (!Number.isInteger(number) || Number(number) < 1 || Number(number) >= 2 ** 24) fail('word_index');
      this.numbers.set(word, Number(number));
      largest = Math.max(largest, Number(number));
    }
    const most = config['num_words'] ?? 0;
    if (!Number.isInteger(most) || Number(most) < 0) fail('num_words');
    this.size = most === 0 ? largest + 1 : Number(most);
    if (this.size > 2 ** 24) fail('num_words');
    this.separator = textOf(config['split'], 'split');
    if (this.separator === '') fail('split');
    this.filters = new Set(textOf(config['filters'] ?? '', 'filters'));
    this.lower = config['lower'] !== false;
    this.characters = config['char_level'] === true;
    const unknown = config['oov_token'] ?? null;
    this.unknown = unknown === null ? undefined : this.numbers.get(textOf(unknown, 'oov_token'));
  }

  numbersOf(text: string, most?: { readonly length: number; readonly cut: Side }): readonly number[] {
    const numbers = this.words(text).flatMap((word) => {
      const number = this.numbers.get(word);
      return (number !== undefined && number < this.size ? number : this.unknown) ?? [];
    });
    return most === undefined ? numbers : cutTo(numbers, most.length, most.cut);
  }

  /** `text_to_word_sequence`; for characters, nothing is filtered. */
  private words(text: string): string[] {
    const lowered = this.lower ? text.toLowerCase() : text;
    if (this.characters) return Array.from(lowered);
    const filtered = Array.from(lowered, (character) => (this.filters.has(character) ? this.separator : character)).join('');
    return filtered.split(this.separator).filter((word) => word !== '');
  }
}
