/**
 * The page in the user's language. The host puts the translations into the page where VS Code speaks another language that has some, so that they weigh nothing in
 * the script.
 */
import { Language, type Value } from '../src/language';

let language = new Language('en');

/** Sets the language of the page, a BCP 47 tag, and its translations by English text. */
export function speak(tag: string, translations: Readonly<Record<string, string>>): void {
  language = new Language(tag, translations);
}

/** The language of the page, for `Intl`. */
export function spoken(): string {
  return language.tag;
}

/** A text of the page in the user's language, its places filled in. English where there is no translation. */
export function t(text: string, ...values: readonly Value[]): string {
  return language.t(text, ...values);
}

/** The form that goes with a number, which is written at `{0}`; other values follow at `{1}` and on. */
export function plural(number: number, one: string, other: string, ...values: readonly Value[]): string {
  return language.plural(number, one, other, ...values);
}

/** Sentences of the plan, the accounting, the engine or the certificate; see `Language`. */
export function told(english: string): string {
  return language.told(english);
}

/** Digits written in English, such as 1,234 or 0.5 or 1e-5, with the separators of the user's language; any other text as it is. */
export function localNumber(text: string): string {
  return language.number(text);
}

if (typeof document !== 'undefined') {
  const given = document.getElementById('translations')?.textContent;
  if (given !== undefined) speak(document.documentElement.lang, JSON.parse(given) as Readonly<Record<string, string>>);
}
