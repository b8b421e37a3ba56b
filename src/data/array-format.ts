import { UserError } from '../error';
import { beginningOf, bytesOfFile } from './byte-source';
import { parseCifar } from './cifar';
import { openIdxStream, openNpyStream } from './element-stream';
import type { ArrayStream } from './element-stream';
import { parseJsonArray } from './json-array';
import type { RawLabel } from './labels';
import { openNpzStream } from './npz';
import { elementCount } from './numeric-array';
import type { NumericArray, NumericValues } from './numeric-array';
import { decodePng } from './png';
import { readFileBytes } from './source-file';
import type { SourceFile, Where } from './source-file';

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

/** The format that the first bytes of a file tell; undefined for none of these, such as JSON. */
export function formatOfBytes(bytes: Uint8Array): 'npy' | 'npz' | 'hdf5' | 'idx' | undefined {
  if (bytes[0] === 0x93) return 'npy';
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return 'npz';
  if (hdf5Signature.every((byte, index) => bytes[index] === byte)) return 'hdf5';
  return bytes[0] === 0 && bytes[1] === 0 ? 'idx' : undefined;
}

/**
 * Opens the features of one file, records along the first dimension, to be read piece by piece; PNG and CIFAR files as a whole.
 * @throws UserError of the format.
 */
export async function openFeatures(file: SourceFile, format: ArrayFormat, key: ArrayKey): Promise<ArrayStream> {
  switch (format) {
    case 'idx': return openIdxStream(await bytesOfFile(file));
    case 'npy': return openNpyStream(await bytesOfFile(file));
    case 'npz': return openNpzStream(file, key.key, key.field);
    case 'hdf5': return (await import('./hdf5')).openHdf5Stream(file, key.key, key.field);
    case 'png': return whole(decodePng(await readFileBytes(file), { file: file.file, field: file.field }));
    case 'cifar10':
    case 'cifar100': return whole(parseCifar(await readFileBytes(file), format, { file: file.file, field: file.field }).images);
  }
}

function whole({ shape, values }: NumericArray): ArrayStream {
  return { shape, likelyLength: values.length, blocks: () => [values], close: () => undefined };
}

/** Labels are in memory, as numbers of eight bytes. */
const mostLabels = 2 ** 27;

function tooMany(shape: readonly number[], where: Where): UserError {
  return new UserError('labels-too-many', `holds labels of the shape [${shape.join(', ')}], more than ${mostLabels} numbers.`, { ...where, remedy: 'Save one class index or number a record, or name another array in "labelsKey".' });
}

/** Labels may be in another format than the features: the first bytes tell which. The file may be much larger than they are. */
async function labelsOfFile(file: SourceFile, format: ArrayFormat, key: ArrayKey): Promise<LabelArray> {
  const where = { file: file.file, field: file.field };
  if (format === 'cifar10' || format === 'cifar100') return parseCifar(await readFileBytes(file), format, where).labels;
  const found = formatOfBytes(await beginningOf(await bytesOfFile(file), 4));
  if (found === undefined) return parseJsonArray(await readFileBytes(file), where);
  const stream = await openFeatures(file, found, key);
  try {
    if (elementCount(stream.shape) > mostLabels) throw tooMany(stream.shape, where);
    const blocks: NumericValues[] = [];
    for await (const block of stream.blocks()) blocks.push(block);
    const [only] = blocks;
    return { shape: stream.shape, values: blocks.length === 1 && only !== undefined ? only : joined(blocks) };
  } finally {
    stream.close();
  }
}

function joined(blocks: readonly NumericValues[]): Float64Array {
  const values = new Float64Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    values.set(block, at);
    at += block.length;
  }
  return values;
}

/**
 * Labels of one or several files, one after the other.
 * @throws UserError of the format, `labels-too-many`, or `label-shape` between files.
 */
export async function readLabels(files: readonly SourceFile[], format: ArrayFormat, key: ArrayKey): Promise<LabelArray> {
  const arrays: LabelArray[] = [];
  for (const file of files) arrays.push(await labelsOfFile(file, format, key));
  const [first] = arrays;
  if (first === undefined || arrays.length === 1) return first ?? { shape: [0], values: [] };
  const rest = first.shape.slice(1);
  const odd = arrays.findIndex((array) => array.shape.slice(1).join() !== rest.join());
  if (odd >= 0) throw new UserError('label-shape', `its labels have another shape than those of ${files[0]?.file ?? ''}.`, { file: files[odd]?.file, field: files[odd]?.field, remedy: 'Give all label files the same form: one label a record, or one row a record with a single 1.' });
  return { shape: [arrays.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...rest], values: arrays.flatMap(({ values }) => Array.from(values)) };
}
