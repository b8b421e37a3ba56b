import { open } from 'node:fs/promises';
import { UserError } from '../error';

/** Node reads no more than 2 GiB into one array, and a model is held in memory twice while it is trained. */
const largest = 2 ** 31 - 1;

/** @throws UserError model-missing (or the code given), model-unreadable, model-too-large */
export async function readModelFile(path: string, missing: { readonly code: string; readonly message: string } = { code: 'model-missing', message: 'the model file does not exist.' }): Promise<Uint8Array> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(missing.code, missing.message, { file: path, remedy: 'Check the path.', cause: error });
    throw new UserError('model-unreadable', `the file cannot be opened (${String(code)}).`, { file: path, cause: error });
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new UserError('model-unreadable', 'this is a folder, not a file.', { file: path, remedy: 'Name the model file in it.' });
    if (status.size > largest) throw new UserError('model-too-large', `the file has ${status.size} bytes; a model of more than 2 GiB cannot be trained here.`, { file: path });
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}
