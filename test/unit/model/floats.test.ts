import { describe, expect, test } from 'vitest';
import { decodeFloats, encodeFloats } from '../../../src/model/floats';

const everyHalf = new Uint8Array(Uint16Array.from({ length: 65536 }, (_, bits) => bits).buffer);

describe.each(['float16', 'bfloat16'] as const)('%s', (type) => {
  test('every number keeps its bits on the way to float32 and back', () => {
    const values = decodeFloats(everyHalf, type);
    const back = new Uint16Array(encodeFloats(values, type).buffer);
    const changed = Array.from(back.keys()).filter((bits) => back[bits] !== bits && !Number.isNaN(values[bits]));
    expect(changed).toEqual([]);
    // A NaN stays one, perhaps another.
    expect(decodeFloats(encodeFloats(Float32Array.of(NaN), type), type)[0]).toBeNaN();
  });

  test('rounding goes to the nearest number, and from half way to the even one', () => {
    const values = decodeFloats(everyHalf, type);
    // Positive finite numbers are in order; the exponent field of float16 ends at 0x7c00, of bfloat16 at 0x7f80.
    const last = type === 'float16' ? 0x7c00 : 0x7f80;
    for (let bits = 0; bits + 1 < last; bits += 7) {
      const [low, high] = [values[bits] ?? NaN, values[bits + 1] ?? NaN];
      const middle = (low + high) / 2;
      // Halves of the smallest float32 numbers themselves are not float32 numbers.
      if (Math.fround(middle) !== middle || middle === low) continue;
      const between = new Float32Array(4);
      between.set([middle, low + (high - low) / 4, low + 3 * (high - low) / 4, -middle]);
      const rounded = new Uint16Array(encodeFloats(between, type).buffer);
      const even = bits % 2 === 0 ? bits : bits + 1;
      expect([...rounded], `above ${low}`).toEqual([even, bits, bits + 1, even | 0x8000]);
    }
  });
});

test('float16 becomes infinite beyond its largest number, 65504, by half a step', () => {
  expect([...decodeFloats(encodeFloats(Float32Array.of(65504, 65519.99, 65520, -1e6), 'float16'), 'float16')]).toEqual([65504, 65504, Infinity, -Infinity]);
});

test('float64 is rounded to float32 on reading', () => {
  const stored = new Uint8Array(Float64Array.of(0.1, -2).buffer);
  expect([...decodeFloats(stored, 'float64')]).toEqual([Math.fround(0.1), -2]);
});
