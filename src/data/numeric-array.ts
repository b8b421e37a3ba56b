import { UserError } from '../error';
import type { Where } from './source-file';

/** Values as a file holds them. 64-bit integers become float64, 16-bit floats float32; nothing else changes type. */
export type NumericValues = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A rectangular array in row-major order. */
export interface NumericArray {
  readonly shape: readonly number[];
  readonly values: NumericValues;
}

/** u: unsigned integer, i: signed integer, f: IEEE 754; the number is the size in bytes. */
export type ElementType = 'u1' | 'i1' | 'u2' | 'i2' | 'u4' | 'i4' | 'u8' | 'i8' | 'f2' | 'f4' | 'f8';

export function elementSize(type: ElementType): number {
  return Number(type.slice(1));
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A copy that starts at an address every element type may have, in the byte order of this machine. */
function aligned(bytes: Uint8Array, size: number, littleEndian: boolean): ArrayBuffer {
  const copy = new Uint8Array(bytes);
  if (size > 1 && littleEndian !== hostIsLittleEndian) {
    for (let start = 0; start < copy.length; start += size) copy.subarray(start, start + size).reverse();
  }
  return copy.buffer;
}

/** IEEE 754 half precision: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function exactNumbers(integers: BigInt64Array | BigUint64Array, where: Where): Float64Array {
  return Float64Array.from(integers, (integer, index) => {
    const value = Number(integer);
    // Beyond 2^53 float32 would make it equal to others, as it would below; there, whoever wants a feature looks.
    if (BigInt(Number.isSafeInteger(value) ? value : Math.fround(value)) !== integer) throw new UserError('value-too-large', `the value ${integer.toString()} (element ${index}) is too large to be read exactly.`, { ...where, remedy: 'Save the array as float64 or with smaller integers: beyond 2⁵³ different values would become one.' });
    return value;
  });
}

/**
 * Reads elements of one type.
 * @throws UserError `value-too-large` for a 64-bit integer that float64 cannot hold.
 */
export function decodeElements(bytes: Uint8Array, type: ElementType, littleEndian: boolean, where: Where = {}): NumericValues {
  if (type === 'u1') return bytes;
  const buffer = aligned(bytes, elementSize(type), littleEndian);
  switch (type) {
    case 'i1': return new Int8Array(buffer);
    case 'u2': return new Uint16Array(buffer);
    case 'i2': return new Int16Array(buffer);
    case 'u4': return new Uint32Array(buffer);
    case 'i4': return new Int32Array(buffer);
    case 'f4': return new Float32Array(buffer);
    case 'f8': return new Float64Array(buffer);
    case 'f2': return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'u8': return exactNumbers(new BigUint64Array(buffer), where);
    case 'i8': return exactNumbers(new BigInt64Array(buffer), where);
  }
}

/** Column-major (Fortran) values in row-major order. */
export function toRowMajor(values: NumericValues, shape: readonly number[]): NumericValues {
  const result = values.slice();
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const index = shape.map(() => 0);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = values[source] ?? NaN;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const position = (index[axis] ?? 0) + 1;
      const step = strides[axis] ?? 0;
      if (position < (shape[axis] ?? 0)) {
        index[axis] = position;
        source += step;
        break;
      }
      index[axis] = 0;
      source -= step * (position - 1);
    }
  }
  return result;
}
