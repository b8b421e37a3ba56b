import { describe, expect, it } from 'vitest';
import { distinctNames } from '../../../src/extension/comparison/names';

describe('names of two certificates', () => {
  it.each([
    ['mnist/model/again/model.unlearning-certificate.json', 'mnist/model/unlearned/model.unlearning-certificate.json', ['again/model', 'unlearned/model']],
    ['a.unlearning-certificate.json', 'b.unlearning-certificate.json', ['a', 'b']],
    ['a/b.unlearning-certificate.json', 'b.unlearning-certificate.json', ['a/b', 'b']],
    ['a/b.unlearning-certificate.json', 'a/b.unlearning-certificate.json', ['b', 'b']],
  ])('%s and %s lose what they share', (left, right, expected) => {
    expect(distinctNames(left, right)).toEqual(expected);
  });
});
