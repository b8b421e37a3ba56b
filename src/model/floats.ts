/** How a file stores the numbers that are trained as float32. All are little-endian. */
export type FloatType = 'float16' | 'bfloat16' | 'float32' | 'float64';

export const bytesOf: Readonly<Record<FloatType, number>> = { float16: 2, bfloat16: 2, float32: 4, float64: 8 };

/** Which types narrower than float32 are among those of some numbers. */
export function narrowTypes(stored: readonly { readonly type: FloatType }[]): readonly FloatType[] {
  return (['float16', 'bfloat16'] as const).filter((narrow) => stored.some(({ type }) => type === narrow));
}

/** Stored numbers as float32: exact but for float64, which is rounded to the nearest. */
export function decodeFloats(bytes: Uint8Array, type: FloatType): Float32Array {
  // A copy: typed arrays of more than one byte an element need an aligned start.
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case 'float32': return new Float32Array(buffer);
    case 'float64': return new Float32Array(new Float64Array(buffer));
    case 'bfloat16': {
      const halves = new Uint16Array(buffer);
      const bits = new Uint32Array(halves.length);
      for (let index = 0; index < halves.length; index += 1) bits[index] = (halves[index] ?? 0) << 16;
      return new Float32Array(bits.buffer);
    }
    case 'float16': {
      const halves = new Uint16Array(buffer);
      const values = new Float32Array(halves.length);
      for (let index = 0; index < halves.length; index += 1) values[index] = halfToNumber(halves[index] ?? 0);
      return values;
    }
  }
}

/** float32 numbers as they are stored: rounded to the nearest, ties to even; beyond the largest of a narrow type they become infinite. A view where they are stored as they are. */
export function encodeFloats(values: Float32Array, type: FloatType): Uint8Array {
  switch (type) {
    case 'float32': return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case 'float64': return new Uint8Array(new Float64Array(values).buffer);
    case 'bfloat16': return narrowed(values, toBfloat16);
    case 'float16': return narrowed(values, toFloat16);
  }
}

function narrowed(values: Float32Array, narrow: (bits: number) => number): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let index = 0; index < halves.length; index += 1) halves[index] = narrow(bits[index] ?? 0);
  return new Uint8Array(halves.buffer);
}

/** IEEE 754 binary16: 5 bits of exponent, biased by 15, and 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}

function toBfloat16(bits: number): number {
  if (isNaNBits(bits)) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function toFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  if (isNaNBits(bits)) return sign | 0x7e00;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent >= 0x1f) return sign | 0x7c00;
  // A subnormal half keeps fewer bits: the implicit one moves into the fraction.
  const fraction = exponent > 0 ? bits & 0x7fffff : (bits & 0x7fffff) | 0x800000;
  const shift = exponent > 0 ? 13 : 14 - exponent;
  if (shift > 24) return sign;
  const kept = (exponent > 0 ? exponent << 10 : 0) + (fraction >>> shift);
  const rest = fraction & (2 ** shift - 1);
  const half = 2 ** (shift - 1);
  // A carry out of the fraction raises the exponent, which is what rounding up to the next binade means.
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}
