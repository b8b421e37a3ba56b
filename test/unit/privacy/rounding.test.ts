import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractionOf, float32Down, float32Up, nextDown, nextUp } from '../../../src/privacy/rounding';
import { logUniform } from './random';

describe('rounding', () => {
  it('steps to the neighbouring doubles', () => {
    expect(nextUp(1)).toBe(1 + 2 ** -52);
    expect(nextDown(1)).toBe(1 - 2 ** -53);
    expect(nextUp(5e-324)).toBe(1e-323);
  });

  it('encloses every double between neighbouring float32 numbers', () => {
    fc.assert(
      fc.property(logUniform(1e-40, 1e38), (value) => {
        const down = float32Down(value);
        const up = float32Up(value);
        expect(down).toBeLessThanOrEqual(value);
        expect(up).toBeGreaterThanOrEqual(value);
        expect([Math.fround(down), Math.fround(up)]).toEqual([down, up]);
        // Neighbours: 2⁻²³ relative, or one subnormal step.
        expect(up - down).toBeLessThanOrEqual(Math.max(value * 2 ** -23, 2 ** -149));
      }),
    );
  });

  it('leaves float32 numbers, 0 and what is too large as they are', () => {
    for (const value of [0, 1, 0.5, 2 ** -149]) expect([float32Down(value), float32Up(value)]).toEqual([value, value]);
    expect(float32Up(1e39)).toBe(Infinity);
    expect(float32Down(1e39)).toBe(3.4028234663852886e38);
  });
});

describe('|1 − γλ|', () => {
  it('keeps its digits where γλ is near 1', () => {
    // 0.1 is 0.1 + 5.551115123125783e-18 as a double, so 0.1·10 is 1 + 5.551115123125783e-17, which rounds to 1.
    expect(contractionOf(0.1, 10)).toBe(5.551115123125783e-17);
    // 0.01 = 0.01 + 2.0816681711721685e-19 as a double, and 100 times that.
    expect(contractionOf(0.01, 100)).toBeCloseTo(2.0816681711721685e-17, 32);
  });

  it('is exact for exact products', () => {
    expect(contractionOf(0.5, 1)).toBe(0.5);
    expect(contractionOf(0.5, 2)).toBe(0);
    expect(contractionOf(0.5, 6)).toBe(2);
    expect(contractionOf(0, 5)).toBe(1);
    expect(contractionOf(1, -1)).toBe(2);
  });
});
