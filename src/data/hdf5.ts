import * as hdf5 from 'h5wasm';
import { UserError } from '../error';
import { decodeElements } from './numeric-array';
import type { ElementType, NumericArray } from './numeric-array';
import type { Where } from './source-file';

/** Open files live in the library's own memory file system; the counter keeps them apart. */
let opened = 0;

/** Type classes of HDF5: H5T_INTEGER and H5T_FLOAT. */
const integerClass = 0;
const floatClass = 1;

function elementType(dataset: hdf5.Dataset): ElementType | undefined {
  const { type, size, signed } = dataset.metadata;
  if (type === floatClass) return size === 4 || size === 8 ? `f${size}` : undefined;
  if (type !== integerClass || (size !== 1 && size !== 2 && size !== 4 && size !== 8)) return undefined;
  return `${signed ? 'i' : 'u'}${size}`;
}

function datasetNames(group: hdf5.Group, prefix = ''): string[] {
  return group.keys().flatMap((name) => {
    const entry = group.get(name);
    if (entry instanceof hdf5.Group) return datasetNames(entry, `${prefix}${name}/`);
    return entry instanceof hdf5.Dataset ? [`${prefix}${name}`] : [];
  });
}

function readDataset(file: hdf5.File, key: string | undefined, where: Where, keyField: string | undefined): NumericArray {
  const names = datasetNames(file);
  const name = key?.replace(/^\/+/, '') ?? (names.length === 1 ? names[0] : undefined);
  const at = { ...where, field: keyField ?? where.field };
  const list = names.slice(0, 20).join(', ') || 'none';
  if (name === undefined) throw new UserError('hdf5-key', `say which dataset is meant. There are: ${list}.`, at);
  const dataset = names.includes(name) ? file.get(name) : null;
  if (!(dataset instanceof hdf5.Dataset)) throw new UserError('hdf5-key', `has no dataset "${name}". There are: ${list}.`, at);
  const type = elementType(dataset);
  if (type === undefined) throw new UserError('hdf5-type', `the dataset "${name}" does not hold integers or floating-point numbers of up to 8 bytes.`, { ...at, remedy: 'Save it as float32, for example.' });
  const raw = dataset.value;
  if (!ArrayBuffer.isView(raw)) throw new UserError('hdf5-type', `the dataset "${name}" is not an array of numbers.`, at);
  // The library has brought the elements into its own byte order, which is little-endian.
  const bytes = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  return { shape: dataset.metadata.shape ?? [], values: decodeElements(bytes, type, true, where) };
}

/** What a dataset of an HDF5 file holds; no type where it holds no numbers that can be read. */
export interface Hdf5Dataset {
  readonly name: string;
  readonly type: ElementType | undefined;
  readonly shape: readonly number[];
}

async function withFile<T>(bytes: Uint8Array, where: Where, use: (file: hdf5.File) => T): Promise<T> {
  const module = await hdf5.ready;
  // Without it, a failed read gives whatever the memory held before.
  module.activate_throwing_error_handler();
  const path = `/data-${opened++}.h5`;
  module.FS.writeFile(path, bytes);
  try {
    const file = new hdf5.File(path, 'r');
    try {
      return use(file);
    } finally {
      file.close();
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('hdf5-damaged', 'is not an HDF5 file, or a damaged one.', { ...where, cause });
  } finally {
    module.FS.unlink(path);
  }
}

/**
 * The datasets of an HDF5 file, none of them read.
 * @throws UserError `hdf5-damaged`.
 */
export async function listHdf5(bytes: Uint8Array, where: Where = {}): Promise<Hdf5Dataset[]> {
  return withFile(bytes, where, (file) => datasetNames(file).map((name) => {
    const dataset = file.get(name);
    return dataset instanceof hdf5.Dataset ? { name, type: elementType(dataset), shape: dataset.metadata.shape ?? [] } : { name, type: undefined, shape: [] };
  }));
}

/**
 * Reads one dataset of an HDF5 file by its path in the file. Without a key there must be only one.
 * @throws UserError `hdf5-damaged`, `hdf5-key`, `hdf5-type`, `value-too-large`.
 */
export async function parseHdf5(bytes: Uint8Array, key: string | undefined, where: Where = {}, keyField?: string): Promise<NumericArray> {
  return withFile(bytes, where, (file) => readDataset(file, key, where, keyField));
}
