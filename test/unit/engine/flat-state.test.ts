import { expect, test } from 'vitest';
import { FlatState } from '../../../src/engine/noise/flat-state';
import { applyNoisyStep } from '../../../src/engine/update';
import { spread } from './models';

// Lengths around the kernel's groups of 4, its padding to 16 and its chunks of 4,096.
const lengths = [1, 3, 16, 17, 4095, 4096, 4097, 9000];

test('a noisy step is x − γ(Π(g) + λ(x − c)) + σ·z in every coordinate, with and without a centre', () => {
  for (const length of lengths) {
    for (const centre of [undefined, spread(length, 4, 3)]) {
      const state = new FlatState(length, centre);
      const [x, gradient, noise] = [spread(length, 1, 2), spread(length, 2), spread(length, 3)];
      state.x.set(x);
      state.gradient.set(gradient);
      const norm = state.gradientNorm();
      const exact = Math.hypot(...gradient);
      expect(Math.abs(norm / exact - 1)).toBeLessThan(1e-12);
      const step = { learningRate: 0.3, decay: 0.2, gradientRadius: exact / 4, sigma: 0.7, noise };
      state.step(step, norm);
      for (let index = 0; index < length; index++) {
        const value = x[index] ?? NaN;
        const expected = value - 0.3 * ((gradient[index] ?? NaN) / 4 + 0.2 * (value - (centre?.[index] ?? 0))) + 0.7 * (noise[index] ?? NaN);
        // Five float32 roundings of numbers up to 3.
        expect(Math.abs((state.x[index] ?? NaN) - expected)).toBeLessThan(5 * 3 * 2 ** -24);
      }
    }
  }
});

test('a gradient inside the radius is not scaled, and with radius 0 none gets through', () => {
  for (const [radius, moved] of [[10, 0.5], [Infinity, 0.5], [0, 1]] as const) {
    const state = new FlatState(1, undefined);
    state.x[0] = 1;
    state.gradient[0] = 0.5;
    state.step({ learningRate: 1, decay: 0, gradientRadius: radius, sigma: 0, noise: new Float32Array(1) }, state.gradientNorm());
    expect(state.x[0]).toBe(moved);
  }
});

test('a step whose noise is missing or of another length is refused, and nothing moves', () => {
  const state = new FlatState(5, undefined);
  state.x.fill(1);
  const step = { learningRate: 1, decay: 0.5, gradientRadius: 1, sigma: 0.1 };
  for (const length of [0, 4, 6]) {
    expect(() => state.step({ ...step, noise: new Float32Array(length) }, 0)).toThrow(RangeError);
    expect(() => applyNoisyStep(state.x, state.gradient, 0, { ...step, noise: new Float32Array(length) }, undefined)).toThrow(RangeError);
  }
  expect([...state.x]).toEqual([1, 1, 1, 1, 1]);
  expect(() => state.step({ ...step, sigma: 0, noise: new Float32Array(0) }, 0)).not.toThrow();
});

test('padding never reaches the norm: a second, shorter use of the memory does not exist, and what is there is zero', () => {
  const state = new FlatState(5, undefined);
  state.gradient.fill(1);
  expect(state.gradientNorm()).toBe(Math.sqrt(5));
});

test('a gradient that is not a number makes a norm that is not one', () => {
  const state = new FlatState(7, undefined);
  state.gradient[6] = NaN;
  expect(state.gradientNorm()).toBeNaN();
  state.gradient[6] = -Infinity;
  expect(state.gradientNorm()).toBe(Infinity);
});

test('gradients of parts add up with their weights, and without parts there is no second gradient in memory', () => {
  for (const length of lengths) {
    const state = new FlatState(length, spread(length, 4), true);
    const parts = [spread(length, 1), spread(length, 2), spread(length, 3)];
    for (const [index, part] of parts.entries()) {
      state.part.set(part);
      state.addPart(index === 2 ? 0.5 : 0.25);
    }
    for (let index = 0; index < length; index++) {
      const [a = NaN, b = NaN, c = NaN] = parts.map((part) => part[index]);
      // Three float32 roundings of numbers below 1.
      expect(Math.abs((state.gradient[index] ?? NaN) - (0.25 * a + 0.25 * b + 0.5 * c))).toBeLessThan(3 * 2 ** -24);
    }
  }
  const state = new FlatState(5, undefined);
  expect(state.part.byteOffset).toBe(state.gradient.byteOffset);
});
