import { describe, expect, it } from 'vitest';
import { fieldOf, pathOf, placeIn, writtenAt } from '../../../src/request/place-of-field';

const text = `{
  "model": "models/mnist.h5",
  "data": { "train": { "format": "csv", "features": ["age", { "column": "city", "oneHot": 3 }] } },
  "forget": { "requests": [{ "reference": "T-1" }] }
}`;
const at = (where: { field?: string; file?: string }): string | undefined => {
  const place = placeIn(text, where);
  return place && text.slice(place.offset, place.offset + place.length);
};

describe('the place of a field', () => {
  it('is read from its name and written as it', () => {
    expect(pathOf('data.train.features[1].column')).toEqual(['data', 'train', 'features', 1, 'column']);
    expect(fieldOf(pathOf('forget.requests[0].ids.values[12]'))).toBe('forget.requests[0].ids.values[12]');
    expect(pathOf('')).toEqual([]);
  });

  it('is its value', () => {
    expect(at({ field: 'data.train.features[1].oneHot' })).toBe('3');
    expect(at({ field: 'forget.requests[0].reference' })).toBe('"T-1"');
  });

  it('is, where it is missing, the name of what it is missing from', () => {
    expect(at({ field: 'data.train.label' })).toBe('"train"');
    expect(at({ field: 'data.evaluation.path' })).toBe('"data"');
    // An entry of a list has no name: the bracket that begins it.
    expect(at({ field: 'forget.requests[0].date' })).toBe('{');
    expect(at({ field: 'target' })).toBe('{');
  });

  it('is inside a value that is no object the value', () => {
    expect(at({ field: 'model.layer' })).toBe('"models/mnist.h5"');
  });

  it('is, without a field, where the file at fault is named', () => {
    expect(at({ file: '/projects/models/mnist.h5' })).toBe('"models/mnist.h5"');
    expect(at({ file: 'elsewhere.h5' })).toBe('{');
  });

  it('is nowhere in what is not JSON', () => {
    expect(placeIn('', { field: 'model' })).toBeUndefined();
  });
});

describe('what is written at a field', () => {
  it('is its text', () => {
    expect(writtenAt(text, 'data.train.features[0]')).toBe('"age"');
    expect(writtenAt(text, 'target')).toBeUndefined();
  });
});
