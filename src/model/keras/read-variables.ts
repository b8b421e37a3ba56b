import * as hdf5 from 'h5wasm';
import type { WeightSource } from './layer';
import { floatType, readFloats, type StoredWeight } from './read-weights';
import type { LayerNode, Topology } from './topology';

/** The weights as Keras 3 writes them in `.weights.h5` and `.keras`: the variables of each layer by number, under the layer's class. */
export function readVariables(root: hdf5.Group, file: string, fileSize: number): readonly StoredWeight[] {
  return datasetsIn(root).flatMap((path) => {
    const [, layer, weight] = /^((?:layers\/.+)|)\/?vars\/(\d+)$/.exec(path) ?? [];
    const dataset = root.get(path);
    // Seeds of random layers are whole numbers, and no training data went into them.
    if (layer === undefined || weight === undefined || !(dataset instanceof hdf5.Dataset) || (isSeed(path) && floatType(dataset) === undefined)) return [];
    return [{ name: path, path, layer, weight, type: floatType(dataset), shape: dataset.shape ?? [], values: readFloats(dataset, path, file, fileSize) }];
  });
}

export function isSeed(path: string): boolean {
  return path.includes('/seed_generator/');
}

export function datasetsIn(root: hdf5.Group): readonly string[] {
  return root.paths().map((path) => path.replace(/^\//, '')).filter((path) => !(root.get(path) instanceof hdf5.Group));
}

/**
 * Layers of the same class are numbered in the order of the model: `layers/dense`, `layers/dense_1`, whatever their names.
 * @param generation Keras 2 writes such files too, from 2.12 on
 * @param texts what layers keep in files of their own, by the names of these
 */
export function variablesByLayer(weights: readonly StoredWeight[], topology: Topology, generation = 3, texts: ReadonlyMap<string, string> = new Map()): WeightSource {
  const groups = new Map<string, string>();
  const visit = (layers: readonly LayerNode[], names: readonly string[], group: string): void => {
    const used = new Map<string, number>();
    for (const layer of layers) {
      const stem = snakeCase(pythonNames[layer.className] ?? layer.className);
      const count = used.get(stem) ?? 0;
      used.set(stem, count + 1);
      const own = `${group}layers/${count === 0 ? stem : `${stem}_${count}`}`;
      groups.set([...names, layer.name].join('/'), own);
      if (layer.nested !== undefined) visit(layer.nested.layers, [...names, layer.name], layer.className === 'TimeDistributed' ? `${own}/layer/` : `${own}/`);
    }
  };
  visit(topology.layers, [], '');
  const byPath = new Map(weights.map((stored) => [stored.path, stored]));
  return {
    generation,
    names: weights.map((stored) => stored.name),
    find: (layers, _, __, { attributes, position }) => byPath.get([groups.get(layers.join('/')) ?? '', ...(attributes === '' ? [] : [attributes]), 'vars', position].join('/')),
    text: (layers, attributes) => {
      const name = ['assets', groups.get(layers.join('/')) ?? '', ...(attributes === '' ? [] : [attributes]), 'vocabulary.txt'].join('/');
      const text = texts.get(name);
      return text === undefined ? undefined : { name, text };
    },
  };
}

/** Classes that go by another name in a model's configuration. */
const pythonNames: Readonly<Record<string, string>> = { Model: 'Functional', GroupQueryAttention: 'GroupedQueryAttention' };

/** keras/src/utils/naming.py, `to_snake_case`. */
export function snakeCase(className: string): string {
  return className.replace(/\W+/g, '').replace(/(.)([A-Z][a-z]+)/g, '$1_$2').replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}
