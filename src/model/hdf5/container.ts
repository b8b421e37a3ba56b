import * as hdf5 from 'h5wasm';
import { UserError } from '../../error';
import { heapsAreSound } from './global-heaps';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

export function isHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** HDF5 files live in the library's own memory file system while they are open; the counter keeps them apart. */
let opened = 0;

/**
 * Opens HDF5 bytes, hands the root group to `use`, and closes.
 * @param mode `r` reads; `a` changes a copy, which is returned
 * @throws UserError model-truncated, model-damaged; hdf5-failed after very many damaged files in one process
 */
export async function withHdf5<Result>(bytes: Uint8Array, file: string, mode: 'r' | 'a', use: (root: hdf5.Group) => Result): Promise<{ result: Result; bytes: Uint8Array }> {
  if (!heapsAreSound(bytes)) throw damaged(file);
  const module = await hdf5.ready;
  // Without it, a failed read returns whatever the memory held before.
  attempt(file, () => module.activate_throwing_error_handler());
  opened += 1;
  const path = `/model-${opened}.h5`;
  // The file system keeps a Node Buffer by reference: only a plain copy protects the caller's bytes.
  module.FS.writeFile(path, new Uint8Array(bytes));
  try {
    const root = attempt(file, () => new hdf5.File(path, mode));
    let result: Result;
    try {
      result = attempt(file, () => use(root));
    } finally {
      attempt(file, () => root.close());
    }
    return { result, bytes: mode === 'r' ? bytes : module.FS.readFile(path) };
  } finally {
    module.FS.unlink(path);
  }
}

function attempt<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    // Every error that is thrown through the library costs it some of its stack; after about a thousand it stops working for good.
    if (error instanceof Error && error.name === 'RuntimeError') {
      throw new UserError('hdf5-failed', 'the HDF5 library failed: this file is damaged, or very many damaged files came before it.', { file, remedy: 'Start the program again and try once more.', cause: error });
    }
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
  if (whole !== undefined) return strings(whole.value);
  const parts: string[] = [];
  for (let part = 0; ; part += 1) {
    const attribute = attributes[`${name}${part}`];
    if (attribute === undefined) return part === 0 ? undefined : parts;
    parts.push(...strings(attribute.value));
  }
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
