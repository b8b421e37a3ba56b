import { open } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { UserError } from '../error';
import { noteInput } from '../input-files';
import type { ModelFile } from './model';

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
    throw new UserError('model-unreadable', `the file cannot be opened (${String(code)}).`, { file: path, remedy: 'Check that you may read the file and that its disk is there.', cause: error });
  }
  try {
    const status = await handle.stat({ bigint: true });
    if (!status.isFile()) throw new UserError('model-unreadable', 'this is a folder, not a file.', { file: path, remedy: 'Name the model file in it.' });
    if (status.size > largest) throw new UserError('model-too-large', `the file has ${status.size} bytes; a model of more than 2 GiB cannot be trained here.`, { file: path, remedy: 'Save it as safetensors or a PyTorch checkpoint, and choose output-perturbation or gaussian-restart, which need no gradients.' });
    noteInput(path, status);
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/**
 * Reads a weight file that a model names. A model is hostile input: it may name only what lies beside or below it.
 * @throws UserError weights-missing, and those of `readModelFile`
 */
export async function readBeside(model: string, location: string): Promise<ModelFile> {
  const path = normalize(location);
  if (location === '' || path.startsWith('..') || /^([a-z]+:|[/\\])/i.test(location)) {
    throw new UserError('weights-missing', `the weights are said to be in "${location}", which is not beside the model.`, { file: model, remedy: 'Put the model and its weight files into one folder.' });
  }
  const bytes = await readModelFile(join(dirname(model), path), { code: 'weights-missing', message: `the weight file that ${basename(model)} lists does not exist.` });
  return { path, bytes };
}
