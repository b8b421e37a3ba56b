import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delta, epsilonFromMu, logDelta, muFromTarget } from '../../../src/privacy/gaussian-dp';
import { PrivacyError } from '../../../src/privacy/privacy-error';
import grid from '../../fixtures/gaussian-dp.json';
import { reference, relativeError } from './fixture';
import { logUniform } from './random';

describe('δ(ε; μ)', () => {
  it.each(reference.delta_from_mu_eps)('agrees with 50-digit arithmetic at μ = $mu, ε = $eps', ({ mu, eps, log_delta }) => {
    expect(relativeError(logDelta(eps, mu), log_delta)).toBeLessThan(1e-13);
  });

  it('agrees with 600-digit arithmetic all over μ in [1e-8, 50], ε in [0, 700], and where branches meet', () => {
    const wrong = grid.log_delta.filter(({ mu, eps, log_delta }) => !(relativeError(logDelta(eps, mu), log_delta) < 1e-13));
    expect(wrong).toEqual([]);
  });

  it('is a probability for every pair of doubles, and falls with ε', () => {
    const any = logUniform(1e-300, 1e300);
    fc.assert(
      fc.property(any, any, (mu, epsilon) => {
        expect(logDelta(epsilon, mu)).toBeLessThanOrEqual(0);
        expect(logDelta(epsilon, mu)).toBeLessThanOrEqual(logDelta(0, mu));
      }),
      { numRuns: 3000 },
    );
  });

  it('is 0 at μ = 0 and 1 at μ = ∞', () => {
    expect(delta(1, 0)).toBe(0);
    expect(delta(1, Infinity)).toBe(1);
  });

  it('refuses what is not a number of at least 0', () => {
    for (const bad of [-1, NaN]) {
      expect(() => logDelta(bad, 1)).toThrow(PrivacyError);
      expect(() => logDelta(1, bad)).toThrow(PrivacyError);
    }
  });
});

describe('the inverses', () => {
  it.each(reference.mu_from_eps_delta)('find μ at ε = $eps, δ = $delta', ({ eps, delta: d, mu }) => {
    expect(relativeError(muFromTarget(eps, d), mu)).toBeLessThan(1e-11);
  });

  it.each(reference.eps_from_mu_delta)('find ε at μ = $mu, δ = $delta', ({ mu, delta: d, eps }) => {
    expect(relativeError(epsilonFromMu(mu, d), eps)).toBeLessThan(1e-11);
  });

  it('find μ for δ from 0.9 down to 1e-300', () => {
    const wrong = grid.mu.filter(({ eps, delta: d, mu }) => !(relativeError(muFromTarget(eps, d), mu) < 1e-13));
    expect(wrong).toEqual([]);
  });

  it('find ε from the μ of a grid, as accurately as ε depends on μ', () => {
    // dε/dμ·μ/ε is at most 4 where ε ≥ 1e-3, so the 17 digits of μ allow 1e-15.
    const wrong = grid.mu.filter(({ eps, delta: d, mu }) => eps >= 1e-3 && !(relativeError(epsilonFromMu(Number(mu), d), eps) < 1e-11));
    expect(wrong).toEqual([]);
  });

  it('give ε = 0 exactly where δ(0; μ) is small enough, and refuse δ of 0 and 1', () => {
    // δ(0; μ) = erf(μ/(2√2)) ≈ μ/√(2π) = 3.99e-7 at μ = 1e-6.
    expect(epsilonFromMu(1e-6, 4e-7)).toBe(0);
    expect(epsilonFromMu(1e-6, 3.98e-7)).toBeGreaterThan(0);
    for (const bad of [0, 1, -1, 2, NaN]) {
      expect(() => epsilonFromMu(1, bad)).toThrow(PrivacyError);
      expect(() => muFromTarget(1, bad)).toThrow(PrivacyError);
    }
    expect(() => muFromTarget(-1, 0.1)).toThrow(PrivacyError);
    expect(() => muFromTarget(Infinity, 0.1)).toThrow(PrivacyError);
    expect(epsilonFromMu(Infinity, 0.1)).toBe(Infinity);
  });

  it('have a number for every μ up to 1e4, ε up to 1000 and δ down to 1e-300', () => {
    const anyDelta = logUniform(1e-300, 0.99);
    fc.assert(
      fc.property(logUniform(1e-9, 1e4), anyDelta, (mu, d) => {
        const epsilon = epsilonFromMu(mu, d);
        expect(epsilon).toBeGreaterThanOrEqual(0);
        expect(epsilon).toBeLessThan(Infinity);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.constant(0), logUniform(1e-10, 1e3)), anyDelta, (epsilon, d) => {
        const mu = muFromTarget(epsilon, d);
        expect(mu).toBeGreaterThan(0);
        expect(mu).toBeLessThan(Infinity);
      }),
    );
  });

  it('undo each other down to δ = 1e-300', () => {
    for (const d of [1e-300, 1e-100, 1e-20, 1e-9, 1e-5, 0.1, 0.5]) {
      for (const eps of [1e-3, 0.1, 1, 10, 100, 700]) expect(relativeError(epsilonFromMu(muFromTarget(eps, d), d), eps)).toBeLessThan(1e-11);
    }
  });
});
