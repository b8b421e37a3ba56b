import { formatOfName } from '../../data/format-of-name';
import type { TableFormat } from '../../data/table-format';
import type { RequestInput } from '../../request/schema';
import { sourceOfFile } from '../../request/source-of-file';

type Data = RequestInput['data'];
type Source = Data['train'];

/**
 * What the names of the files in a folder suggest as data; undefined where they suggest none.
 * @param place The path of a file by its name, from the request.
 * @param shape Of the model's input, without the batch.
 */
export function guessFromNames(names: readonly string[], place: (name: string) => string, shape: readonly number[]): Data | undefined {
  return idx(names, place, shape) ?? arrays(names, place) ?? archive(names, place) ?? tables(names, place);
}

/** MNIST's own names: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`. */
function idx(names: readonly string[], place: (name: string) => string, shape: readonly number[]): Data | undefined {
  const source = (images: string | undefined): Source | undefined => {
    const labels = images?.replace('images-idx3', 'labels-idx1');
    if (images === undefined || labels === undefined || !names.includes(labels)) return undefined;
    return { format: 'idx', features: place(images), labels: place(labels), shape: [...shape], scale: { divide: 255 } };
  };
  const images = names.filter((name) => name.includes('images-idx3'));
  const train = source(images.find((name) => name.startsWith('train')) ?? images[0]);
  if (train === undefined) return undefined;
  const evaluation = source(images.find((name) => name.startsWith('t10k')));
  const records = names.filter((name) => formatOfName(name) !== undefined);
  const only = records.length === 1 ? records[0] : undefined;
  return { train: { ...train, ...(only === undefined ? {} : { records: place(only) }) }, ...(evaluation === undefined ? {} : { evaluation }) };
}

/** NumPy files whose names go together: `x_train.npy` and `y_train.npy`. Those of the training data come first. */
function arrays(names: readonly string[], place: (name: string) => string): Data | undefined {
  const sources = names.filter((name) => name.endsWith('.npy')).flatMap((name) => {
    const source = sourceOfFile(name, { before: undefined, exists: (other) => names.includes(other) });
    return typeof source?.['labels'] === 'string' ? [{ name, labels: source['labels'] }] : [];
  });
  const source = ({ name, labels }: (typeof sources)[number]): Source => ({ format: 'npy', features: place(name), labels: place(labels) });
  const train = sources.find(({ name }) => name.includes('train')) ?? sources[0];
  const test = sources.find(({ name }) => /test|val/.test(name) && name !== train?.name);
  return train === undefined ? undefined : { train: source(train), ...(test === undefined ? {} : { evaluation: source(test) }) };
}

function archive(names: readonly string[], place: (name: string) => string): Data | undefined {
  const found = names.find((name) => name.endsWith('.npz'));
  return found === undefined ? undefined : { train: { format: 'npz', features: place(found), featuresKey: 'x_train', labelsKey: 'y_train' } };
}

/** Formats that know the types of their columns come first; databases last, which may hold anything. */
const preference: readonly TableFormat[] = ['parquet', 'arrow', 'csv', 'tsv', 'jsonl', 'duckdb', 'sqlite'];

function tables(names: readonly string[], place: (name: string) => string): Data | undefined {
  for (const format of preference) {
    const found = names.find((name) => formatOfName(name) === format);
    if (found !== undefined) return { train: { format, path: place(found), label: 'label', features: ['feature*'] } };
  }
  return undefined;
}
