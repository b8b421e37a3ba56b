import { UserError } from '../error';
import type { ElementType } from './numeric-array';
import type { Where } from './source-file';

interface Header {
  readonly type: ElementType;
  readonly littleEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

const elementTypes = new Set<string>(['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f2', 'f4', 'f8'] satisfies ElementType[]);

function isElementType(type: string): type is ElementType {
  return elementTypes.has(type);
}

/** The header is a Python dictionary literal that NumPy always writes with these three keys in this order; others may not, so each is sought alone. */
function parseHeader(text: string, where: Where): Header {
  const description = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z]\d*)'/.exec(text);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (!text.includes("'descr'") || fortran === null || shape === null) throw new UserError('npy-header', 'its NPY header cannot be understood.', { ...where, remedy: 'Save the array again with numpy.save.' });
  const type = description?.[2] === 'b1' ? 'u1' : description?.[2];
  if (type === undefined || !isElementType(type)) {
    const found = /'descr'\s*:\s*(\[.*\]|'[^']*')/.exec(text)?.[1] ?? 'unknown';
    const remedy = found === "'|O'" ? 'It holds Python objects, which are never loaded; save it with a numeric dtype.' : 'Save it with a boolean, integer or floating-point dtype.';
    throw new UserError('npy-type', `arrays of type ${found} cannot be used.`, { ...where, remedy });
  }
  return {
    type,
    littleEndian: description?.[1] !== '>',
    fortran: fortran[1] === 'True',
    shape: (shape[1] ?? '').split(',').map((size) => size.trim().replace(/L$/, '')).filter((size) => size !== '').map(Number),
  };
}

/**
 * The header of an NPY file (NumPy Enhancement Proposal 1, versions 1 to 3): any boolean, integer or floating-point type of up to 8 bytes, either
 * byte order, either storage order.
 * @returns also where the elements begin, in bytes
 * @throws UserError `npy-magic`, `npy-header`, `npy-type`, `file-truncated`.
 */
export function parseNpyHeader(bytes: Uint8Array, where: Where = {}): Header & { readonly start: number } {
  const magic = bytes[0] === 0x93 && new TextDecoder('latin1').decode(bytes.subarray(1, 6)) === 'NUMPY';
  if (!magic) throw new UserError('npy-magic', 'is not an NPY file (it does not begin with \\x93NUMPY).', { ...where, remedy: 'Save the array with numpy.save, or name its real format in "format".' });
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) throw new UserError('npy-header', `NPY version ${version} is not known.`, { ...where, remedy: 'Save the array again with numpy.save, which writes versions 1 to 3.' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lengthSize = version === 1 ? 2 : 4;
  if (bytes.length < 8 + lengthSize) throw new UserError('file-truncated', 'the NPY header is incomplete.', { ...where, remedy: 'Copy or download the file again.' });
  const start = 8 + lengthSize + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) throw new UserError('file-truncated', 'the NPY header is incomplete.', { ...where, remedy: 'Copy or download the file again.' });
  return { ...parseHeader(new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(8 + lengthSize, start)), where), start };
}
