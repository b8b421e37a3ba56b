import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { UserError } from '../error';
import { isHdf5 } from './hdf5/container';
import { isSafetensors } from './checkpoint/open-checkpoint';
import { openWithGraphBeside } from './checkpoint/with-graph';
import { openKerasArchive } from './keras/keras-archive';
import { openKerasH5 } from './keras/keras-h5';
import type { Model } from './model';
import { parseJson } from './parse-json';
import { readModelFile } from './read-model-file';
import { openOnnx } from './onnx/open-onnx';
import { refuseOtherFormats } from './other-formats';
import { isPickle } from './pytorch/checkpoint';
import { refuseTorchPrograms } from './pytorch/programs';
import { shardsIn } from './safetensors/safetensors';
import { openTfjsLayers } from './tfjs/layers-model';
import { inMemory, readDirectory } from './zip/archive';

/**
 * Opens a model of any supported format, which is told by its content and not by its name.
 * @throws UserError model-missing, model-unreadable, model-too-large, model-not-hdf5, model-format-unknown, and those of each format
 */
export async function openModel(path: string): Promise<Model> {
  const bytes = await readModelFile(path);
  const model = await openContent(bytes, path);
  return model ?? openWithGraphBeside(path, withoutGraph(path));
}

/** Undefined for files of tensors, which hold no model. */
async function openContent(bytes: Uint8Array, path: string): Promise<Model | undefined> {
  if (isHdf5(bytes)) return openKerasH5(bytes, path, () => configBeside(path));
  if (isZip(bytes)) return openArchive(bytes, path);
  if (isSafetensors(bytes.subarray(0, 16), bytes.length) || isPickle(bytes)) return undefined;
  if (looksLikeJson(bytes)) {
    const json = parseJson(new TextDecoder().decode(bytes), path);
    if (typeof json === 'object' && json !== null && 'modelTopology' in json) return openTfjsLayers(bytes, json, path);
    if (shardsIn(json) !== undefined) return undefined;
    throw new UserError('model-format-unknown', 'this JSON file is not a TensorFlow.js model: it has no modelTopology.', { file: path, remedy: 'Name the file that holds the weights.' });
  }
  refuseOtherFormats(bytes, path);
  // ONNX has no signature: its first field is the format's version.
  if (extname(path).toLowerCase() === '.onnx' || bytes[0] === 0x08) return openOnnx(bytes, path);
  if (['.h5', '.hdf5', '.keras'].includes(extname(path).toLowerCase())) {
    throw new UserError('model-not-hdf5', bytes.length === 0 ? 'the file is empty.' : 'the file is not HDF5, whatever its name says.', { file: path, remedy: 'Copy or download it again.' });
  }
  throw new UserError('model-format-unknown', 'the file is not a model of a supported format.', { file: path, remedy: 'Models are read from Keras (.h5, .keras), TensorFlow.js (model.json), ONNX (.onnx), safetensors and PyTorch (.pt, .pth) files.' });
}

function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, index) => bytes[index] === byte);
}

function withoutGraph(path: string): UserError {
  return new UserError('model-without-graph', 'the file holds tensors and not the model that computes with them, so it cannot be trained here.', { file: path, remedy: 'Export the model to ONNX beside it, under the same name, or use a method that needs no gradients.' });
}

async function openArchive(bytes: Uint8Array, path: string): Promise<Model | undefined> {
  try {
    const entries = await readDirectory(inMemory(bytes));
    refuseTorchPrograms(entries, path);
    if (entries.some((entry) => entry.name === 'config.json')) return await openKerasArchive(bytes, entries, path);
    if (entries.some((entry) => entry.name.endsWith('/data.pkl'))) return undefined;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('model-damaged', 'the archive is damaged or incomplete.', { file: path, remedy: 'Copy or download it again.', cause: error });
  }
  throw new UserError('model-format-unknown', 'the ZIP archive is not a Keras model.', { file: path, remedy: 'Name a .keras file that model.save wrote, not an archive of other files.' });
}

function looksLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !' \t\r\n\u{feff}'.includes(String.fromCharCode(byte)));
  return first === '{'.charCodeAt(0);
}

/** A model's configuration takes some hundred bytes a layer. */
const largestConfig = 50_000_000;

/**
 * Keras can write a model's configuration and its weights apart: the JSON file beside the weights that describes a model. Where there are several,
 * it is the one that is called as the weights are: `net.json` for `net.h5` and `net.weights.h5`.
 * @throws UserError model-config-missing where several describe a model and none is called so
 */
async function configBeside(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => extname(name).toLowerCase() === '.json' && name !== 'package.json');
  const texts = new Map<string, string>();
  for (const name of names) {
    if ((await stat(join(folder, name))).size > largestConfig) continue;
    const text = new TextDecoder().decode(await readModelFile(join(folder, name)));
    if (/"class_name"\s*:\s*"(Sequential|Functional|Model)"/.test(text) && !text.includes('"modelTopology"')) texts.set(name, text);
  }
  if (texts.size <= 1) return [...texts.values()][0];
  const stem = basename(path, extname(path));
  const own = [`${stem}.json`, `${basename(stem, '.weights')}.json`].find((name) => texts.has(name));
  if (own !== undefined) return texts.get(own);
  const some = [...texts.keys()].sort().slice(0, 3).map((name) => `\`${name}\``).join(', ');
  throw new UserError('model-config-missing', `the file holds weights, and ${texts.size} files beside it describe a model: ${some}${texts.size > 3 ? ', …' : ''}.`, { file: path, remedy: `Call the one that belongs to these weights \`${basename(stem, '.weights')}.json\`, or put it beside them alone.` });
}
