import { describe, expect, it } from 'vitest';
import { differences } from '../../../webview/panel/data/differences';

const table = { format: 'csv', path: 'train.csv', label: 'left', features: ['visits', 'stays'] };

describe('what other records say otherwise than the training data', () => {
  it('is nothing where they are read alike, from whatever file and format of the same kind', () => {
    expect(differences(table, { ...table, format: 'parquet', path: 'test.parquet' })).toEqual([]);
  });

  it('is the label, the features in their order, and the scaling of a table', () => {
    expect(differences(table, { ...table, label: 'age', features: ['stays', 'visits'], scale: { divide: 2 } })).toEqual(['label', 'features', 'scale']);
    expect(differences({ ...table, classes: ['a', 'b'] }, table)).toEqual(['classes']);
  });

  it('is not the file of an array', () => {
    const arrays = { format: 'idx', features: 'train-images', labels: 'train-labels', shape: [28, 28, 1] };
    expect(differences(arrays, { ...arrays, features: 'test-images', labels: 'test-labels' })).toEqual([]);
    expect(differences(arrays, { ...arrays, features: 'test-images', shape: undefined })).toEqual(['shape']);
  });

  it('is not that the training data alone are standardized: others are as they are', () => {
    expect(differences({ ...table, standardize: true }, table)).toEqual([]);
    expect(differences(table, { ...table, standardize: true })).toEqual(['standardize']);
  });

  it('cannot be told between a table and arrays', () => {
    expect(differences(table, { format: 'npy', features: 'x.npy' })).toEqual([]);
    expect(differences(undefined, table)).toEqual([]);
  });
});
