import * as hdf5 from 'h5wasm';
import { UserError } from '../error';
import type { Hdf5Library } from '../hdf5-library';
import { largestExpansion } from './byte-source';
import type { ArrayStream } from './element-stream';
import { mountFile } from './hdf5-mount';
import { decodeElements, elementCount, elementSize } from './numeric-array';
import type { ElementType } from './numeric-array';
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

/** A group may hold itself, or twice what holds something twice, and so on. */
const deepestGroup = 32;
const mostObjects = 10_000;

/** All datasets, by their paths. @throws RangeError where the groups lead round in a circle. @throws UserError `hdf5-objects`. */
function datasetsIn(file: hdf5.File, where: Where): { readonly name: string; readonly dataset: hdf5.Dataset }[] {
  let objects = 0;
  const visit = (group: hdf5.Group, prefix: string, depth: number): { name: string; dataset: hdf5.Dataset }[] => {
    if (depth > deepestGroup) throw new RangeError('groups are nested deeper than in any real file');
    return group.keys().flatMap((name) => {
      objects += 1;
      if (objects > mostObjects) throw new UserError('hdf5-objects', `holds more than ${mostObjects.toLocaleString('en')} groups and datasets, which are too many to be looked through.`, { ...where, remedy: 'Name the dataset in "featuresKey" and "labelsKey".' });
      const entry = group.get(name);
      if (entry instanceof hdf5.Group) return visit(entry, `${prefix}${name}/`, depth + 1);
      return entry instanceof hdf5.Dataset ? [{ name: `${prefix}${name}`, dataset: entry }] : [];
    });
  };
  return visit(file, '', 0);
}

/** What a dataset says of itself. */
interface Found {
  readonly path: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Shape of the pieces that the file holds it in, where it is not in one. */
  readonly chunks: readonly number[] | undefined;
}

function findDataset(file: hdf5.File, key: string | undefined, where: Where, keyField: string | undefined): Found {
  const at = { ...where, field: keyField ?? where.field };
  const named = key === undefined ? undefined : file.get(key.replace(/^\/+/, ''));
  const all = named instanceof hdf5.Dataset ? [] : datasetsIn(file, at);
  const dataset = named instanceof hdf5.Dataset ? named : key === undefined && all.length === 1 ? all[0]?.dataset : undefined;
  const list = all.slice(0, 20).map(({ name }) => name).join(', ') || '–';
  if (dataset === undefined && key === undefined) throw new UserError('hdf5-key', `say which dataset is meant. There are: ${list}.`, { ...at, remedy: 'Name it in "featuresKey" or "labelsKey".' });
  if (dataset === undefined) throw new UserError('hdf5-key', `has no dataset "${key ?? ''}". There are: ${list}.`, { ...at, remedy: 'Name one of these in "featuresKey" or "labelsKey".' });
  const name = dataset.path.replace(/^\/+/, '');
  const type = elementType(dataset);
  if (type === undefined) throw new UserError('hdf5-type', `the dataset "${name}" does not hold integers or floating-point numbers of up to 8 bytes.`, { ...at, remedy: 'Save it as float32, for example.' });
  const { shape, chunks } = dataset.metadata;
  if (shape === null) throw new UserError('hdf5-type', `the dataset "${name}" is not an array of numbers.`, { ...at, remedy: 'Name a dataset that has a shape and numbers.' });
  return { path: dataset.path, type, shape: [...shape], chunks: chunks === null ? undefined : [...chunks] };
}

/** Of a dataset that was never filled, the file holds nothing but its size, which may be any; and the library makes room for a piece before it looks for it. */
function requirePlausible({ path, type, shape, chunks }: Found, fileSize: number, where: Where): void {
  const most = Math.max(fileSize * largestExpansion, smallest);
  for (const size of [shape, chunks ?? []]) {
    const promised = elementCount(size) * elementSize(type);
    if (promised > most) throw new UserError('hdf5-size', `the dataset "${path.replace(/^\/+/, '')}" promises ${promised} bytes, which a file of ${fileSize} cannot hold.`, { ...where, remedy: 'Copy the file again if it is damaged; if the dataset was only made and never filled, name another one.' });
  }
}

/** Elements of some rows, those of the first dimension; of everything where there is none. Half precision is a type that the library has no name for, but the bytes of it. */
function readRows(library: Hdf5Library, file: hdf5.File, { path, type, shape }: Found, first: number, end: number): Uint8Array {
  const wanted = shape.map((size, axis) => (axis === 0 ? end - first : size));
  const length = elementCount(wanted) * elementSize(type);
  if (length === 0) return new Uint8Array();
  const pointer = library._malloc(length);
  if (pointer === 0) throw new RangeError(`no memory for ${length} bytes`);
  library.get_dataset_data(file.file_id, path, wanted.map(BigInt), shape.map((_, axis) => BigInt(axis === 0 ? first : 0)), shape.map(() => 1n), BigInt(pointer));
  return library.HEAPU8.slice(pointer, pointer + length);
}

/** Bytes that are no bomb, however small the file is. */
const smallest = 1 << 20;
/** What the library takes beside the elements: its lists and caches, and a compressed piece while it is unpacked. */
const headroom = 100e6;
const blockSize = 1 << 22;
/** Chunks that a file is compressed in may be larger. */
const largestBlock = 1 << 28;

/** Rows to read at once, some megabytes, and whole chunks, so that none is decompressed twice; and how much memory the library may have for it. @throws UserError `hdf5-rows`. */
function blocksOf({ type, shape, chunks }: Found, { MAXIMUM_MEMORY }: Hdf5Library, where: Where): { readonly rows: number; readonly memory: number } {
  const rowSize = Math.max(1, elementCount(shape.slice(1)) * elementSize(type));
  const wanted = Math.max(1, Math.floor(blockSize / rowSize));
  const chunk = chunks?.[0] ?? 1;
  const whole = Math.ceil(wanted / chunk) * chunk;
  const rows = whole * rowSize <= largestBlock ? whole : wanted;
  const memory = headroom + rows * rowSize + 4 * elementCount(chunks ?? [0]) * elementSize(type);
  if (rows * rowSize > MAXIMUM_MEMORY) throw new UserError('hdf5-rows', `has records of ${rowSize} bytes, which are too large.`, { ...where, remedy: 'Split the records into smaller ones, or save them as .npy.' });
  return { rows, memory };
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
 * @throws UserError `hdf5-damaged`, `hdf5-objects`.
 */
export async function listHdf5(source: SourceFile): Promise<Hdf5Dataset[]> {
  const where = { file: source.file, field: source.field };
  const mounted = await mountFile(source);
  try {
    return await mounted.use(headroom, (file) => datasetsIn(file, where).map(({ name, dataset }) => ({ name, type: elementType(dataset), shape: dataset.metadata.shape ?? [] })));
  } catch (cause) {
    throw damaged(where, cause);
  } finally {
    mounted.unmount();
  }
}

/**
 * Opens one dataset of an HDF5 file to be read piece by piece; only what is asked for is read from the file. By its path in the
 * file; without a key there must be only one.
 * @throws UserError `hdf5-damaged`, `hdf5-key`, `hdf5-objects`, `hdf5-type`, `hdf5-size`, `hdf5-rows`, `value-too-large`, `disk-full`; while it is read, too.
 */
export async function openHdf5Stream(source: SourceFile, key: string | undefined, keyField?: string): Promise<ArrayStream> {
  const where = { file: source.file, field: source.field };
  const mounted = await mountFile(source);
  try {
    const { found, rows, memory } = await mounted.use(headroom, (file, library) => {
      const dataset = findDataset(file, key, where, keyField);
      requirePlausible(dataset, mounted.size, where);
      return { found: dataset, ...blocksOf(dataset, library, where) };
    });
    const { shape, type } = found;
    const count = shape[0] ?? 1;
    return {
      shape,
      likelyLength: elementCount(shape),
      async *blocks() {
        for (let row = 0; row < count; row += rows) {
          const bytes = await mounted.use(memory, (file, library) => readRows(library, file, found, row, Math.min(row + rows, count))).catch((cause: unknown) => {
            throw damaged(where, cause);
          });
          // The library has brought the elements into its own byte order, which is little-endian.
          yield decodeElements(bytes, type, true, where);
        }
      },
      close: () => mounted.unmount(),
    };
  } catch (cause) {
    mounted.unmount();
    throw damaged(where, cause);
  }
}
