/**
 * The page in the user's language. Texts are English in the source and are their own keys; the host puts the translations into the page where VS Code speaks
 * another language that has some, so that they weigh nothing in the script.
 */

/** Numbers are written as they are; whoever wants them read formats them first. */
type Value = string | number;

/** A text with places `{0}`, as what stands between them and the numbers of the places, one less. */
interface Pattern {
  readonly text: string;
  readonly literals: readonly string[];
  readonly places: readonly number[];
}

/** Between two sentences, or before one that is filled in. */
const boundary = /(?<=[.!?]) (?=[\p{Lu}\d{])/u;

/** A pattern with fewer letters would fit sentences that were not made from it; fewer are enough for one that a sentence must begin with. */
const fewestLetters = { anywhere: 9, atTheStart: 6 };

let language = 'en';
let texts: ReadonlyMap<string, string> = new Map();
let patterns: readonly Pattern[] | undefined;
let plurals = new Intl.PluralRules(language);
let separators = { group: ',', decimal: '.' };

/** Sets the language of the page, a BCP 47 tag, and its translations by English text. */
export function speak(tag: string, translations: Readonly<Record<string, string>>): void {
  language = tag;
  texts = new Map(Object.entries(translations));
  patterns = undefined;
  plurals = new Intl.PluralRules(tag);
  const parts = new Intl.NumberFormat(tag).formatToParts(1_234_567.5);
  const sign = (type: 'group' | 'decimal'): string => parts.find((part) => part.type === type)?.value ?? '';
  separators = { group: sign('group'), decimal: sign('decimal') };
}

/** The language of the page, for `Intl`. */
export function spoken(): string {
  return language;
}

/** A text of the page in the user's language, its places filled in. English where there is no translation. */
export function t(text: string, ...values: readonly Value[]): string {
  return filled(texts.get(text) ?? text, values);
}

/** The form that goes with a number, which is written at `{0}`; other values follow at `{1}` and on. */
export function plural(number: number, one: string, other: string, ...values: readonly Value[]): string {
  return t(plurals.select(number) === 'one' ? one : other, number.toLocaleString(language), ...values);
}

/**
 * Sentences of the plan, the accounting, the engine or the certificate, made in English from texts that have a translation; as they are where they are from none.
 * They are recognised by those texts, so that whoever makes them, signs them or sends them need not know of any language.
 */
export function told(english: string): string {
  if (texts.size === 0) return english;
  const whole = texts.get(english);
  if (whole !== undefined) return whole;
  patterns ??= [...texts.keys()].map(patternOf).filter(isTelling).sort((a, b) => weight(b) - weight(a));
  const sentences = english.split(boundary);
  for (const pattern of patterns) {
    const values = sentences.length === 1 || boundary.test(pattern.text) ? matched(english, pattern) : undefined;
    if (values !== undefined) return t(pattern.text, ...values.map(told));
  }
  if (sentences.length > 1) return sentences.map(told).join(' ');
  const [, number, noun = ''] = /^([\d,.]+) (.+)$/.exec(english) ?? [];
  if (number !== undefined && texts.has(noun)) return `${localNumber(number)} ${t(noun)}`;
  return localNumber(english).replace(/(?<== )\d+\.\d+(e-?\d+)?/g, localNumber);
}

/** Digits written in English, such as 1,234 or 0.5 or 1e-5, with the separators of the user's language; any other text as it is. */
export function localNumber(text: string): string {
  return /^-?\d+(,\d{3})*(\.\d+)?(e[+-]?\d+)?( %)?$/.test(text) ? text.replace(/[,.]/g, (sign) => (sign === ',' ? separators.group : separators.decimal)) : text;
}

function filled(text: string, values: readonly Value[]): string {
  return text.replace(/\{(\d+)\}/g, (place, index: string) => String(values[Number(index)] ?? place));
}

function patternOf(text: string): Pattern {
  return { text, literals: text.split(/\{\d+\}/), places: [...text.matchAll(/\{(\d+)\}/g)].map(([, index]) => Number(index)) };
}

function isTelling({ places, literals }: Pattern): boolean {
  const letters = (text: string): number => text.replace(/\P{L}/gu, '').length;
  return places.length > 0 && (letters(literals.join('')) >= fewestLetters.anywhere || letters(literals[0] ?? '') >= fewestLetters.atTheStart);
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

if (typeof document !== 'undefined') {
  const given = document.getElementById('translations')?.textContent;
  if (given !== undefined) speak(document.documentElement.lang, JSON.parse(given) as Readonly<Record<string, string>>);
}
