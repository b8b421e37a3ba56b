import { basename } from 'node:path';
import { UserError } from '../../error';
import { requireFinite } from '../finite';
import { buildGraph } from '../keras/build-graph';
import type { StoredTensor, WeightSource } from '../keras/layer';
import { chosenConstants, requireKnownMembers } from '../keras/settings';
import { readTopology } from '../keras/topology';
import type { Model, ModelFile, Residue } from '../model';
import { readBeside } from '../read-model-file';
import { byteLength, isOptimizerState, modelJson, type ModelJson, type WeightGroup } from './manifest';

/** A group's shards as one run of bytes: a weight may begin in one shard and end in the next. */
interface LoadedGroup {
  readonly group: WeightGroup;
  readonly shards: readonly ModelFile[];
}

interface Placed extends StoredTensor {
  readonly group: LoadedGroup;
  readonly offset: number;
  readonly length: number;
  readonly optimizer: boolean;
}

/**
 * Opens a TensorFlow.js layers model: `model.json` and the shards beside it.
 * @throws UserError graph-model-not-trainable, weights-missing, weights-quantized, weights-type, model-truncated, model-damaged, …
 */
export async function openTfjsLayers(bytes: Uint8Array, json: unknown, file: string): Promise<Model> {
  const parsed = modelJson.safeParse(json);
  if (!parsed.success) throw new UserError('model-config-invalid', `this is not a TensorFlow.js model.json: ${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`, { file, remedy: 'Convert the Keras model again: tensorflowjs_converter --output_format=tfjs_layers_model.' });
  const manifest = parsed.data;
  if (manifest.format === 'graph-model' || Array.isArray(manifest.modelTopology['node'])) {
    throw new UserError('graph-model-not-trainable', 'this is a TensorFlow.js graph model: its operations were frozen and fused for inference, and it cannot be trained.', { file, remedy: 'Convert the original Keras model with --output_format=tfjs_layers_model.' });
  }
  const groups = await Promise.all(manifest.weightsManifest.map((group) => load(group, file)));
  const placed = groups.flatMap((group) => place(group, file));
  const trained = placed.filter((tensor) => !tensor.optimizer);
  const config = manifest.modelTopology['model_config'];
  if (config !== undefined) requireKnownMembers(config, file);
  const topology = readTopology(config ?? manifest.modelTopology, file);
  const graph = buildGraph(topology, weightsByName(trained, file), file);
  const unused = trained.find((tensor) => !graph.tensors.has(tensor.name));
  if (unused !== undefined) throw new UserError('weights-unexpected', `the file lists the weight \`${unused.name}\`, and no layer of the model uses it.`, { file, remedy: 'Convert the Keras model again: tensorflowjs_converter --output_format=tfjs_layers_model.' });
  const { kept, dropped } = withoutNotes(json, manifest);
  const residues: Residue[] = [
    ...placed.filter((tensor) => tensor.optimizer).map(({ name }): Residue => ({ name, kind: 'optimizer-state', treatment: 'dropped' })),
    ...dropped.map((name): Residue => ({ name, kind: 'metadata', treatment: 'dropped' })),
  ];
  return {
    format: 'TensorFlow.js layers',
    graph,
    residues,
    chosenConstants: chosenConstants(manifest.modelTopology),
    write: (values) => Promise.resolve([
      { path: basename(file), bytes: residues.length === 0 ? bytes : new TextEncoder().encode(JSON.stringify(kept)) },
      ...groups.flatMap((group) => rewrite(group, placed, values)),
    ]),
  };
}

async function load(group: WeightGroup, file: string): Promise<LoadedGroup> {
  const shards = await Promise.all(group.paths.map((path) => readBeside(file, path)));
  return { group, shards };
}

function place(loaded: LoadedGroup, file: string): Placed[] {
  const whole = Buffer.concat(loaded.shards.map((shard) => shard.bytes));
  const paths = loaded.group.paths.join(', ');
  let offset = 0;
  const placed = loaded.group.weights.map((entry): Placed => {
    const length = byteLength(entry, file);
    const end = offset + length;
    if (end > whole.length) throw new UserError('model-truncated', `the weight files ${paths} end before the weight \`${entry.name}\` does.`, { file, remedy: 'Copy or download them again.' });
    const optimizer = isOptimizerState(entry);
    const values = optimizer ? new Float32Array() : new Float32Array(new Uint8Array(whole.subarray(offset, end)).buffer);
    requireFinite(entry.name, values, file);
    const tensor = { name: entry.name, shape: entry.shape, values, group: loaded, offset, length, optimizer };
    offset = end;
    return tensor;
  });
  if (offset !== whole.length) throw new UserError('data-unexpected', `the weight files ${paths} hold ${whole.length - offset} bytes that belong to no weight.`, { file, remedy: 'Convert the Keras model again: nothing can be promised about bytes that no weight holds.' });
  return placed;
}

/** TensorFlow.js finds a layer's weights by name: `dense_1/kernel`, with the names of nested models in front or not. */
function weightsByName(tensors: readonly StoredTensor[], file: string): WeightSource {
  const byName = new Map<string, StoredTensor>();
  for (const tensor of tensors) {
    const name = tensor.name.replace(/:\d+$/, '');
    if (byName.has(name)) throw new UserError('model-damaged', `the weight \`${name}\` is listed twice.`, { file, remedy: 'Convert the Keras model again: tensorflowjs_converter --output_format=tfjs_layers_model.' });
    byName.set(name, tensor);
  }
  return {
    generation: 2,
    names: tensors.map((tensor) => tensor.name),
    find: (layers, name, _, part) => {
      const path = [...layers, ...(part.name === undefined ? [] : [part.name]), name];
      const shorter = path.map((__, from) => path.slice(from).join('/')).slice(0, -1);
      return [...shorter, [...layers, name].join('/')].map((candidate) => byName.get(candidate)).find((tensor) => tensor !== undefined);
    },
  };
}

/** The same shards, cut at the same places; an optimiser's weights are cut out. */
function rewrite(loaded: LoadedGroup, placed: readonly Placed[], values: ReadonlyMap<string, Float32Array>): readonly ModelFile[] {
  const whole = Buffer.concat(loaded.shards.map((shard) => shard.bytes));
  const own = placed.filter((tensor) => tensor.group === loaded);
  for (const { name, offset, length, optimizer } of own) {
    const replacement = optimizer ? undefined : values.get(name);
    if (replacement === undefined) continue;
    if (replacement.byteLength !== length) throw new RangeError(`${name} holds ${length / 4} numbers and is given ${replacement.length}`);
    whole.set(new Uint8Array(replacement.buffer, replacement.byteOffset, replacement.byteLength), offset);
  }
  let start = 0;
  return loaded.shards.map(({ path, bytes }) => {
    const end = start + bytes.length;
    const kept = own.filter((tensor) => !tensor.optimizer).map(({ offset, length }) => whole.subarray(Math.max(offset, start), Math.min(offset + length, end)));
    const part = own.some((tensor) => tensor.optimizer) ? Buffer.concat(kept) : whole.subarray(start, end);
    start = end;
    return { path, bytes: new Uint8Array(part) };
  });
}

/** What says how the model computes, and where its weights are. */
const needed = new Set(['format', 'generatedBy', 'convertedBy', 'modelTopology', 'weightsManifest']);
const neededOfTopology = new Set(['model_config', 'keras_version', 'backend', 'class_name', 'config']);
const neededOfWeight = new Set(['name', 'shape', 'dtype', 'group', 'originalDtype']);

/** The manifest without whatever training, or anybody's notes about it, left there: settings of the optimiser, user-defined metadata, unknown members. */
function withoutNotes(json: unknown, { modelTopology, weightsManifest }: ModelJson): { readonly kept: object; readonly dropped: readonly string[] } {
  const dropped: string[] = [];
  const pick = (part: object, names: ReadonlySet<string>, path: string): object => Object.fromEntries(Object.entries(part).filter(([key]) => {
    if (!names.has(key)) dropped.push(`${path}${key}`);
    return names.has(key);
  }));
  const groups = weightsManifest.map(({ paths, weights }) => ({ paths, weights: weights.filter((weight) => !isOptimizerState(weight)).map((weight) => pick(weight, neededOfWeight, 'weightsManifest: ')) }));
  const kept = { ...pick(json as object, needed, ''), modelTopology: pick(modelTopology, neededOfTopology, 'modelTopology: '), weightsManifest: groups };
  return { kept, dropped: [...new Set(dropped)] };
}
