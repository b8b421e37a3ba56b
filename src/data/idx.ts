import { UserError } from '../error';
import type { ElementType } from './numeric-array';
import type { Where } from './source-file';

/** Type codes of the third byte (Y. LeCun, C. Cortes, C. Burges, "The MNIST database": the IDX file format). */
const types: Readonly<Record<number, ElementType>> = { 0x08: 'u1', 0x09: 'i1', 0x0b: 'i2', 0x0c: 'i4', 0x0d: 'f4', 0x0e: 'f8' };

/**
 * The header of an IDX file: two zero bytes, a type code, the number of dimensions, each dimension as 32 bits.
 * @returns also where the elements begin, in bytes
 * @throws UserError `idx-magic`, `file-truncated`.
 */
export function parseIdxHeader(bytes: Uint8Array, where: Where = {}): { readonly type: ElementType; readonly shape: readonly number[]; readonly start: number } {
  const type = types[bytes[2] ?? 0];
  const dimensions = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || dimensions === 0) {
    throw new UserError('idx-magic', 'is not an IDX file (its first four bytes are not those of one).', { ...where, remedy: 'Name the IDX file itself (such as train-images-idx3-ubyte, plain or .gz), or its real format in "format".' });
  }
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) throw new UserError('file-truncated', 'the IDX header is incomplete.', { ...where, remedy: 'Copy or download the file again.' });
  const header = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: dimensions }, (_, axis) => header.getUint32(4 + 4 * axis));
  return { type, shape, start };
}
