import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, normalize, sep } from 'node:path';
import { z } from 'zod';
import { UserError } from '../error';
import { locateTensors } from './onnx/stored-tensors';
import { parseJson } from './parse-json';
import { readModelFile } from './read-model-file';
import { shardsIn } from './safetensors/safetensors';

/** An index of shards has a line a tensor, and a `model.json` some hundred bytes a layer. */
const largestJson = 50_000_000;

/** Files that name the others of their model. */
const naming = /(\.index|^model)\.json$/;
const holdingWeights = /\.(safetensors|pt|pth|bin|h5|hdf5|keras|onnx)$/;

const manifest = z.object({ weightsManifest: z.array(z.object({ paths: z.array(z.string()) })) });

/**
 * The main file of a model: the path itself, or in a folder its index or `model.json`, else the only file of weights.
 * @throws UserError model-missing; model-ambiguous where a folder holds several models, or none
 */
export async function mainFileOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UserError('model-missing', 'the model does not exist.', { file: path, remedy: 'Check the path.' });
  if (!found.isDirectory()) return path;
  const names = (await readdir(path)).filter((name) => !name.endsWith('.unlearning-successor.json')).sort();
  const indices = names.filter((name) => naming.test(name));
  const candidates = indices.length > 0 ? indices : names.filter((name) => holdingWeights.test(name.toLowerCase()));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return join(path, only);
  const told = candidates.length === 0 ? 'the folder holds no model' : `the folder holds several models: ${candidates.slice(0, 5).join(', ')}${candidates.length > 5 ? ', …' : ''}`;
  throw new UserError('model-ambiguous', `${told}.`, { file: path, remedy: 'Name the model file itself; of a sharded model its index.' });
}

/**
 * The names of all files that a model is in, relative to the folder of its main file and with forward slashes, that one first: an index and its
 * shards, a `model.json` and its weights, an ONNX file and its external data, or just the file. Whatever is in other files belongs to no model here.
 * @throws UserError weights-missing where the model names a file that is not beside or below it, and those of `readModelFile`
 */
export async function filesOfModel(main: string): Promise<readonly string[]> {
  return [...new Set([basename(main), ...(await partsOf(main)).map((part) => beside(main, part))])];
}

async function partsOf(main: string): Promise<readonly string[]> {
  const extension = extname(main).toLowerCase();
  if (extension === '.json' && (await stat(main)).size <= largestJson) {
    const json = parseJson(new TextDecoder().decode(await readModelFile(main)), main);
    return shardsIn(json) ?? manifest.safeParse(json).data?.weightsManifest.flatMap(({ paths }) => paths) ?? [];
  }
  if (extension !== '.onnx') return [];
  try {
    return locateTensors(await readModelFile(main)).flatMap(({ external }) => external?.get('location') ?? []);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError('model-damaged', `the file is damaged: ${error.message}.`, { file: main, remedy: 'Copy or download it again.', cause: error });
  }
}

function beside(main: string, part: string): string {
  const path = normalize(part);
  if (part === '' || path.split(sep).includes('..') || /^([a-z]+:|[/\\])/i.test(part)) {
    throw new UserError('weights-missing', `the model names the file "${part}", which is not beside it.`, { file: main, remedy: 'Put the model and its weight files into one folder.' });
  }
  return path.split(sep).join('/');
}
