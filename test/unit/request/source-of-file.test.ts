import { describe, expect, it } from 'vitest';
import { sourceOfFile } from '../../../src/request/source-of-file';

const nothing = { before: undefined, exists: (): boolean => false };

describe('the source of records that a file is', () => {
  it('is a table whose columns are still to be chosen', () => {
    expect(sourceOfFile('data/people.csv.gz', nothing)).toEqual({ format: 'csv', path: 'data/people.csv.gz' });
    expect(sourceOfFile('ratings.feather', nothing)).toEqual({ format: 'arrow', path: 'ratings.feather' });
  });

  it('keeps the columns of a table before it, and drops what is about arrays', () => {
    const before = { format: 'csv', path: 'old.csv', delimiter: ';', label: 'y', features: ['a', 'b'], classes: [0, 1] };
    expect(sourceOfFile('new.parquet', { ...nothing, before })).toEqual({ format: 'parquet', path: 'new.parquet', label: 'y', features: ['a', 'b'], classes: [0, 1] });
    expect(sourceOfFile('new.parquet', { ...nothing, before: { format: 'idx', features: 'x', labels: 'y', records: 'who.csv' } })).toEqual({ format: 'parquet', path: 'new.parquet' });
  });

  it.each([
    ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'], ['a/x_train.npy', 'a/y_train.npy'], ['X.npy', 'y.npy'], ['features.npy', 'labels.npy'],
  ])('finds the labels of %s beside it', (features, labels) => {
    expect(sourceOfFile(features, { before: undefined, exists: (path) => path === labels })).toMatchObject({ features, labels });
    expect(sourceOfFile(features, nothing)).not.toHaveProperty('labels');
  });

  it('keeps whose records they are from arrays before', () => {
    const before = { format: 'npz', features: 'old.npz', featuresKey: 'x', records: 'who.csv', scale: { divide: 255 } };
    expect(sourceOfFile('new.h5', { ...nothing, before })).toEqual({ format: 'hdf5', features: 'new.h5', records: 'who.csv', scale: { divide: 255 } });
  });

  it('takes the format that is given where the name tells none', () => {
    expect(sourceOfFile('faces', nothing)).toBeUndefined();
    expect(sourceOfFile('faces', { ...nothing, format: 'images' })).toEqual({ format: 'images', path: 'faces' });
  });
});
