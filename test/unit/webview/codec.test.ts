import { describe, expect, it } from 'vitest';
import { featuresCodec, listCodec, NotAValue, numberCodec, numberListCodec, numbersCodec, pathsCodec, textCodec } from '../../../webview/panel/codec';

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

describe('lists in text fields', () => {
  it('one number stands for all, several for one each', () => {
    expect([numbersCodec.read('127.5'), numbersCodec.read('0.5, 1;2'), numbersCodec.read(' '), numberListCodec.read('3')]).toEqual([127.5, [0.5, 1, 2], undefined, [3]]);
    expect([numbersCodec.show([0.5, 1e-5]), numbersCodec.show(255), numbersCodec.show(undefined)]).toEqual(['0.5, 1e-5', '255', '']);
    expect(() => numbersCodec.read('1, two')).toThrow(NotAValue);
  });

  it('pasted ids are parted by lines, tabs, commas and semicolons; 007 is not 7', () => {
    expect(listCodec({ integers: true, separator: '\n' }).read('s17\r\n42, 007;\t1e3\n')).toEqual(['s17', 42, '007', '1e3']);
    expect(listCodec({ integers: true, separator: '\n' }).show(['s17', 42])).toBe('s17\n42');
  });

  it('several files stand as JSON, one as itself', () => {
    expect([pathsCodec.read('a.csv'), pathsCodec.read(pathsCodec.show(['a.csv', 'b, c.csv'])), pathsCodec.read('')]).toEqual(['a.csv', ['a.csv', 'b, c.csv'], undefined]);
    expect(() => pathsCodec.read('[a.csv')).toThrow(NotAValue);
  });

  it('columns that are encoded stand as JSON between names, and come back as they were', () => {
    const features = ['age', { column: 'a, "b" {', oneHot: ['x, y', '}', 'c:\\', '"'] }, 'pixel*', { column: 'note', buckets: 8 }];
    expect(featuresCodec.read(featuresCodec.show(features))).toEqual(features);
    expect(featuresCodec.read('')).toBeUndefined();
    expect(() => featuresCodec.read('age, {"column":')).toThrow(NotAValue);
  });
});
