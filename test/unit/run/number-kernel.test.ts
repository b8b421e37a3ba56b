import { describe, expect, test } from 'vitest';
import type { NoiseSource } from '../../../src/engine/noise/noise-source';
import { bytesOf, decodeFloats, encodeFloats } from '../../../src/model/floats';
import { NumberKernel } from '../../../src/run/streaming/number-kernel';

/** In place of noise, numbers that the test can compute with: sixteenths, in no order that lanes could hide. */
function scripted(): NoiseSource {
  let drawn = 0;
  return {
    fill: (into) => {
      into.set(into.map(() => ((drawn++ * 7) % 64) / 16 - 2));
    },
  };
}

const silence: NoiseSource = {
  fill: (into) => {
    into.fill(0);
  },
};

/** Enough for two runs of noise, and no multiple of a vector's lanes. */
const count = 16384 + 1237;

describe.each(['float32', 'float64', 'bfloat16', 'float16'] as const)('%s', (type) => {
  const stored = encodeFloats(Float32Array.from({ length: count }, (_, index) => Math.sin(index) * 2 ** ((index % 40) - 24)), type);
  const values = decodeFloats(stored, type);
  const filled = (): NumberKernel => {
    const kernel = new NumberKernel(stored.length);
    kernel.bytes.set(stored);
    return kernel;
  };

  test('squares are summed in float64, whatever lies behind the last number', () => {
    const kernel = filled();
    const part = stored.subarray(0, 1001 * bytesOf[type]);
    const expected = decodeFloats(part, type).reduce((sum, value) => sum + value * value, 0);
    // Another order of adding 1001 doubles: each addition rounds by 2⁻⁵³.
    expect(Math.abs(kernel.sumOfSquares(type, part.length) / expected - 1)).toBeLessThan(1001 * 2 ** -53);
  });

  test('a number that is not finite shows in the sum, wherever it stands', () => {
    for (const [index, value] of [[0, Infinity], [517, NaN], [count - 1, -Infinity]] as const) {
      const kernel = filled();
      kernel.bytes.set(encodeFloats(Float32Array.of(value), type), index * bytesOf[type]);
      expect(Number.isFinite(kernel.sumOfSquares(type, stored.length))).toBe(false);
    }
    expect(Number.isFinite(filled().sumOfSquares(type, stored.length))).toBe(true);
  });

  test('scaling and noise are float32, rounded once to the type', () => {
    const kernel = filled();
    const [scale, sigma] = [Math.fround(0.3), Math.fround(1e-3)];
    expect(kernel.perturb(type, stored.length, scale, sigma, scripted())).toBe(true);
    const noise = new Float32Array(count);
    scripted().fill(noise);
    const expected = encodeFloats(values.map((value, index) => Math.fround(scale * value) + Math.fround(sigma * (noise[index] ?? NaN))), type);
    expect(Buffer.from(kernel.bytes.subarray(0, stored.length)).equals(expected)).toBe(true);
  });

  test('without scaling and noise the bits stay, negative zeros aside', () => {
    const kernel = filled();
    kernel.perturb(type, stored.length, 1, 0, silence);
    expect(decodeFloats(kernel.bytes.subarray(0, stored.length), type)).toEqual(values.map((value) => value + 0));
  });

  test('a result beyond the largest number of the type is noticed', () => {
    const largest = type === 'float16' ? 65504 : 3.3e38;
    const kernel = filled();
    kernel.bytes.set(encodeFloats(Float32Array.of(largest), type), 516 * bytesOf[type]);
    expect(kernel.perturb(type, stored.length, 1, 0, scripted())).toBe(true);
    expect(kernel.perturb(type, stored.length, 2, 0, scripted())).toBe(false);
  });
});

test.each(['float16', 'bfloat16'] as const)('every finite number of %s keeps its bits, subnormal ones too', (type) => {
  const every = Uint16Array.from({ length: 65536 }, (_, bits) => bits).filter((bits) => (bits & (type === 'float16' ? 0x7c00 : 0x7f80)) !== (type === 'float16' ? 0x7c00 : 0x7f80) && bits !== 0x8000);
  const kernel = new NumberKernel(every.byteLength);
  kernel.bytes.set(new Uint8Array(every.buffer, 0, every.byteLength));
  kernel.perturb(type, every.byteLength, 1, 0, silence);
  expect(Buffer.from(kernel.bytes).equals(Buffer.from(every.buffer, 0, every.byteLength))).toBe(true);
});
