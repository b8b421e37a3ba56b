import { afterEach, describe, expect, it } from 'vitest';
import { count, format, percent } from '../../../webview/numbers';
import { localNumber, plural, speak, t, told } from '../../../webview/l10n';
import { bareTexts, isProse, sources } from './texts';

afterEach(() => speak('en', {}));

describe('the page in the user\'s language', () => {
  it('shows English where there is no translation', () => {
    expect(t('ε = {0} at δ = {1}', 1, '1e-5')).toBe('ε = 1 at δ = 1e-5');
    expect(told('No translation.')).toBe('No translation.');
  });

  it('fills the places of a translation, in whatever order it has them', () => {
    speak('de', { '{0} of {1} records': 'Von {1} Datensätzen {0}' });
    expect(t('{0} of {1} records', 3, 10)).toBe('Von 10 Datensätzen 3');
  });

  it('takes the form that goes with the number, as the language has it', () => {
    speak('de', { '{0} record': '{0} Datensatz', '{0} records': '{0} Datensätze' });
    expect([1, 0, 2, 1234].map((number) => plural(number, '{0} record', '{0} records'))).toEqual(['1 Datensatz', '0 Datensätze', '2 Datensätze', '1.234 Datensätze']);
  });

  it('writes numbers as the language does', () => {
    speak('de', {});
    expect([format(0.0333859), format(1.5e-6), count(12345), percent(0.1234)]).toEqual(['0,03339', '1,5e-6', '12.345', '12,34 %']);
    expect(localNumber('1,234.5')).toBe('1.234,5');
    expect(localNumber('model.json')).toBe('model.json');
  });

  it('translates sentences that were made elsewhere, with the numbers and sentences in them', () => {
    speak('de', { 'This run reads the data about {0} times.': 'Dieser Lauf liest die Daten etwa {0}-mal.', 'The file {0} says: {1}': 'Die Datei {0} sagt: {1}', missing: 'fehlt' });
    expect(told('This run reads the data about 2.50 times.')).toBe('Dieser Lauf liest die Daten etwa 2,50-mal.');
    expect(told('The file model.json says: missing')).toBe('Die Datei model.json sagt: fehlt');
  });

  it('fills places with nothing where nothing stood there', () => {
    speak('de', { 'These were left alone{0}.': 'Diese blieben unberührt{0}.', ', and the others clipped': ', und die anderen gekürzt' });
    expect(told('These were left alone.')).toBe('Diese blieben unberührt.');
    expect(told('These were left alone, and the others clipped.')).toBe('Diese blieben unberührt, und die anderen gekürzt.');
  });

  it('of two texts that a sentence can be made from, the one that says more is taken', () => {
    speak('de', { 'the noise of {0}': 'kurz {0}', 'the noise of {0} is at most {1}': 'lang {0} {1}' });
    expect(told('the noise of b is at most c')).toBe('lang b c');
  });

  it('translates several sentences one by one, and the numbers before nouns', () => {
    speak('de', { 'It is signed.': 'Es ist signiert.', '{0} forgotten; {1} retained.': '{0} vergessen; {1} behalten.', 'records were': 'Datensätze wurden', 'This does not hold. {0}': 'Das gilt nicht. {0}', 'All {0} tensors were noised; {1}.': 'Alle {0} Tensoren wurden verrauscht; {1}.' });
    expect(told('It is signed. 1,200 records were forgotten; 2 records were retained.')).toBe('Es ist signiert. 1.200 Datensätze wurden vergessen; 2 Datensätze wurden behalten.');
    expect(told('This does not hold. It is signed. It is signed.')).toBe('Das gilt nicht. Es ist signiert. Es ist signiert.');
    expect(told('All 6 tensors were noised; the rest was not. It is signed.')).toBe('Alle 6 Tensoren wurden verrauscht; the rest was not. Es ist signiert.');
  });

  it('writes numbers as the language does where they are the value of something', () => {
    speak('de', { 'The schedule costs {0}.': 'Der Plan kostet {0}.' });
    expect(told('The schedule costs ε = 0.46871 (μ = 0.134026).')).toBe('Der Plan kostet ε = 0,46871 (μ = 0,134026).');
    expect(told('version 1.0.5')).toBe('version 1.0.5');
  });

  it('a text that says little is no pattern for sentences', () => {
    speak('de', { '{0} to {1}': '{0} bis {1}' });
    expect(told('failed to open')).toBe('failed to open');
  });

  it('a sentence by a stranger that only resembles a text stays as it is', () => {
    speak('de', { 'it was made by {0} and {1}.': 'es war von {0} und {1}.', constructor: 'gebaut' });
    for (const sentence of ['it was made by a', '__proto__', 'toString', `it was made by ${'and '.repeat(20_000)}`]) expect(told(sentence)).toBe(sentence);
  });
});

describe('texts in the source of the pages', () => {
  it('are told from technical strings', () => {
    expect(['Noise schedule', 'steps of the run', 'Model', 'ε at the end'].filter((text) => !isProse(text))).toEqual([]);
    expect(['line sigma', 'text/plain', 'vscode-button', 'ε = {0}', '0.5'].filter(isProse)).toEqual(['line sigma']); // classes are known by their attribute
  });

  it.each(sources('webview'))('%s says nothing in English alone', (file) => expect(bareTexts(file)).toEqual([]));
});
