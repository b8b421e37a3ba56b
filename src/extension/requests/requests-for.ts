import { Uri, workspace } from 'vscode';
import { findFiles, requestPattern } from '../files';

/** A request of the workspace, as far as it can be read. */
export interface FoundRequest {
  readonly uri: Uri;
  readonly value: Readonly<Record<string, unknown>>;
}

export async function readRequests(): Promise<readonly FoundRequest[]> {
  const found = await findFiles(requestPattern);
  const read = await Promise.all(found.map(async (uri): Promise<FoundRequest | undefined> => {
    try {
      const value: unknown = JSON.parse(Buffer.from(await workspace.fs.readFile(uri)).toString('utf8'));
      return typeof value === 'object' && value !== null ? { uri, value: value as FoundRequest['value'] } : undefined;
    } catch {
      return undefined; // not JSON yet, or gone
    }
  }));
  return read.filter((request) => request !== undefined);
}

/** The requests that name a model. */
export async function requestsFor(model: Uri): Promise<readonly Uri[]> {
  const requests = await readRequests();
  return requests.filter(({ uri, value }) => typeof value['model'] === 'string' && Uri.joinPath(uri, '..', value['model']).toString() === model.toString()).map(({ uri }) => uri);
}
