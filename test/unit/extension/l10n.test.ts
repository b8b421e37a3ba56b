import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Language } from '../../../src/language';
import { pageTexts, printedTexts, toldSentences } from '../webview/texts';
import { errorTexts, sentencesOf } from './error-texts';

const root = join(__dirname, '../../..');
const json = (file: string): Record<string, string> => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, string>;

/** Every text that the extension host says, as written in the source. */
function texts(): Set<string> {
  const files = readdirSync(join(root, 'src/extension'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const found = files.flatMap((file) => [...readFileSync(join(root, 'src/extension', file), 'utf8').matchAll(/l10n\.t\('((?:[^'\\]|\\.)*)'/g)]);
  return new Set(found.map(([, text = '']) => text.replaceAll(`\\'`, `'`)));
}

/** Messages and remedies that come from elsewhere. */
const passedOn = ['error.message', 'error.remedy', 'cause.remedy', 'first.message', 'found.message', 'found.remedy', 'signature.detail', 'messageOf(error)', "first.replace(/^[A-Z][A-Za-z ]* Error: /, '')"];

function fill(text: string, values: readonly string[]): string {
  return text.replace(/\{(\d+)\}/g, (_, index: string) => values[Number(index)] ?? '');
}

/** `{0}` and the like, in order. */
function places(text: string): readonly string[] {
  return [...text.matchAll(/\{\d+\}/g)].map(([place]) => place).sort();
}

describe('the German translation', () => {
  const german = json('l10n/bundle.l10n.de.json');
  const { whole, parts, unread } = errorTexts();
  const errors = [...sentencesOf(whole), ...parts];

  it('has every text of the extension host and of the pages, every sentence that pages show in translation, and no other', () => {
    const needed = new Set([...texts(), ...pageTexts(), ...printedTexts(), ...toldSentences(), ...errors]);
    expect([...needed].filter((text) => !(text in german)), 'without German').toEqual([]);
    expect(Object.keys(german).filter((text) => !needed.has(text)), 'never said').toEqual([]);
  });

  it('has every sentence of every error: nothing that an error says is out of reach of this test', () => {
    expect(errors.length).toBeGreaterThan(800);
    // What is passed on was said by another error, and a library's own words have no translation.
    expect(unread.filter((place) => !passedOn.some((known) => place.endsWith(known)))).toEqual([]);
  });

  it('tells each sentence of an error as itself and whole', () => {
    const language = new Language('de', german);
    const values = Array.from({ length: 10 }, (_, index) => `x${index}-y`);
    expect(errors.flatMap((text) => (language.told(fill(text, values)) === fill(german[text] ?? '', values) ? [] : [`${text} → ${language.told(fill(text, values))}`]))).toEqual([]);
  });

  it('keeps the places for values', () => {
    for (const [text, translation] of Object.entries(german)) expect(places(translation), text).toEqual(places(text));
  });

  it('has every text of the manifest, with the same links', () => {
    const english = json('package.nls.json');
    const manifest = json('package.nls.de.json');
    expect(Object.keys(manifest).sort()).toEqual(Object.keys(english).sort());
    const links = (text: string): readonly string[] => [...text.matchAll(/\(command:[\w.]+\)/g)].map(([link]) => link);
    for (const [key, text] of Object.entries(english)) expect(links(manifest[key] ?? ''), key).toEqual(links(text));
  });

  it('the manifest refers to texts that there are', () => {
    const english = json('package.nls.json');
    const references = [...readFileSync(join(root, 'package.json'), 'utf8').matchAll(/"%([\w.]+)%"/g)].map(([, key = '']) => key);
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((key) => !(key in english))).toEqual([]);
  });
});
