import path from 'node:path';
import { FileType, Uri, workspace } from 'vscode';
import type { RequestInput } from '../../request/schema';
import { guessFromNames } from './guess-from-names';
import { readRequests } from './requests-for';

type Data = RequestInput['data'];

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
  return guessFromNames(names, (name) => path.posix.join(relative, name), shape);
}
