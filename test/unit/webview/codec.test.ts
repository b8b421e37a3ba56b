import { describe, expect, it } from 'vitest';
import { listCodec, NotAValue, numberCodec, textCodec } from '../../../webview/panel/codec';

describe('values in text fields', () => {
  it.each([[1, '1'], [1e-5, '1e-5'], [128, '128'], ['many', '"many"'], [undefined, '']])('the number %s is shown as %s', (value, text) => expect(numberCodec.show(value)).toBe(text));

  it('numbers are read with a point or a comma, and nothing means no value', () => {
    expect(['0.5', '0,5', ' 1e-5 ', ''].map((text) => numberCodec.read(text))).toEqual([0.5, 0.5, 1e-5, undefined]);
  });

  it.each(['one', '1..2', 'Infinity', '1e999'])('%s is no number', (text) => expect(() => numberCodec.read(text)).toThrow(NotAValue));

  it('record numbers and ranges are read as a request writes them', () => {
    expect(listCodec({ integers: true }).read('3, 100-199 ,7')).toEqual([3, '100-199', 7]);
  });

  it('names that look like numbers stay names where names are meant', () => {
    expect(listCodec({ integers: false }).read('1, b')).toEqual(['1', 'b']);
  });

  it('a list is shown as it is read', () => {
    const codec = listCodec({ integers: true });
    expect(codec.read(codec.show([3, '100-199']))).toEqual([3, '100-199']);
  });

  it('an unexpected value is shown as JSON, so that nothing is hidden', () => expect(textCodec.show({ a: 1 })).toBe('{"a":1}'));
});
