import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { epsilonFromMu } from '../../../src/privacy/gaussian-dp';
import { spent } from '../../../src/privacy/spent';
import { relativeError } from './fixture';
import { schedules } from './random';

const step = { learningRate: 0.1, decay: 0, gradientRadius: 1, sigma: 5 };

describe('privacy along a run', () => {
  it('is what is certified if the run ends there', () => {
    // C0 = 1, s = 0.2, σ = 5: (2 + 0.2τ)/(5√τ) falls until τ = 10, and stays there.
    const { steps, mu, epsilon, best } = spent({ initialRadius: 1, steps: [{ ...step, count: 15 }] }, 'retrained', 1e-5);
    expect([...steps]).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    for (const [index, tau] of steps.entries()) {
      const at = Math.min(10, tau);
      expect(relativeError(mu[index] ?? NaN, (2 + 0.2 * at) / (5 * Math.sqrt(at)))).toBeLessThan(1e-11);
      expect(epsilon[index]).toBe(epsilonFromMu(mu[index] ?? NaN, 1e-5));
    }
    expect(best).toBe(9);
  });

  it('ends where the accounting of the whole run does, and never rises', () => {
    fc.assert(
      fc.property(schedules, fc.constantFrom('retrained' as const, 'centre' as const), fc.integer({ min: 1, max: 20 }), (mechanism, reference, points) => {
        const { steps, mu, epsilon, best } = spent(mechanism, reference, 1e-5, points);
        // The same prefix, or one that is better by less than the rounding that it brings.
        expect(relativeError(mu.at(-1) ?? NaN, account(mechanism, reference).mu ?? NaN)).toBeLessThan(1e-13);
        for (let index = 1; index < steps.length; index += 1) {
          expect(steps[index]).toBeGreaterThan(steps[index - 1] ?? NaN);
          expect(mu[index]).toBeLessThanOrEqual(mu[index - 1] ?? NaN);
          expect(epsilon[index]).toBeLessThanOrEqual(epsilon[index - 1] ?? NaN);
        }
        expect(mu[best]).toBe(mu.at(-1));
        if (best > 0) expect(mu[best - 1]).toBeGreaterThan(mu[best] ?? NaN);
      }),
    );
  });

  it('is infinite before the first noise', () => {
    const { mu, epsilon } = spent({ initialRadius: 1, steps: [{ ...step, sigma: 0 }, step] }, 'retrained', 1e-5);
    expect([mu[0], epsilon[0]]).toEqual([Infinity, Infinity]);
    expect(epsilon[1]).toBeLessThan(Infinity);
  });

  it('of a long run is shown at about as many steps as asked for, with the first, the best and the last', () => {
    const { steps, best } = spent({ initialRadius: 7, steps: [{ ...step, count: 1_000_000 }] }, 'retrained', 1e-5, 100);
    expect(steps.length).toBeLessThanOrEqual(102);
    expect([steps[0], steps[best], steps.at(-1)]).toEqual([1, 70, 1_000_000]);
  });

  it('of no steps is nothing', () => {
    expect(spent({ initialRadius: 1, steps: [] }, 'retrained', 1e-5).steps.length).toBe(0);
  });

  it('is refused for numbers out of range', () => {
    expect(() => spent({ initialRadius: -1, steps: [step] }, 'retrained', 1e-5)).toThrow(expect.objectContaining({ code: 'out-of-range', field: 'initialRadius' }));
    expect(() => spent({ initialRadius: 1, steps: [step] }, 'retrained', 0)).toThrow(expect.objectContaining({ code: 'out-of-range', field: 'delta' }));
  });
});
