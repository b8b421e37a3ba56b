import * as hdf5 from 'h5wasm';
import { UserError } from '../../error';
import { heapsAreSound } from './global-heaps';
import { withLibrary } from '../../hdf5-library';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

export function isHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** Bytes that the library may take beside the weights, none of which is larger than 16 times the file. */
const headroom = 200e6;

/** HDF5 files live in the library's own memory file system while they are open; the counter keeps them apart. */
let opened = 0;

/**
 * Opens HDF5 bytes, hands the root group to `use`, and closes.
 * @param mode `r` reads; `a` changes a copy, which is returned
 * @throws UserError model-truncated, model-damaged, hdf5-filter-unsupported
 */
export async function withHdf5<Result>(bytes: Uint8Array, file: string, mode: 'r' | 'a', use: (root: hdf5.Group) => Result): Promise<{ result: Result; bytes: Uint8Array }> {
  if (!heapsAreSound(bytes)) throw damaged(file);
  opened += 1;
  const path = `/model-${opened}.h5`;
  return withLibrary(16 * bytes.length + headroom, (library) => {
    // The file system keeps a Node Buffer by reference: only a plain copy protects the caller's bytes.
    library.FS.writeFile(path, new Uint8Array(bytes));
    try {
      const result = attempt(file, () => {
        const root = new hdf5.File(path, mode);
        const found = use(root);
        root.close();
        return found;
      });
      return { result, bytes: mode === 'r' ? bytes : library.FS.readFile(path) };
    } finally {
      library.FS.unlink(path);
    }
  });
}

function attempt<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes('truncated file')) {
      throw new UserError('model-truncated', 'the HDF5 file ends before its own header says it does.', { file, remedy: 'Copy or download it again.', cause: error });
    }
    const [, filter] = /required filter '([^']+)' is not registered/.exec(message) ?? [];
    if (filter !== undefined) {
      throw new UserError('hdf5-filter-unsupported', `the file is compressed by the filter "${filter}", which is no part of the HDF5 library.`, { file, remedy: 'Compress it another way: h5repack -f GZIP=6 OLD NEW.', cause: error });
    }
    throw damaged(file, error);
  }
}

function damaged(file: string, cause?: unknown): UserError {
  return new UserError('model-damaged', 'the HDF5 file is damaged: the HDF5 library cannot read all of it.', { file, remedy: 'Copy or download it again.', cause });
}

/** The numbers of a dataset as bytes, little-endian, in its own type; scalars and empty datasets too. */
export function readDataset(dataset: hdf5.Dataset): Uint8Array {
  const length = byteLength(dataset);
  return withMemory(length, (memory, at) => {
    if (length > 0) hdf5.Module.get_dataset_data(dataset.file_id, dataset.path, null, null, null, BigInt(at));
    return memory().slice(at, at + length);
  });
}

/** Replaces the numbers of a dataset, given as `readDataset` returns them. */
export function writeDataset(dataset: hdf5.Dataset, bytes: Uint8Array): void {
  const length = byteLength(dataset);
  if (bytes.length !== length) throw new RangeError(`${dataset.path} holds ${length} bytes and is given ${bytes.length}`);
  if (length === 0) return;
  withMemory(length, (memory, at) => {
    memory().set(bytes, at);
    hdf5.Module.set_dataset_data(dataset.file_id, dataset.path, null, null, null, BigInt(at));
  });
}

export function byteLength(dataset: hdf5.Dataset): number {
  const { size, total_size: count, vlen } = dataset.metadata;
  if (vlen) throw new RangeError(`${dataset.path} holds pointers, not numbers`);
  return size * count;
}

/** The library's memory can move whenever it grows: it is asked for anew each time. */
function withMemory<Result>(length: number, use: (memory: () => Uint8Array, at: number) => Result): Result {
  const { Module: library } = hdf5;
  const at = library._malloc(length);
  if (at === 0 && length > 0) throw new RangeError(`no memory for ${length} bytes`);
  try {
    return use(() => library.HEAPU8, at);
  } finally {
    library._free(at);
  }
}

/** The strings of an attribute: one, or a list that Keras splits into `name0`, `name1`, … where it is too long for one. */
export function stringsOf(group: hdf5.Group | hdf5.Dataset, name: string): readonly string[] | undefined {
  const attributes = group.attrs;
  const whole = attributes[name];
  if (whole !== undefined) return strings(valueOf(whole));
  const parts: string[] = [];
  for (let part = 0; ; part += 1) {
    const attribute = attributes[`${name}${part}`];
    if (attribute === undefined) return part === 0 ? undefined : parts;
    parts.push(...strings(valueOf(attribute)));
  }
}

/** Bytes. Attributes lie in the headers of objects, at most 64 KiB each in the usual structure, and name what is large by its place. */
const largestAttribute = 2 ** 26;

/**
 * What an attribute holds. A damaged one may claim to be of any size, and the library would find the memory for it.
 * @throws RangeError where it is larger than any real one
 */
export function valueOf(attribute: hdf5.Attribute): hdf5.Attribute['value'] {
  const { size, total_size: count } = attribute.metadata;
  if (size * count > largestAttribute) throw new RangeError(`an attribute of ${size * count} bytes`);
  return attribute.value;
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
