import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from '../error';
import { parseIdxHeader } from './idx';
import { parseNpyHeader } from './npy';
import { decodeElements, elementCount, elementSize } from './numeric-array';
import type { ElementType, NumericValues } from './numeric-array';
import { readStart } from './source-file';
import type { SourceFile, Where } from './source-file';

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

interface Header {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly littleEndian: boolean;
  /** Where the elements begin, in bytes. */
  readonly start: number;
}

/** More than any header that NumPy writes. */
const longestHeader = 1 << 20;
const blockSize = 1 << 22;
/** More than deflate can expand. */
const largestExpansion = 1100;

async function* bytesOf(file: SourceFile, compressed: boolean): AsyncGenerator<Uint8Array> {
  const plain = createReadStream(file.path, { highWaterMark: blockSize });
  const stream = compressed ? pipeline(plain, createGunzip({ chunkSize: blockSize }), () => undefined) : plain;
  try {
    for await (const block of stream) yield block as Uint8Array;
  } catch (cause) {
    if (compressed) throw new UserError('file-truncated', 'is not a complete gzip file.', { file: file.file, field: file.field, remedy: 'Copy or download it again, or name the unpacked file.', cause });
    throw new UserError('file-unreadable', `cannot be read (${(cause as Error).message}).`, { file: file.file, field: file.field, remedy: 'Check that the file can be read by you and that its disk is there.', cause });
  }
}

/** Enough of the beginning to have the header in it. */
async function beginning(file: SourceFile, compressed: boolean): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const block of bytesOf(file, compressed)) {
    parts.push(block);
    length += block.length;
    if (length >= longestHeader) break;
  }
  return new Uint8Array(Buffer.concat(parts));
}

function tooShort(expected: number, found: number, where: Where): UserError {
  return new UserError('file-truncated', `the header promises ${expected} bytes of data, but there are only ${found}.`, { ...where, remedy: 'Copy or download the file again: its end is missing.' });
}

function tooLong(expected: number, where: Where): UserError {
  return new UserError('file-too-long', `the header promises ${expected} bytes of data, but there are more.`, { ...where, remedy: 'Write the file again: something was appended to it.' });
}

/** All bytes behind the header, whole elements at a time. */
async function* elements(file: SourceFile, compressed: boolean, { shape, type, littleEndian, start }: Header, where: Where): AsyncGenerator<NumericValues> {
  const expected = elementCount(shape) * elementSize(type);
  const size = elementSize(type);
  let toSkip = start;
  let found = 0;
  let rest = new Uint8Array();
  for await (const block of bytesOf(file, compressed)) {
    const skipped = Math.min(toSkip, block.length);
    toSkip -= skipped;
    found += block.length - skipped;
    if (found > expected) throw tooLong(expected, where);
    const bytes = rest.length === 0 ? block.subarray(skipped) : new Uint8Array(Buffer.concat([rest, block.subarray(skipped)]));
    const whole = bytes.length - (bytes.length % size);
    rest = bytes.slice(whole);
    if (whole > 0) yield decodeElements(bytes.subarray(0, whole), type, littleEndian, where);
  }
  if (found < expected) throw tooShort(expected, found, where);
}

/**
 * Opens an IDX or NPY file, plain or compressed, to be read piece by piece; undefined for a NPY file in Fortran order, whose records are
 * scattered all over it.
 * @throws UserError as `parseIdx` and `parseNpy`; while it is read, too.
 */
export async function openElementStream(file: SourceFile, format: 'idx' | 'npy'): Promise<ArrayStream | undefined> {
  const where = { file: file.file, field: file.field };
  const magic = await readStart(file, 2);
  const compressed = magic[0] === 0x1f && magic[1] === 0x8b;
  const bytes = await beginning(file, compressed);
  let header: Header;
  if (format === 'npy') {
    const { fortran, ...rest } = parseNpyHeader(bytes, where);
    if (fortran && rest.shape.length > 1) return undefined;
    header = rest;
  } else {
    header = { ...parseIdxHeader(bytes, where), littleEndian: false };
  }
  const expected = elementCount(header.shape) * elementSize(header.type);
  const available = file.size - header.start;
  if (!compressed && available < expected) throw tooShort(expected, available, where);
  if (!compressed && available > expected) throw tooLong(expected, where);
  return {
    shape: header.shape,
    likelyLength: Math.min(elementCount(header.shape), compressed ? file.size * largestExpansion : available),
    blocks: () => elements(file, compressed, header, where),
    close: () => undefined, // what reads the file closes it
  };
}
