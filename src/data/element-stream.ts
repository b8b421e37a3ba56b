import { UserError } from '../error';
import { beginningOf } from './byte-source';
import type { ByteSource } from './byte-source';
import { columnMajorElements } from './column-major';
import { parseIdxHeader } from './idx';
import { parseNpyHeader } from './npy';
import { decodeElements, elementCount, elementSize } from './numeric-array';
import type { ElementType, NumericValues } from './numeric-array';
import type { Where } from './source-file';

/** An array that is read piece by piece, in row-major order. */
export interface ArrayStream {
  readonly shape: readonly number[];
  /** How large the values will be, as far as the header can be believed: for making room. */
  readonly likelyLength: number;
  /** Values of any number, one block after the other; to be read once. */
  blocks(): AsyncIterable<NumericValues> | Iterable<NumericValues>;
  /** To be called when it is no longer needed, whether it was read or not. */
  close(): void;
}

/** What is known of an array before its elements are read. */
export interface Header {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly littleEndian: boolean;
  /** Where the elements begin, in bytes. */
  readonly start: number;
}

/** More than any header that NumPy writes. */
const longestHeader = 1 << 20;

function tooShort(expected: number, found: number, where: Where): UserError {
  return new UserError('file-truncated', `the header promises ${expected} bytes of data, but there are only ${found}.`, { ...where, remedy: 'Copy or download the file again: its end is missing.' });
}

function tooLong(expected: number, where: Where): UserError {
  return new UserError('file-too-long', `the header promises ${expected} bytes of data, but there are more.`, { ...where, remedy: 'Write the file again: something was appended to it.' });
}

/** All bytes behind the header, whole elements at a time. */
async function* elements(source: ByteSource, { shape, type, littleEndian, start }: Header): AsyncGenerator<NumericValues> {
  const size = elementSize(type);
  const expected = elementCount(shape) * size;
  let toSkip = start;
  let found = 0;
  let rest = new Uint8Array();
  for await (const block of source.blocks()) {
    const skipped = Math.min(toSkip, block.length);
    toSkip -= skipped;
    found += block.length - skipped;
    if (found > expected) throw tooLong(expected, source.where);
    const bytes = rest.length === 0 ? block.subarray(skipped) : new Uint8Array(Buffer.concat([rest, block.subarray(skipped)]));
    const whole = bytes.length - (bytes.length % size);
    rest = bytes.slice(whole);
    if (whole > 0) yield decodeElements(bytes.subarray(0, whole), type, littleEndian, source.where);
  }
  if (found < expected) throw tooShort(expected, found, source.where);
}

/** @throws UserError where there are not as many bytes as the header promises, if that can be told already. */
function streamOf(source: ByteSource, header: Header, blocks: () => AsyncIterable<NumericValues>): ArrayStream {
  const expected = elementCount(header.shape) * elementSize(header.type);
  const available = source.size === undefined ? undefined : source.size - header.start;
  if (available !== undefined && available < expected) throw tooShort(expected, available, source.where);
  if (available !== undefined && available > expected) throw tooLong(expected, source.where);
  return { shape: header.shape, likelyLength: Math.min(elementCount(header.shape), source.most), blocks, close: () => undefined }; // what reads the bytes closes them
}

/** The header of an IDX file. @throws UserError as `parseIdxHeader`. */
export async function readIdxHeader(source: ByteSource): Promise<Header> {
  return { ...parseIdxHeader(await beginningOf(source, longestHeader), source.where), littleEndian: false };
}

/** Opens an IDX file to be read piece by piece. @throws UserError as `parseIdxHeader`, `file-truncated`, `file-too-long`, `value-too-large`; while it is read, too. */
export async function openIdxStream(source: ByteSource): Promise<ArrayStream> {
  const header = await readIdxHeader(source);
  return streamOf(source, header, () => elements(source, header));
}

/** The header of an NPY file. @throws UserError as `parseNpyHeader`. */
export async function readNpyHeader(source: ByteSource): Promise<ReturnType<typeof parseNpyHeader>> {
  return parseNpyHeader(await beginningOf(source, longestHeader), source.where);
}

/** Opens an NPY file to be read piece by piece. @throws UserError as `parseNpyHeader`, `file-truncated`, `file-too-long`, `value-too-large`; while it is read, too. */
export async function openNpyStream(source: ByteSource): Promise<ArrayStream> {
  const header = await readNpyHeader(source);
  return streamOf(source, header, () => (header.fortran && header.shape.length > 1 ? columnMajorElements(source, header) : elements(source, header)));
}
