import { UserError } from '../error';
import { parseCifar } from './cifar';
import { openElementStream } from './element-stream';
import type { ArrayStream } from './element-stream';
import { parseIdx } from './idx';
import { parseJsonArray } from './json-array';
import { parseNpy } from './npy';
import { parseNpz } from './npz';
import type { NumericArray } from './numeric-array';
import { decodePng } from './png';
import { readFileBytes, readStart } from './source-file';
import type { SourceFile, Where } from './source-file';
import type { RawLabel } from './labels';

export type ArrayFormat = 'idx' | 'npy' | 'npz' | 'hdf5' | 'png' | 'cifar10' | 'cifar100';

/** Which array of a file is meant, where it may hold several, and the field that says so. */
export interface ArrayKey {
  readonly key: string | undefined;
  readonly field: string;
}

/** Labels as an array holds them, with its shape. */
export interface LabelArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<RawLabel>;
}

const hdf5Signature = [0x89, 0x48, 0x44, 0x46];

async function parseFeatures(bytes: Uint8Array, format: ArrayFormat, key: ArrayKey, where: Where): Promise<NumericArray> {
  switch (format) {
    case 'idx': return parseIdx(bytes, where);
    case 'npy': return parseNpy(bytes, where);
    case 'npz': return parseNpz(bytes, key.key, where, key.field);
    case 'hdf5': return (await import('./hdf5')).parseHdf5(bytes, key.key, where, key.field);
    case 'png': return decodePng(bytes, where);
    case 'cifar10':
    case 'cifar100': return parseCifar(bytes, format, where).images;
  }
}

/** The format that the first bytes of a file tell; undefined for none of these, such as JSON. */
export function formatOfBytes(bytes: Uint8Array): 'npy' | 'npz' | 'hdf5' | 'idx' | undefined {
  if (bytes[0] === 0x93) return 'npy';
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return 'npz';
  if (hdf5Signature.every((byte, index) => bytes[index] === byte)) return 'hdf5';
  return bytes[0] === 0 && bytes[1] === 0 ? 'idx' : undefined;
}

/** Labels may be in another format than the features: the first bytes tell which. */
async function parseLabels(bytes: Uint8Array, format: ArrayFormat, key: ArrayKey, where: Where): Promise<LabelArray> {
  if (format === 'cifar10' || format === 'cifar100') return parseCifar(bytes, format, where).labels;
  const found = formatOfBytes(bytes);
  return found === undefined ? parseJsonArray(bytes, where) : parseFeatures(bytes, found, key, where);
}

/**
 * Opens the features of one file, records along the first dimension. IDX, NPY and HDF5 are read piece by piece; an archive, images, and a NPY
 * file in Fortran order as a whole.
 * @throws UserError of the format.
 */
export async function openFeatures(file: SourceFile, format: ArrayFormat, key: ArrayKey): Promise<ArrayStream> {
  const stream = format === 'idx' || format === 'npy' ? await openElementStream(file, format) : format === 'hdf5' ? await (await import('./hdf5')).openHdf5Stream(file, key.key, key.field) : undefined;
  if (stream !== undefined) return stream;
  const { shape, values } = await parseFeatures(await readFileBytes(file), format, key, { file: file.file, field: file.field });
  return { shape, likelyLength: values.length, blocks: () => [values], close: () => undefined };
}

/** Labels of a HDF5 file, which may be much larger than they are; undefined for other files. */
async function labelsInHdf5(file: SourceFile, key: ArrayKey): Promise<LabelArray | undefined> {
  if (formatOfBytes(await readStart(file, 4)) !== 'hdf5') return undefined;
  const { openHdf5Stream } = await import('./hdf5');
  const stream = await openHdf5Stream(file, key.key, key.field);
  if (stream === undefined) return undefined;
  try {
    const values: number[] = [];
    for await (const block of stream.blocks()) for (const value of block) values.push(value);
    return { shape: stream.shape, values };
  } finally {
    stream.close();
  }
}

/**
 * Labels of one or several files, one after the other.
 * @throws UserError of the format, or `label-shape` between files.
 */
export async function readLabels(files: readonly SourceFile[], format: ArrayFormat, key: ArrayKey): Promise<LabelArray> {
  const arrays: LabelArray[] = [];
  for (const file of files) arrays.push((await labelsInHdf5(file, key)) ?? (await parseLabels(await readFileBytes(file), format, key, { file: file.file, field: file.field })));
  const [first] = arrays;
  if (first === undefined || arrays.length === 1) return first ?? { shape: [0], values: [] };
  const rest = first.shape.slice(1);
  const odd = arrays.findIndex((array) => array.shape.slice(1).join() !== rest.join());
  if (odd >= 0) throw new UserError('label-shape', `its labels have another shape than those of ${files[0]?.file ?? ''}.`, { file: files[odd]?.file, field: files[odd]?.field, remedy: 'Give all label files the same form: one label a record, or one row a record with a single 1.' });
  return { shape: [arrays.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...rest], values: arrays.flatMap(({ values }) => Array.from(values)) };
}
