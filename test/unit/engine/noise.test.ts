import { execFileSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { erf } from './normal';
import { boxMullerModule } from '../../../src/engine/noise/box-muller.generated';
import { CryptographicNoise } from '../../../src/engine/noise/cryptographic-noise';
import { NoiseAhead } from '../../../src/engine/noise/noise-ahead';

// Every bound below is at least six and a half standard errors of its statistic: a sound generator passes all of them but about once in 10⁸ runs.
const count = 1e7;
const samples = new Float32Array(count);

/** Both ways in which a run draws noise: at the call, and on a thread of its own. */
beforeAll(async () => {
  new CryptographicNoise().fill(samples.subarray(0, count / 2));
  const ahead = new NoiseAhead(count / 2);
  samples.set(await ahead.next(), count / 2);
  await ahead.close();
});

function mean(value: (sample: number, index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += value(samples[index] ?? NaN, index);
  return sum / count;
}

test('the first four moments are those of a standard normal', () => {
  // Standard errors: 1/√n, √2/√n, √15/√n and √96/√n, with √n = 3162.
  const scale = 6.5 / Math.sqrt(count);
  expect(Math.abs(mean((z) => z))).toBeLessThan(scale);
  expect(Math.abs(mean((z) => z ** 2) - 1)).toBeLessThan(scale * Math.SQRT2);
  expect(Math.abs(mean((z) => z ** 3))).toBeLessThan(scale * Math.sqrt(15));
  expect(Math.abs(mean((z) => z ** 4) - 3)).toBeLessThan(scale * Math.sqrt(96));
});

test('the distribution passes a Kolmogorov–Smirnov test on ten million samples', () => {
  const sorted = samples.slice().sort();
  let distance = 0;
  for (let index = 0; index < count; index++) {
    const expected = 0.5 * (1 + erf((sorted[index] ?? NaN) * Math.SQRT1_2));
    distance = Math.max(distance, Math.abs((index + 0.5) / count - expected));
  }
  // Pr[√n·D > 3.4] ≈ 2·exp(−2·3.4²) = 2e-10.
  expect(distance * Math.sqrt(count)).toBeLessThan(3.4);
});

test('tails are right out to five standard deviations', () => {
  for (const [bound, probability] of [[2, 0.022750131948179], [3, 0.001349898031630], [4, 3.167124183312e-5], [5, 2.866515719e-7]] as const) {
    const expected = count * probability;
    const above = mean((z) => (z > bound ? count : 0));
    const below = mean((z) => (z < -bound ? count : 0));
    // Poisson counts; at 5σ only 2.9 are expected on each side, and 20 or more would have probability 1e-11.
    const slack = bound === 5 ? 17 : 6.5 * Math.sqrt(expected);
    expect(Math.abs(above - expected)).toBeLessThan(slack);
    expect(Math.abs(below - expected)).toBeLessThan(slack);
  }
});

test('neighbouring coordinates, the two normals of one pair, and their squares are uncorrelated', () => {
  const scale = 6.5 / Math.sqrt(count);
  // A pair of normals from the same two words lies four places apart; eight is the next group; the last compares the two ways of drawing.
  for (const lag of [1, 2, 3, 4, 5, 8, 16, 4096, count / 2]) {
    expect(Math.abs(mean((z, index) => z * (samples[(index + lag) % count] ?? NaN)))).toBeLessThan(scale);
    // Var[(z² − 1)(z′² − 1)] = 4.
    expect(Math.abs(mean((z, index) => (z ** 2 - 1) * ((samples[(index + lag) % count] ?? NaN) ** 2 - 1)))).toBeLessThan(2 * scale);
  }
});

test('words become normals as Box–Muller in float64 has it, to the last words of the range', () => {
  const exports = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(boxMullerModule, 'base64'))).exports;
  const { memory, normals } = exports as unknown as { memory: { buffer: ArrayBuffer }; normals: (pointer: number, count: number) => void };
  const size = 8192;
  const words = new Uint32Array(memory.buffer, 65536, size);
  crypto.getRandomValues(words);
  // One group of eight for each pair: four radii, then four angles.
  const edges = [0, 1, 2, 0x7f, 0xff, 0x100, 0x7fffffff, 0x80000000, 0x80000001, 0xb504f333, 0xb504f334, 0xffffff00, 0xffffffff];
  edges.flatMap((radial) => edges.map((angular) => [radial, angular] as const)).forEach(([radial, angular], index) => words.fill(radial, 8 * index, 8 * index + 4).fill(angular, 8 * index + 4, 8 * index + 8));
  const drawn = words.slice();
  normals(65536, size);
  const made = new Float32Array(memory.buffer, 65536, size);
  for (let index = 0; index < size; index++) {
    if (index % 8 > 3) continue;
    const [radial, angular] = [drawn[index] ?? NaN, drawn[index + 4] ?? NaN];
    const radius = Math.sqrt(-2 * Math.log((radial + (((angular >> 1) & 0x7f) + 0.5) / 2 ** 7) / 2 ** 32));
    const angle = (Math.PI / 2) * (((angular | 0) >> 8) / 2 ** 23);
    // Five roundings of the radius and the polynomials' 2e-7, and below it the rounding of u ≈ 1 to 24 bits: Δr = Δu/r.
    const slack = 8e-7 * radius + 2 ** -24 / Math.max(radius, 2 ** -12);
    expect(Math.abs((made[index] ?? NaN) - radius * Math.sin(angle))).toBeLessThan(slack);
    expect(Math.abs((made[index + 4] ?? NaN) - radius * Math.cos(angle) * (angular % 2 === 1 ? -1 : 1))).toBeLessThan(slack);
  }
});

test('the second call has nothing in common with the first, and another source nothing with this one', () => {
  const size = 1e6;
  const source = new CryptographicNoise();
  const [first, second, other] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  source.fill(first);
  source.fill(second);
  new CryptographicNoise().fill(other);
  const correlation = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? NaN), 0) / size;
  expect(Math.abs(correlation(first, second))).toBeLessThan(6.5 / Math.sqrt(size));
  expect(Math.abs(correlation(first, other))).toBeLessThan(6.5 / Math.sqrt(size));
});

test('any length is filled to the end, with finite numbers', () => {
  for (const length of [0, 1, 7, 8, 9, 16383, 16385]) {
    const filled = new Float32Array(length).fill(NaN);
    new CryptographicNoise().fill(filled);
    expect(filled.every(Number.isFinite)).toBe(true);
    // A float32 normal is exactly zero about once in 2²⁴ draws; several zeros in a row would be a hole.
    expect(filled.filter((value) => value === 0).length).toBeLessThan(3);
  }
});

test('the embedded WebAssembly and the script of the noise thread are what their sources compile to', () => {
  expect(() => execFileSync(process.execPath, ['scripts/build-noise.mjs', '--check'], { stdio: 'pipe' })).not.toThrow();
});
