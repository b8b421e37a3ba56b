import * as hdf5 from 'h5wasm';
import { UserError } from '../../error';
import { encodeFloats } from '../floats';
import { byteLength, stringsOf, withHdf5, writeDataset } from '../hdf5/container';
import { SymbolTable } from '../hdf5/unlink';
import type { Residue } from '../model';
import type { WeightSource } from './layer';
import { datasetsIn, isSeed, readVariables, variablesByLayer } from './read-variables';
import { floatType, readWeights, weightsByLayer, type StoredWeight } from './read-weights';
import type { Topology } from './topology';

const optimizerGroups = ['optimizer_weights', 'optimizer'];
const trainingAttribute = 'training_config';

/** An HDF5 file that Keras wrote, of any version: weights, and perhaps configuration and what the optimiser remembers. */
export interface WeightsFile {
  readonly config: string | undefined;
  /** Major version of Keras. */
  readonly generation: number;
  readonly weights: readonly StoredWeight[];
  /** Paths of the optimiser's datasets. */
  readonly optimizer: readonly string[];
  /** Loss, metrics and optimiser settings, as the file has them. */
  readonly training: string | undefined;
}

/** @throws UserError weights-…, data-unexpected, model-truncated, model-damaged */
export async function readWeightsFile(bytes: Uint8Array, file: string): Promise<WeightsFile> {
  return (await withHdf5(bytes, file, 'r', (root) => readContents(root, file, bytes.length))).result;
}

function readContents(root: hdf5.Group, file: string, fileSize: number): WeightsFile {
  const groups = root.keys();
  const numbered = !groups.includes('model_weights') && stringsOf(root, 'layer_names') === undefined && (groups.includes('layers') || groups.includes('vars'));
  const config = stringsOf(root, 'model_config')?.join('');
  if (config !== undefined && !groups.includes('model_weights')) throw new UserError('weights-missing', 'the file holds a model\'s configuration and no weights.', { file, remedy: 'Save the whole model: model.save(…).' });
  const weights = numbered ? readVariables(root, file, fileSize) : readWeights(root, groups.includes('model_weights') ? 'model_weights' : '', file, fileSize);
  const known = new Set(weights.map((stored) => stored.path));
  const others = datasetsIn(root).filter((path) => !known.has(path) && !(numbered && isSeed(path)));
  const unexpected = others.find((path) => !optimizerGroups.includes(path.split('/')[0] ?? ''));
  if (unexpected !== undefined) {
    throw new UserError('data-unexpected', `the file holds \`${unexpected}\`, which is no part of a Keras model; nothing can be promised about what it remembers.`, { file, remedy: 'Remove it from the file, or save the model again.' });
  }
  const version = Number.parseInt(stringsOf(root, 'keras_version')?.[0] ?? '', 10);
  return {
    config,
    generation: Number.isNaN(version) ? (numbered ? 3 : 2) : version,
    weights,
    optimizer: others,
    training: stringsOf(root, trainingAttribute)?.join(''),
  };
}

export function weightSource(contents: WeightsFile, topology: Topology): WeightSource {
  const numbered = contents.weights.some((stored) => stored.path === stored.name && /\/vars\/\d+$/.test(stored.path));
  return numbered ? variablesByLayer(contents.weights, topology) : weightsByLayer(contents.weights, contents.generation);
}

export function residuesOf(contents: WeightsFile): readonly Residue[] {
  const residues: Residue[] = contents.optimizer.map((name) => ({ name, kind: 'optimizer-state', treatment: 'dropped' }));
  return contents.training === undefined ? residues : [...residues, { name: trainingAttribute, kind: 'metadata', treatment: 'dropped' }];
}

/** The same container with new numbers in place, so that its structure cannot change; what the optimiser left is overwritten, then unlinked. */
export async function rewriteWeightsFile(bytes: Uint8Array, file: string, contents: WeightsFile, values: ReadonlyMap<string, Float32Array>): Promise<Uint8Array> {
  const known = new Set(contents.weights.map(({ name }) => name));
  const unwritable = [...values.keys()].find((name) => !known.has(name));
  if (unwritable !== undefined) throw new RangeError(`${unwritable} is not among the weights of the file`);
  const { bytes: written, result: unlinked } = await withHdf5(bytes, file, 'a', (root) => {
    for (const { name, path } of contents.weights) {
      const replacement = values.get(name);
      if (replacement !== undefined) overwrite(root, path, replacement, file);
    }
    for (const path of contents.optimizer) overwrite(root, path, undefined, file);
    if (contents.training !== undefined) root.delete_attribute(trainingAttribute);
    return root.keys().filter((name) => optimizerGroups.includes(name));
  });
  try {
    if (unlinked.length > 0) {
      const table = new SymbolTable(written);
      for (const group of unlinked) table.unlink(group);
    }
  } catch (error) {
    throw new UserError('hdf5-layout-unsupported', 'the optimiser state cannot be removed from this kind of HDF5 file yet.', { file, remedy: 'Save the model without its optimizer: model.save(…, include_optimizer=False).', cause: error });
  }
  // Deleting the attribute leaves its text in the file's unused space.
  if (contents.training !== undefined && contents.training.length >= 16) erase(written, new TextEncoder().encode(contents.training));
  return written;
}

/** @param values undefined overwrites with zeros */
function overwrite(root: hdf5.Group, path: string, values: Float32Array | undefined, file: string): void {
  const dataset = root.get(path);
  if (!(dataset instanceof hdf5.Dataset)) throw new UserError('model-damaged', `\`${path}\` cannot be written.`, { file });
  if (dataset.metadata.chunks !== null) {
    // Compressed pieces move when they grow, and what they held before stays readable in the gap.
    throw new UserError('hdf5-layout-unsupported', `\`${path}\` is stored in pieces, which cannot be overwritten safely yet.`, { file, remedy: 'Save the model again with Keras itself, which stores weights in one piece.' });
  }
  writeDataset(dataset, values === undefined ? new Uint8Array(byteLength(dataset)) : encoded(values, dataset));
}

function encoded(values: Float32Array, dataset: hdf5.Dataset): Uint8Array {
  const type = floatType(dataset);
  if (type !== undefined) return encodeFloats(values, type);
  // A count of records, of four or eight bytes.
  const whole = BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
  return new Uint8Array(whole.buffer).slice(0, byteLength(dataset));
}

function erase(bytes: Uint8Array, text: Uint8Array): void {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = haystack.indexOf(text); at >= 0; at = haystack.indexOf(text, at + text.length)) haystack.fill(0, at, at + text.length);
}
