import * as hdf5 from 'h5wasm';
import { UserError } from '../../error';
import { requireFinite } from '../finite';
import { decodeFloats, type FloatType } from '../floats';
import { byteLength, readDataset, stringsOf } from '../hdf5/container';
import type { StoredTensor, WeightSource } from './layer';

/** One weight of one layer, and the dataset that holds it. */
export interface StoredWeight extends StoredTensor {
  readonly path: string;
  readonly layer: string;
  readonly weight: string;
  /** How the file stores the numbers; undefined for whole numbers. */
  readonly type?: FloatType | undefined;
}

/**
 * The weights as Keras writes them into HDF5: the group of each layer lists them in the attribute `weight_names`.
 * @throws UserError weights-missing, weights-type, weights-not-finite, model-damaged
 */
export function readWeights(root: hdf5.Group, groupPath: string, file: string, fileSize: number): readonly StoredWeight[] {
  const group = groupPath === '' ? root : root.get(groupPath);
  if (!(group instanceof hdf5.Group)) throw new UserError('weights-missing', 'the file holds a model\'s configuration and no weights.', { file, remedy: 'Save the whole model: model.save(…).' });
  const found: Omit<StoredWeight, 'name'>[] = [];
  for (const layer of [...(stringsOf(group, 'layer_names') ?? []), 'top_level_model_weights']) {
    const layerGroup = group.keys().includes(layer.split('/')[0] ?? '') ? group.get(layer) : null;
    if (!(layerGroup instanceof hdf5.Group)) {
      if (layer === 'top_level_model_weights') continue;
      throw new UserError('weights-missing', `the file lists the layer \`${layer}\` and does not hold it.`, { file, remedy: 'Save the whole model again: model.save(…).' });
    }
    for (const weight of stringsOf(layerGroup, 'weight_names') ?? []) {
      const path = [groupPath, layer, weight].filter((part) => part !== '').join('/');
      const dataset = root.get(path);
      if (!(dataset instanceof hdf5.Dataset)) {
        const elsewhere = dataset instanceof hdf5.ExternalLink ? `, but in the file ${dataset.filename}` : '';
        throw new UserError('weights-missing', `the weight \`${weight}\` is not in this file${elsewhere}.`, { file, remedy: 'Save the whole model into one file.' });
      }
      found.push({ path, layer, weight, type: floatType(dataset), shape: dataset.shape ?? [], values: readFloats(dataset, weight, file, fileSize) });
    }
  }
  const occurrences = new Map<string, number>();
  for (const { weight } of found) occurrences.set(weight, (occurrences.get(weight) ?? 0) + 1);
  return found.map((stored) => ({ ...stored, name: occurrences.get(stored.weight) === 1 ? stored.weight : stored.path }));
}

export function readFloats(dataset: hdf5.Dataset, name: string, file: string, fileSize: number): Float32Array {
  const type = floatType(dataset);
  // How many records statistics were taken from is a whole number, and counts as one of them.
  if (type === undefined && /\/(count(:0)?|vars\/2)$/.test(dataset.path) && dataset.shape?.length === 0) return Float32Array.of(Number(dataset.value));
  if (type === undefined && dataset.metadata.type === hdf5.Module.H5T_class_t.H5T_INTEGER.value) {
    throw new UserError('weights-quantized', `the weight \`${name}\` is stored as whole numbers: the model is quantised, and noise of a certified size cannot be added to rounded numbers.`, { file, remedy: 'Save the model without quantisation.' });
  }
  if (type === undefined) throw new UserError('weights-type', `the weight \`${name}\` is not stored as floating-point numbers.`, { file, remedy: 'Save the model with weights of type float32, float16 or float64.' });
  // A damaged header can promise any size; compression of weights never gains this much.
  if (byteLength(dataset) > 16 * fileSize + 1024) throw new UserError('model-damaged', `the weight \`${name}\` claims more numbers than the file can hold.`, { file, remedy: 'Copy or download it again.' });
  const values = decodeFloats(readDataset(dataset), type);
  requireFinite(name, values, file);
  return values;
}

/** Undefined where a dataset holds anything but floating-point numbers. */
export function floatType(dataset: hdf5.Dataset): FloatType | undefined {
  const { type, size } = dataset.metadata;
  const types: Readonly<Record<number, FloatType>> = { 2: 'float16', 4: 'float32', 8: 'float64' };
  if (isBfloat16(dataset)) return 'bfloat16';
  return type === hdf5.Module.H5T_class_t.H5T_FLOAT.value ? types[size] : undefined;
}

/** HDF5 has no such type: Keras 3 writes two bytes a number that mean nothing to HDF5, and notes beside them what they are. */
export function isBfloat16(dataset: hdf5.Dataset): boolean {
  const { type, size } = dataset.metadata;
  return type === hdf5.Module.H5T_class_t.H5T_OPAQUE.value && size === 2 && stringsOf(dataset, 'dtype')?.join('') === 'bfloat16';
}

/** Looks a layer's weight up by Keras's name for it, and where the file names its weights otherwise, by its place. */
export function weightsByLayer(weights: readonly StoredWeight[], generation: number): WeightSource {
  return {
    generation,
    names: weights.map((stored) => stored.name),
    find(layers, name, position) {
      const own = weights.filter((stored) => stored.layer === layers[0]);
      const [, ...nested] = layers;
      const scopes = (stored: StoredWeight): readonly string[] => stored.weight.split('/').slice(0, -1);
      const ending = own.filter((stored) => scopes(stored).slice(-nested.length).join('/') === nested.join('/') || scopes(stored).at(-1) === nested.at(-1));
      // Behind the name of a layer of several parts, such as a recurrent one, stand those of its parts.
      const within = own.filter((stored) => scopes(stored).includes(nested.at(-1) ?? ''));
      const candidates = nested.length === 0 ? [own] : [ending, within];
      const named = candidates.map((all) => all.filter((stored) => stored.weight.split('/').at(-1)?.replace(/:\d+$/, '') === name)).find(({ length }) => length === 1);
      return named?.[0] ?? candidates.find(({ length }) => length > position)?.[position];
    },
  };
}
