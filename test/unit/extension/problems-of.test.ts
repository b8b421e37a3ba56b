import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Language } from '../../../src/language';
import { problemsOf } from '../../../src/extension/request-editor/problems-of';

const text = readFileSync('examples/mnist/forget-c17.unlearn.json', 'utf8');
const shown = (current: string, finding: Parameters<typeof problemsOf>[1]): readonly (readonly [string, string])[] =>
  problemsOf(current, finding).map(({ offset, length, text: message }) => [current.slice(offset, offset + length), message]);

describe('the problems of a request', () => {
  const missing = { error: { code: 'file-missing', message: 'there is no such file', field: 'data.train.records', remedy: 'Check the name.' }, text };

  it('are none where the text is right and the engine found nothing', () => {
    expect(problemsOf(text, undefined)).toEqual([]);
  });

  it('are those of the text, each at its value', () => {
    expect(shown(text.replace('1e-5', '2'), undefined)).toEqual([['2', 'target.delta: must be less than 1']]);
  });

  it('are what the engine found, at the field that it names and with what to do', () => {
    expect(shown(text, missing)).toEqual([['"contributors.csv"', 'data.train.records: there is no such file. Check the name.']]);
  });

  it('are told in the language of whoever reads them', () => {
    const german = new Language('de', { 'must be less than {0}': 'muss kleiner als {0} sein', 'there is no such file': 'es gibt keine solche Datei', 'Check the name.': 'Prüfen Sie den Namen.' });
    const told = (english: string): string => german.told(english);
    expect(problemsOf(text.replace('1e-5', '2'), undefined, told)[0]?.text).toBe('target.delta: muss kleiner als 1 sein');
    expect(problemsOf(text, missing, told)[0]?.text).toBe('data.train.records: es gibt keine solche Datei. Prüfen Sie den Namen.');
  });

  it('stay at their field while other parts of the text change', () => {
    expect(shown(text.replace('{', '{\n  "seed": 3,'), missing)).toHaveLength(1);
  });

  it('go as soon as another value stands there', () => {
    expect(problemsOf(text.replace('contributors.csv', 'others.csv'), missing)).toEqual([]);
  });

  it('go with any change where the engine names no field', () => {
    const anywhere = { error: { code: 'x', message: 'wrong', remedy: 'Right it.' }, text };
    expect(problemsOf(text, anywhere)).toHaveLength(1);
    expect(problemsOf(`${text}\n`, anywhere)).toEqual([]);
  });

  it('of the engine wait while the text itself is wrong', () => {
    expect(shown(text.replace('1e-5', '2'), missing).map(([written]) => written)).toEqual(['2']);
  });
});
