import * as hdf5 from 'h5wasm';
import { UserError } from '../../error';
import { encodeFinite } from '../finite';
import { decodeFloats, encodeFloats, narrowTypes, type FloatType } from '../floats';
import { byteLength, stringsOf, withHdf5, writeDataset } from '../hdf5/container';
import { canFindPieces } from '../hdf5/chunks';
import { digestsOf, eraseMoved } from '../hdf5/scrub';
import { hasSymbolTables, SymbolTable } from '../hdf5/unlink';
import { canEraseUnused, eraseUnused } from '../hdf5/unused-space';
import type { Residue } from '../model';
import type { Findings } from './findings';
import { requireKnownAttributes } from './foreign-attributes';
import type { WeightSource } from './layer';
import { datasetsIn, isSeed, readVariables, variablesByLayer } from './read-variables';
import { floatType, readWeights, weightsByLayer, type StoredWeight } from './read-weights';
import type { Topology } from './topology';

/** What training left besides the model: state of the optimiser, and in archives of Keras 2 that of the metrics. */
const trainingGroups = ['optimizer_weights', 'optimizer', 'metrics'];
const trainingAttribute = 'training_config';

/** An HDF5 file that Keras wrote, of any version: weights, and perhaps configuration and what the optimiser remembers. */
export interface WeightsFile {
  readonly config: string | undefined;
  /** Major version of Keras. */
  readonly generation: number;
  readonly weights: readonly StoredWeight[];
  /** Paths of the optimiser's datasets. */
  readonly optimizer: readonly string[];
  /** The file is structured in a way in which nobody here can tell what of it is in use. */
  readonly unusedSpaceKept: boolean;
  /** Some numbers are stored compressed, so that the places of others depend on what was there before. */
  readonly compressed: boolean;
  /** Loss, metrics and optimiser settings, as the file has them. */
  readonly training: string | undefined;
  /** Why no numbers can be written into the file; undefined where they can. */
  readonly unwritable: UserError | undefined;
}

/** @throws UserError weights-…, data-unexpected, model-truncated, model-damaged */
export async function readWeightsFile(bytes: Uint8Array, file: string): Promise<WeightsFile> {
  const { result } = await withHdf5(bytes, file, 'r', (root) => readContents(root, file, bytes.length));
  const { filtered, ...contents } = result;
  const unwritable = filtered === undefined || canFindPieces(bytes) ? undefined : piecesUnsupported(filtered, file);
  return { ...contents, unusedSpaceKept: !canEraseUnused(bytes), compressed: filtered !== undefined, unwritable };
}

/** @param path of a dataset whose pieces move when they are written anew */
function piecesUnsupported(path: string, file: string, cause?: unknown): UserError {
  return new UserError('hdf5-layout-unsupported', `\`${path}\` is stored in compressed pieces, and what they held before cannot be erased from this kind of HDF5 file (libver="latest") yet.`, { file, remedy: 'Save the model again with Keras itself, which stores weights in one piece.', cause });
}

function readContents(root: hdf5.Group, file: string, fileSize: number): Omit<WeightsFile, 'unusedSpaceKept' | 'compressed' | 'unwritable'> & { readonly filtered: string | undefined } {
  requireKnownAttributes(root, file);
  const groups = root.keys();
  const numbered = !groups.includes('model_weights') && stringsOf(root, 'layer_names') === undefined && (groups.includes('layers') || groups.includes('vars'));
  const config = stringsOf(root, 'model_config')?.join('');
  if (config !== undefined && !groups.includes('model_weights')) throw new UserError('weights-missing', 'the file holds a model\'s configuration and no weights.', { file, remedy: 'Save the whole model: model.save(…).' });
  const weights = numbered ? readVariables(root, file, fileSize) : readWeights(root, groups.includes('model_weights') ? 'model_weights' : '', file, fileSize);
  const known = new Set(weights.map((stored) => stored.path));
  const others = datasetsIn(root).filter((path) => !known.has(path) && !(numbered && isSeed(path)));
  const unexpected = others.find((path) => !trainingGroups.includes(path.split('/')[0] ?? ''));
  if (unexpected !== undefined) {
    throw new UserError('data-unexpected', `the file holds \`${unexpected}\`, which is no part of a Keras model; nothing can be promised about what it remembers.`, { file, remedy: 'Remove it from the file, or save the model again.' });
  }
  const version = Number.parseInt(stringsOf(root, 'keras_version')?.[0] ?? '', 10);
  return {
    config,
    generation: Number.isNaN(version) ? (numbered ? 3 : 2) : version,
    weights,
    optimizer: others,
    filtered: [...known, ...others].find((path) => hasFilters(root.get(path))),
    training: stringsOf(root, trainingAttribute)?.join(''),
  };
}

/** @throws UserError hdf5-layout-unsupported where the file can be looked at and not be written */
export function weightSource(contents: WeightsFile, topology: Topology, generation: number, texts?: ReadonlyMap<string, string>): WeightSource {
  if (contents.unwritable !== undefined) throw contents.unwritable;
  const numbered = contents.weights.some((stored) => stored.path === stored.name && /\/vars\/\d+$/.test(stored.path));
  return numbered ? variablesByLayer(contents.weights, topology, generation, texts) : weightsByLayer(contents.weights, generation);
}

/** The types narrower than float32 that weights are stored in. */
export function roundedTypes({ weights }: WeightsFile): readonly FloatType[] {
  return narrowTypes(weights.flatMap(({ type }) => (type === undefined ? [] : [{ type }])));
}

export function residuesOf(contents: WeightsFile, { resets }: Findings): readonly Residue[] {
  const left = [...resets.keys()].map((name): Residue => ({ name, kind: 'buffer', treatment: 'dropped' }));
  const residues = [...contents.optimizer.map((name): Residue => ({ name, kind: 'optimizer-state', treatment: 'dropped' })), ...left];
  return contents.training === undefined ? residues : [...residues, { name: trainingAttribute, kind: 'metadata', treatment: 'dropped' }];
}

/** What each dataset is given: tensors that stand elsewhere in the file are none, and some stand in two. */
export function datasetValues({ weights }: WeightsFile, { settings, texts, copies, resets }: Findings, values: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, Float32Array> {
  const own = [...values].filter(([name]) => !settings.has(name) && !texts.has(name));
  const repeated = [...copies].flatMap(([copy, original]): [string, Float32Array][] => {
    const numbers = values.get(original);
    return numbers === undefined ? [] : [[copy, numbers]];
  });
  const reset = weights.flatMap(({ name, values: { length } }): [string, Float32Array][] => {
    const number = resets.get(name);
    return number === undefined ? [] : [[name, new Float32Array(length).fill(number)]];
  });
  return new Map([...own, ...repeated, ...reset]);
}

/** The same container with new numbers in place, so that its structure cannot change; what the optimiser left is overwritten, then unlinked. */
export async function rewriteWeightsFile(bytes: Uint8Array, file: string, contents: WeightsFile, values: ReadonlyMap<string, Float32Array>): Promise<Uint8Array> {
  const known = new Set(contents.weights.map(({ name }) => name));
  const unwritable = [...values.keys()].find((name) => !known.has(name));
  if (unwritable !== undefined) throw new RangeError(`${unwritable} is not among the weights of the file`);
  const { bytes: written, result: { unlinked, inPieces } } = await withHdf5(bytes, file, 'a', (root) => {
    const replaced = contents.weights.flatMap(({ name, path }) => (values.has(name) ? [{ path, numbers: values.get(name) }] : []));
    const changed = [...replaced, ...contents.optimizer.map((path) => ({ path, numbers: undefined }))];
    const pieces = changed.filter(({ path, numbers }) => overwrite(root, path, numbers, file)).map(({ path }) => path);
    if (contents.training !== undefined) root.delete_attribute(trainingAttribute);
    // Groups of the later structure keep their links in other ways: what is in them is zeros by then.
    return { unlinked: hasSymbolTables(bytes) ? root.keys().filter((name) => trainingGroups.includes(name)) : [], inPieces: pieces };
  });
  if (inPieces.length > 0) await eraseOldPieces(bytes, written, file, contents, values, inPieces);
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
  if (!contents.unusedSpaceKept) await eraseDeleted(written, file);
  return written;
}

/** What somebody deleted from the file before, and what was unlinked here: nothing that is still in use may change by it. */
async function eraseDeleted(written: Uint8Array, file: string): Promise<void> {
  const before = await digestsOf(written, file);
  eraseUnused(written);
  const after = await digestsOf(written, file);
  if (after.size === before.size && [...before].every(([path, digest]) => after.get(path) === digest)) return;
  throw new UserError('hdf5-layout-unsupported', 'what was deleted from this kind of HDF5 file cannot be erased from it yet.', { file, remedy: 'Save the model again with Keras, into a new file.' });
}

/** Datasets in pieces that moved: what they held before must not stay in the file, and nothing else may have been touched. */
async function eraseOldPieces(bytes: Uint8Array, written: Uint8Array, file: string, contents: WeightsFile, values: ReadonlyMap<string, Float32Array>, inPieces: readonly string[]): Promise<void> {
  const unsupported = (cause?: unknown): UserError => piecesUnsupported(inPieces[0] ?? '', file, cause);
  try {
    eraseMoved(bytes, written, inPieces);
  } catch (error) {
    throw unsupported(error);
  }
  const changed = new Set(['', ...contents.weights.filter(({ name }) => values.has(name)).map(({ path }) => path), ...contents.optimizer]);
  const [before, after] = [await digestsOf(bytes, file), await digestsOf(written, file)];
  if (after.size !== before.size || [...before].some(([path, digest]) => !changed.has(path) && after.get(path) !== digest)) throw unsupported();
  const { weights } = await readWeightsFile(written, file);
  const wrong = weights.some(({ name, values: stored }) => {
    const given = values.get(name);
    return given !== undefined && !sameNumbers(stored, given, contents.weights.find((weight) => weight.name === name));
  });
  if (wrong) throw unsupported();
}

/** Numbers read back from the file against those that were given: rounded to the file's own type. */
function sameNumbers(stored: Float32Array, given: Float32Array, weight: StoredWeight | undefined): boolean {
  const { type } = weight ?? {};
  const rounded = type === undefined ? given.map(Math.round) : decodeFloats(encodeFloats(given, type), type);
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).equals(Buffer.from(rounded.buffer, rounded.byteOffset, rounded.byteLength));
}

/**
 * @param values undefined overwrites with zeros
 * @returns whether the dataset is stored in pieces that may have moved: those without a filter keep their size, and so their places
 */
function overwrite(root: hdf5.Group, path: string, values: Float32Array | undefined, file: string): boolean {
  const dataset = root.get(path);
  if (!(dataset instanceof hdf5.Dataset)) throw new UserError('model-damaged', `\`${path}\` cannot be written.`, { file, remedy: 'Copy or download the model again; if this one is intact, save it anew with Keras.' });
  writeDataset(dataset, values === undefined ? new Uint8Array(byteLength(dataset)) : encoded(path, values, dataset, file));
  return hasFilters(dataset);
}

/** Only pieces can be compressed or have checksums. */
function hasFilters(entity: ReturnType<hdf5.Group['get']>): boolean {
  return entity instanceof hdf5.Dataset && entity.filters.length > 0;
}

/** @throws UserError noise-beyond-type */
function encoded(path: string, values: Float32Array, dataset: hdf5.Dataset, file: string): Uint8Array {
  const type = floatType(dataset);
  if (type !== undefined) return encodeFinite(path, values, type, file);
  // A count of records, of four or eight bytes.
  const whole = BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
  return new Uint8Array(whole.buffer).slice(0, byteLength(dataset));
}

function erase(bytes: Uint8Array, text: Uint8Array): void {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = haystack.indexOf(text); at >= 0; at = haystack.indexOf(text, at + text.length)) haystack.fill(0, at, at + text.length);
}
