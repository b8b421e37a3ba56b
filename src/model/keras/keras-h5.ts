import * as hdf5 from 'h5wasm';
import { basename } from 'node:path';
import { UserError } from '../../error';
import { encodeFloats } from '../floats';
import { byteLength, stringsOf, withHdf5, writeDataset } from '../hdf5/container';
import { SymbolTable } from '../hdf5/unlink';
import type { Model, Residue } from '../model';
import { parseJson } from '../parse-json';
import { buildGraph } from './build-graph';
import { floatType, readWeights, weightsByLayer, type StoredWeight } from './read-weights';
import { readTopology } from './topology';

const optimizerGroup = 'optimizer_weights';
const trainingAttribute = 'training_config';

interface Contents {
  readonly config: string | undefined;
  readonly version: string;
  readonly weights: readonly StoredWeight[];
  /** Paths of the optimiser's datasets. */
  readonly optimizer: readonly string[];
  /** Loss, metrics and optimiser settings, as the file has them. */
  readonly training: string | undefined;
}

/**
 * Opens a Keras model in HDF5.
 * @param configBeside the model's configuration from a JSON file, for files that hold weights only
 * @throws UserError model-truncated, model-damaged, model-config-missing, model-config-invalid, layer-unsupported, weights-…
 */
export async function openKerasH5(bytes: Uint8Array, file: string, configBeside?: string): Promise<Model> {
  const { result: contents } = await withHdf5(bytes, file, 'r', (root) => readContents(root, file, bytes.length));
  const config = contents.config ?? configBeside;
  if (config === undefined) {
    throw new UserError('model-config-missing', 'the file holds weights and not the model that they belong to.', { file, remedy: 'Save the whole model (model.save), or put the result of model.to_json() beside it as a .json file.' });
  }
  const graph = buildGraph(readTopology(parseJson(config, file), file), weightsByLayer(contents.weights), file);
  const unused = contents.weights.find((stored) => !graph.tensors.has(stored.name));
  if (unused !== undefined) throw new UserError('weights-unexpected', `the file holds the weight \`${unused.path}\`, and no layer of the model uses it.`, { file });
  const residues: Residue[] = contents.optimizer.map((name) => ({ name, kind: 'optimizer-state', treatment: 'dropped' }));
  if (contents.training !== undefined) residues.push({ name: trainingAttribute, kind: 'metadata', treatment: 'dropped' });
  return {
    format: `Keras ${Number.parseInt(contents.version, 10)} HDF5`,
    graph,
    residues,
    write: async (values) => [{ path: basename(file), bytes: await rewrite(bytes, file, contents, values) }],
  };
}

function readContents(root: hdf5.Group, file: string, fileSize: number): Contents {
  const weightsGroup = root.keys().includes('model_weights') ? 'model_weights' : '';
  const config = stringsOf(root, 'model_config')?.join('');
  if (config !== undefined && weightsGroup === '') throw new UserError('weights-missing', 'the file holds a model\'s configuration and no weights.', { file, remedy: 'Save the whole model: model.save(…).' });
  const weights = readWeights(root, weightsGroup, file, fileSize);
  const known = new Set(weights.map((stored) => stored.path));
  const optimizer: string[] = [];
  for (const path of root.paths().map((found) => found.replace(/^\//, ''))) {
    if (known.has(path) || root.get(path) instanceof hdf5.Group) continue;
    if (!path.startsWith(`${optimizerGroup}/`)) {
      throw new UserError('data-unexpected', `the file holds \`${path}\`, which is no part of a Keras model; nothing can be promised about what it remembers.`, { file, remedy: 'Remove it from the file, or save the model again.' });
    }
    optimizer.push(path);
  }
  return {
    config,
    version: stringsOf(root, 'keras_version')?.[0] ?? '2',
    weights,
    optimizer,
    training: stringsOf(root, trainingAttribute)?.join(''),
  };
}

/** The same container with new numbers in place, so that its structure cannot change; what the optimiser left is overwritten, then unlinked. */
async function rewrite(bytes: Uint8Array, file: string, contents: Contents, values: ReadonlyMap<string, Float32Array>): Promise<Uint8Array> {
  const { bytes: written, result: hasOptimizer } = await withHdf5(bytes, file, 'a', (root) => {
    for (const { name, path } of contents.weights) {
      const replacement = values.get(name);
      if (replacement !== undefined) overwrite(root, path, replacement, file);
    }
    for (const path of contents.optimizer) overwrite(root, path, undefined, file);
    if (contents.training !== undefined) root.delete_attribute(trainingAttribute);
    return root.keys().includes(optimizerGroup);
  });
  if (hasOptimizer) {
    try {
      new SymbolTable(written).unlink(optimizerGroup);
    } catch (error) {
      throw new UserError('hdf5-layout-unsupported', 'the optimiser state cannot be removed from this kind of HDF5 file yet.', { file, remedy: 'Save the model without its optimizer: model.save(…, include_optimizer=False).', cause: error });
    }
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
  const type = floatType(dataset);
  writeDataset(dataset, values === undefined || type === undefined ? new Uint8Array(byteLength(dataset)) : encodeFloats(values, type));
}

function erase(bytes: Uint8Array, text: Uint8Array): void {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = haystack.indexOf(text); at >= 0; at = haystack.indexOf(text, at + text.length)) haystack.fill(0, at, at + text.length);
}
