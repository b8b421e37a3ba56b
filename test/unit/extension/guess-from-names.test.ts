import { describe, expect, it } from 'vitest';
import { guessFromNames } from '../../../src/extension/requests/guess-from-names';

const guess = (...names: readonly string[]): ReturnType<typeof guessFromNames> => guessFromNames(names, (name) => `data/${name}`, [28, 28, 1]);

describe('data guessed from the names in a folder', () => {
  it('are MNIST files by their names, with the one table beside them, whatever its format', () => {
    const source = (name: string): object => ({ format: 'idx', features: `data/${name}-images-idx3-ubyte.gz`, labels: `data/${name}-labels-idx1-ubyte.gz`, shape: [28, 28, 1], scale: { divide: 255 } });
    const files = ['t10k', 'train'].flatMap((name) => [`${name}-images-idx3-ubyte.gz`, `${name}-labels-idx1-ubyte.gz`]);
    expect(guess('model.json', ...files)).toEqual({ train: source('train'), evaluation: source('t10k') });
    expect(guess(...files, 'people.feather')).toMatchObject({ train: { records: 'data/people.feather' } });
    expect(guess(...files, 'people.csv', 'others.csv')?.train).not.toHaveProperty('records');
  });

  it('are NumPy files that go together, those of the training data first', () => {
    expect(guess('y_test.npy', 'x_test.npy', 'y_train.npy', 'x_train.npy')).toEqual({
      train: { format: 'npy', features: 'data/x_train.npy', labels: 'data/y_train.npy' },
      evaluation: { format: 'npy', features: 'data/x_test.npy', labels: 'data/y_test.npy' },
    });
    expect(guess('features.npy', 'labels.npy')).toEqual({ train: { format: 'npy', features: 'data/features.npy', labels: 'data/labels.npy' } });
    expect(guess('embedding.npy')).toBeUndefined();
  });

  it('are an archive, or a table of any format that can be read, the best described one first', () => {
    expect(guess('mnist.npz', 'a.csv')?.train).toMatchObject({ format: 'npz', features: 'data/mnist.npz' });
    for (const [name, format] of [['a.csv', 'csv'], ['a.csv.gz', 'csv'], ['a.tsv', 'tsv'], ['a.parquet', 'parquet'], ['a.jsonl.zst', 'jsonl'], ['a.arrow', 'arrow'], ['a.feather', 'arrow'], ['a.ipc', 'arrow'], ['a.duckdb', 'duckdb'], ['a.sqlite', 'sqlite']] as const) {
      expect(guess('readme.txt', name)).toEqual({ train: { format, path: `data/${name}`, label: 'label', features: ['feature*'] } });
    }
    expect(guess('z.csv', 'a.feather', 'b.sqlite')?.train).toMatchObject({ format: 'arrow', path: 'data/a.feather' });
    expect(guess('model.onnx', 'notes.md')).toBeUndefined();
  });
});
