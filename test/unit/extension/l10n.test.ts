import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageTexts, toldSentences } from '../webview/texts';

const root = join(__dirname, '../../..');
const json = (file: string): Record<string, string> => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, string>;

/** Every text that the extension host says, as written in the source. */
function texts(): Set<string> {
  const files = readdirSync(join(root, 'src/extension'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const found = files.flatMap((file) => [...readFileSync(join(root, 'src/extension', file), 'utf8').matchAll(/l10n\.t\('((?:[^'\\]|\\.)*)'/g)]);
  return new Set(found.map(([, text = '']) => text.replaceAll(`\\'`, `'`)));
}

/** `{0}` and the like, in order. */
function places(text: string): readonly string[] {
  return [...text.matchAll(/\{\d+\}/g)].map(([place]) => place).sort();
}

describe('the German translation', () => {
  const german = json('l10n/bundle.l10n.de.json');

  it('has every text of the extension host and of the pages, every sentence that pages show in translation, and no other', () => {
    const needed = new Set([...texts(), ...pageTexts(), ...toldSentences()]);
    expect([...needed].filter((text) => !(text in german)), 'without German').toEqual([]);
    expect(Object.keys(german).filter((text) => !needed.has(text)), 'never said').toEqual([]);
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
