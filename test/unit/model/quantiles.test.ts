import { describe, expect, test } from 'vitest';
import { editJson, padded } from '../../../src/model/keras/edit-json';
import { boundariesOf, compress, resampled, summarize } from '../../../src/model/keras/quantiles';
import { WordCount } from '../../../src/model/keras/vocabulary';

describe('quantiles', () => {
  const numbers = Float32Array.from({ length: 1000 }, (_, at) => (at * 7) % 1000);

  test('a summary of 1/epsilon values stands for all numbers, from the smallest up', () => {
    const { values, weights } = summarize(numbers, 0.01, 3);
    // Every tenth of 0 to 999, beginning with the tenth.
    expect([...values.slice(0, 3)]).toEqual([9, 19, 29]);
    expect(values).toHaveLength(100);
    expect(new Set(weights)).toEqual(new Set([10]));
  });

  test('boundaries part the numbers into bins of the same size', () => {
    // The summary's value at 1/4 of the weight is its 25th: 249.
    expect([...boundariesOf(summarize(numbers, 0.01, 3), 4)]).toEqual([249, 499, 749]);
  });

  test('between two values of a summary they lie on a line', () => {
    // Shares 0.4 and 1: a half is a sixth of the way from 10 to 40.
    const halves = resampled({ values: Float32Array.of(10, 40), weights: Float32Array.of(2, 3) }, 2, 0.5);
    expect(halves.values[0]).toBeCloseTo(15, 5);
    expect(halves.values[1]).toBe(40);
    // Half of five and the rest.
    expect([...halves.weights]).toEqual([2.5, 2.5]);
  });

  test('few numbers are their own summary', () => {
    const few = summarize(Float32Array.of(3, 1, 2), 0.01, 3);
    expect([...few.values]).toEqual([1, 2, 3]);
    expect(compress(few, 0.01)).toBe(few);
  });
});

describe('a vocabulary', () => {
  const counted = (words: readonly number[]): WordCount => {
    const count = new WordCount();
    count.add(Float32Array.from(words));
    return count;
  };

  test('has the commonest words first, and of equally common ones the largest', () => {
    expect([...counted([4, 9, 4, 7, 9, 4, 8, 7]).commonest(3, [])]).toEqual([4, 9, 7]);
  });

  test('leaves out what stands for something else, and fills its places where words are missing', () => {
    expect([...counted([-1, -1, 5, 21, 21]).commonest(3, [-1, 21])]).toEqual([5, -(2 ** 24), 1 - 2 ** 24]);
  });
});

describe('a configuration', () => {
  const text = '{"a": {"list": [1.0, 2e-07], "name": "x, \\"1.0\\" \\u00e9"}, "b": 1.0, "c": [{"list": [3]}], "big": 12345678901234567890}';

  test('is written with new numbers in one list, and every other number as it was spelled', () => {
    const json = JSON.parse(text) as { readonly c: readonly object[] };
    const edited = editJson(text, json, [{ holder: json.c[0] ?? {}, key: 'list', numbers: Float32Array.of(0.5, -4, 1e-9) }]);
    expect(edited).toBe('{"a":{"list":[1.0,2e-07],"name":"x, \\"1.0\\" é"},"b":1.0,"c":[{"list":[0.5,-4.0,9.999999717180685e-10]}],"big":12345678901234567890}');
  });

  test('loses a key, and is filled up with spaces', () => {
    const json = JSON.parse(text) as { readonly a: object };
    const edited = editJson(text, json, [{ holder: json, key: 'a', numbers: undefined }]);
    expect(new TextDecoder().decode(padded(edited, 70))).toBe('{"b":1.0,"c":[{"list":[3]}],"big":12345678901234567890}'.padEnd(70));
    expect(padded(edited, 10)).toBeUndefined();
  });
});
