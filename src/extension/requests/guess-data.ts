import path from 'node:path';
import { FileType, Uri, workspace } from 'vscode';
import type { RequestInput } from '../../request/schema';
import { readRequests } from './requests-for';

type Data = RequestInput['data'];
type Source = Data['train'];

/** Data for a new request: that of a request nearby, else what lies in the model's folder or the one above, else a place to fill in. */
export async function guessData(model: Uri, inputShape: readonly (number | 'batch')[]): Promise<Data> {
  const shape = inputShape.slice(1).filter((size) => typeof size === 'number');
  return await fromRequestNearby(model) ?? await fromFolder(model, '.', shape) ?? await fromFolder(model, '..', shape)
    ?? { train: { format: 'csv', path: 'training-data.csv', label: 'label', features: ['feature*'] } };
}

const fileKeys = ['features', 'labels', 'records', 'path'] as const;

/** The data of a request in the same folder or next to it, its paths rewritten. */
async function fromRequestNearby(model: Uri): Promise<Data | undefined> {
  const home = path.posix.dirname(model.path);
  const nearby = (await readRequests()).find(({ uri, value }) => 'data' in value && [home, path.posix.dirname(home)].includes(path.posix.dirname(uri.path)));
  if (nearby === undefined) return undefined;
  const from = path.posix.dirname(nearby.uri.path);
  const moved = (file: string): string => path.posix.relative(home, path.posix.join(from, file));
  const sources = Object.entries(nearby.value['data'] as Record<string, Record<string, unknown>>).map(([name, source]) => {
    const files = fileKeys.flatMap((key) => (typeof source[key] === 'string' ? [[key, moved(source[key])]] : []));
    return [name, { ...source, ...(Object.fromEntries(files) as Record<string, string>) }];
  });
  return Object.fromEntries(sources) as Data;
}

async function fromFolder(model: Uri, relative: string, shape: readonly number[]): Promise<Data | undefined> {
  const entries = await workspace.fs.readDirectory(Uri.joinPath(model, '..', relative));
  const names = entries.filter(([, type]) => type === FileType.File).map(([name]) => name);
  const place = (name: string): string => path.posix.join(relative, name);
  return idx(names, place, shape) ?? archive(names, place) ?? tables(names, place);
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
  const records = names.filter((name) => /\.(csv|parquet)$/.test(name));
  const only = records.length === 1 ? records[0] : undefined;
  return { train: { ...train, ...(only === undefined ? {} : { records: place(only) }) }, ...(evaluation === undefined ? {} : { evaluation }) };
}

function archive(names: readonly string[], place: (name: string) => string): Data | undefined {
  const found = names.find((name) => name.endsWith('.npz'));
  return found === undefined ? undefined : { train: { format: 'npz', features: place(found), featuresKey: 'x_train', labelsKey: 'y_train' } };
}

function tables(names: readonly string[], place: (name: string) => string): Data | undefined {
  const found = names.find((name) => name.endsWith('.parquet')) ?? names.find((name) => name.endsWith('.csv'));
  if (found === undefined) return undefined;
  return { train: { format: found.endsWith('.csv') ? 'csv' : 'parquet', path: place(found), label: 'label', features: ['feature*'] } };
}
