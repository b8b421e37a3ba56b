import * as hdf5 from 'h5wasm';
import { UserError } from '../error';
import { largestExpansion } from './byte-source';
import type { ArrayStream } from './element-stream';
import { mountFile } from './hdf5-mount';
import { decodeElements, elementCount, elementSize } from './numeric-array';
import type { ElementType, NumericValues } from './numeric-array';
import type { SourceFile, Where } from './source-file';

/** Type classes of HDF5: H5T_INTEGER and H5T_FLOAT. */
const integerClass = 0;
const floatClass = 1;

function elementType(dataset: hdf5.Dataset): ElementType | undefined {
  const { type, size, signed } = dataset.metadata;
  if (type === floatClass) return size === 2 || size === 4 || size === 8 ? `f${size}` : undefined;
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

interface Found {
  readonly dataset: hdf5.Dataset;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

function findDataset(file: hdf5.File, key: string | undefined, where: Where, keyField: string | undefined): Found {
  const names = datasetNames(file);
  const name = key?.replace(/^\/+/, '') ?? (names.length === 1 ? names[0] : undefined);
  const at = { ...where, field: keyField ?? where.field };
  const list = names.slice(0, 20).join(', ') || '–';
  if (name === undefined) throw new UserError('hdf5-key', `say which dataset is meant. There are: ${list}.`, { ...at, remedy: 'Name it in "featuresKey" or "labelsKey".' });
  const dataset = names.includes(name) ? file.get(name) : null;
  if (!(dataset instanceof hdf5.Dataset)) throw new UserError('hdf5-key', `has no dataset "${name}". There are: ${list}.`, { ...at, remedy: 'Name one of these in "featuresKey" or "labelsKey".' });
  const type = elementType(dataset);
  if (type === undefined) throw new UserError('hdf5-type', `the dataset "${name}" does not hold integers or floating-point numbers of up to 8 bytes.`, { ...at, remedy: 'Save it as float32, for example.' });
  const { shape } = dataset.metadata;
  if (shape === null) throw new UserError('hdf5-type', `the dataset "${name}" is not an array of numbers.`, { ...at, remedy: 'Name a dataset that has a shape and numbers.' });
  return { dataset, type, shape };
}

/** Elements of some rows, those of the first dimension; of everything where there is none. Half precision is a type that the library has no name for, but the bytes of it. */
function readRows(module: Awaited<typeof hdf5.ready>, { dataset, type, shape }: Found, first: number, end: number, where: Where): NumericValues {
  const wanted = shape.map((size, axis) => (axis === 0 ? end - first : size));
  const length = elementCount(wanted) * elementSize(type);
  if (length === 0) return new Uint8Array();
  if (length > module.MAXIMUM_MEMORY) throw new UserError('hdf5-rows', `has records of ${length} bytes, which are too large.`, { ...where, remedy: 'Split the records into smaller ones, or save them as .npy.' });
  const pointer = module._malloc(length);
  if (pointer === 0) throw new UserError('hdf5-rows', `has records of ${length} bytes, which are too large.`, { ...where, remedy: 'Split the records into smaller ones, or save them as .npy.' });
  try {
    module.get_dataset_data(dataset.file_id, dataset.path, wanted.map(BigInt), shape.map((_, axis) => BigInt(axis === 0 ? first : 0)), shape.map(() => 1n), BigInt(pointer));
    // The library has brought the elements into its own byte order, which is little-endian.
    return decodeElements(module.HEAPU8.slice(pointer, pointer + length), type, true, where);
  } finally {
    module._free(pointer);
  }
}

const blockSize = 1 << 22;
/** Chunks that a file is compressed in may be larger. */
const largestBlock = 1 << 28;

/** Rows to read at once: some megabytes, and whole chunks, so that none is decompressed twice. */
function rowsOfBlock({ dataset, type, shape }: Found): number {
  const rowSize = Math.max(1, elementCount(shape.slice(1)) * elementSize(type));
  const rows = Math.max(1, Math.floor(blockSize / rowSize));
  const chunk = dataset.metadata.chunks?.[0] ?? 1;
  const whole = Math.ceil(rows / chunk) * chunk;
  return whole * rowSize <= largestBlock ? whole : rows;
}

/** What a dataset of an HDF5 file holds; no type where it holds no numbers that can be read. */
export interface Hdf5Dataset {
  readonly name: string;
  readonly type: ElementType | undefined;
  readonly shape: readonly number[];
}

function damaged(where: Where, cause: unknown): unknown {
  return cause instanceof UserError ? cause : new UserError('hdf5-damaged', 'is not an HDF5 file, or a damaged one.', { ...where, remedy: 'Copy or download it again, or name its real format in "format".', cause });
}

/**
 * The datasets of an HDF5 file, none of them read.
 * @throws UserError `hdf5-damaged`.
 */
export async function listHdf5(source: SourceFile): Promise<Hdf5Dataset[]> {
  const mounted = await mountFile(source);
  try {
    const file = new hdf5.File(mounted.path, 'r');
    try {
      return datasetNames(file).map((name) => {
        const dataset = file.get(name);
        return dataset instanceof hdf5.Dataset ? { name, type: elementType(dataset), shape: dataset.metadata.shape ?? [] } : { name, type: undefined, shape: [] };
      });
    } finally {
      file.close();
    }
  } catch (cause) {
    throw damaged({ file: source.file, field: source.field }, cause);
  } finally {
    mounted.unmount();
  }
}

/**
 * Opens one dataset of an HDF5 file to be read piece by piece; only what is asked for is read from the file. By its path in the
 * file; without a key there must be only one.
 * @throws UserError `hdf5-damaged`, `hdf5-key`, `hdf5-type`, `value-too-large`, `disk-full`; while it is read, too.
 */
export async function openHdf5Stream(source: SourceFile, key: string | undefined, keyField?: string): Promise<ArrayStream> {
  const where = { file: source.file, field: source.field };
  const mounted = await mountFile(source);
  let file: hdf5.File | undefined;
  const close = (): void => {
    file?.close();
    mounted.unmount();
  };
  let found: Found;
  try {
    file = new hdf5.File(mounted.path, 'r');
    found = findDataset(file, key, where, keyField);
  } catch (cause) {
    close();
    throw damaged(where, cause);
  }
  const { shape } = found;
  const rows = rowsOfBlock(found);
  return {
    shape,
    likelyLength: Math.min(elementCount(shape), source.size * largestExpansion),
    *blocks() {
      try {
        for (let row = 0; row < (shape[0] ?? 1); row += rows) yield readRows(mounted.module, found, row, Math.min(row + rows, shape[0] ?? 1), where);
      } catch (cause) {
        throw damaged(where, cause);
      }
    },
    close,
  };
}
