import * as hdf5 from 'h5wasm';
import { readDataset, withHdf5 } from '../../../src/model/hdf5/container';

/** Everything in an HDF5 file but the numbers of its datasets: groups, attributes with types and values, datasets with types, shapes and filters. */
export async function structureOf(bytes: Uint8Array): Promise<Record<string, unknown>> {
  const { result } = await withHdf5(bytes, 'structure', 'r', (root) => {
    const found: Record<string, unknown> = {};
    for (const path of ['/', ...root.paths()]) {
      const entity = root.get(path);
      if (!(entity instanceof hdf5.Group) && !(entity instanceof hdf5.Dataset)) throw new Error(`unexpected link ${path}`);
      const attributes = Object.entries(entity.attrs).map(([name, attribute]) => [name, attribute.metadata, attribute.value]);
      found[path.replace(/^(?=[^/])/, '/')] = { attributes, ...(entity instanceof hdf5.Dataset ? { metadata: entity.metadata, filters: entity.filters } : {}) };
    }
    return found;
  });
  return result;
}

export async function datasetBytes(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  const { result } = await withHdf5(bytes, 'dataset', 'r', (root) => {
    const dataset = root.get(path);
    if (!(dataset instanceof hdf5.Dataset)) throw new Error(`${path} is no dataset`);
    return readDataset(dataset);
  });
  return result;
}
