/**
 * What this program says, in the user's language. Texts are English in the source and are their own keys, so that whoever makes a sentence, signs it or sends it from
 * another process need not know of any language: it is translated where it is shown, by recognising the text that it was made from.
 */

/** Numbers are written as they are; whoever wants them read formats them first. */
export type Value = string | number;

/** A text with places `{0}`, as what stands between them and the numbers of the places, one less. */
interface Pattern {
  readonly text: string;
  readonly literals: readonly string[];
  readonly places: readonly number[];
  /** Places in quotes: names of the user's, which nothing may translate. */
  readonly quoted: ReadonlySet<number>;
}

/** Between two sentences, or before one that is filled in. */
const boundary = /(?<=[.!?]) (?=[\p{Lu}\d{])/u;

/** A pattern with fewer letters would fit sentences that were not made from it; fewer are enough for one that a sentence must begin with, and for what is appended to one. */
const fewestLetters = { anywhere: 9, atTheStart: 6, appended: 4 };

export class Language {
  /** BCP 47, for `Intl`. */
  readonly tag: string;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #plurals: Intl.PluralRules;
  readonly #separators: { readonly group: string; readonly decimal: string };
  #patterns: readonly Pattern[] | undefined;

  /** @param translations by English text; where there is none, English is said */
  constructor(tag: string, translations: Readonly<Record<string, string>> = {}) {
    this.tag = tag;
    this.#texts = new Map(Object.entries(translations));
    this.#plurals = new Intl.PluralRules(tag);
    const parts = new Intl.NumberFormat(tag).formatToParts(1_234_567.5);
    const sign = (type: 'group' | 'decimal'): string => parts.find((part) => part.type === type)?.value ?? '';
    this.#separators = { group: sign('group'), decimal: sign('decimal') };
  }

  /** A text, its places filled in. */
  t(text: string, ...values: readonly Value[]): string {
    return filled(this.#texts.get(text) ?? text, values);
  }

  /** The form that goes with a number, which is written at `{0}`; other values follow at `{1}` and on. */
  plural(number: number, one: string, other: string, ...values: readonly Value[]): string {
    return this.t(this.#plurals.select(number) === 'one' ? one : other, number.toLocaleString(this.tag), ...values);
  }

  /** Sentences of the plan, the accounting, the engine, an error or the certificate, made in English from texts that have a translation; as they are where they are from none. */
  told(english: string): string {
    if (this.#texts.size === 0) return english;
    const whole = this.#texts.get(english);
    if (whole !== undefined) return whole;
    const sentences = english.split(boundary);
    for (const pattern of this.#telling()) {
      const values = sentences.length === 1 || boundary.test(pattern.text) ? matched(english, pattern) : undefined;
      if (values !== undefined) return this.t(pattern.text, ...values.map((value, index) => (pattern.quoted.has(index) ? value : this.told(value))));
    }
    if (sentences.length > 1) return sentences.map((sentence) => this.told(sentence)).join(' ');
    const [, number, noun = ''] = /^([\d,.]+) (.+)$/.exec(english) ?? [];
    if (number !== undefined && this.#texts.has(noun)) return `${this.number(number)} ${this.t(noun)}`;
    return this.number(english).replace(/(?<== )\d+\.\d+(e-?\d+)?/g, (digits) => this.number(digits));
  }

  /** Digits written in English, such as 1,234 or 0.5 or 1e-5, with the separators of this language; any other text as it is. */
  number(text: string): string {
    const { group, decimal } = this.#separators;
    return /^-?\d+(,\d{3})*(\.\d+)?(e[+-]?\d+)?( %)?$/.test(text) ? text.replace(/[,.]/g, (sign) => (sign === ',' ? group : decimal)) : text;
  }

  #telling(): readonly Pattern[] {
    this.#patterns ??= [...this.#texts.keys()].map(patternOf).filter(isTelling).sort((a, b) => weight(b) - weight(a));
    return this.#patterns;
  }
}

function filled(text: string, values: readonly Value[]): string {
  return text.replace(/\{(\d+)\}/g, (place, index: string) => String(values[Number(index)] ?? place));
}

function patternOf(text: string): Pattern {
  const literals = text.split(/\{\d+\}/);
  const places = [...text.matchAll(/\{(\d+)\}/g)].map(([, index]) => Number(index));
  const quoted = places.filter((_, at) => /["`]$/.test(literals[at] ?? '') && literals[at]?.at(-1) === literals[at + 1]?.[0]);
  return { text, literals, places, quoted: new Set(quoted) };
}

/** Whether a sentence that fits the text was surely made from it. */
export function isTelling({ places, literals: [first = '', ...others] }: Pick<Pattern, 'places' | 'literals'>): boolean {
  const letters = (text: string): number => text.replace(/\P{L}/gu, '').length;
  if (places.length === 0) return false;
  return letters(first + others.join('')) >= fewestLetters.anywhere || letters(first) >= (first.startsWith(' ') ? fewestLetters.appended : fewestLetters.atTheStart);
}

/** The more a pattern says, the surer it is that a sentence was made from it. */
function weight({ literals }: Pattern): number {
  return literals.reduce((sum, { length }) => sum + length, 0);
}

/** What stands at the places of a pattern, by their numbers; undefined if the sentence is not made from it. In one pass, since some sentences are by strangers. */
function matched(sentence: string, { literals, places }: Pattern): readonly string[] | undefined {
  const [first = '', ...others] = literals;
  const last = others.at(-1) ?? '';
  if (!sentence.startsWith(first) || !sentence.endsWith(last)) return undefined;
  const end = sentence.length - last.length;
  const values: string[] = [];
  let from = first.length;
  for (const [index, literal] of others.entries()) {
    const to = index === others.length - 1 ? end : sentence.indexOf(literal, from);
    if (to < from || to > end) return undefined;
    values[places[index] ?? 0] = sentence.slice(from, to);
    from = to + literal.length;
  }
  return values;
}
