import { describe, expect, it } from 'vitest';
import { delta, epsilonFromMu, logDelta, muFromTarget } from '../../../src/privacy/gaussian-dp';
import { PrivacyError } from '../../../src/privacy/privacy-error';
import { reference, relativeError } from './fixture';

describe('δ(ε; μ)', () => {
  it.each(reference.delta_from_mu_eps)('agrees with 50-digit arithmetic at μ = $mu, ε = $eps', ({ mu, eps, log_delta }) => {
    expect(relativeError(logDelta(eps, mu), log_delta)).toBeLessThan(1e-13);
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

  it('undo each other down to δ = 1e-300', () => {
    for (const d of [1e-300, 1e-100, 1e-20, 1e-9, 1e-5, 0.1, 0.5]) {
      for (const eps of [1e-3, 0.1, 1, 10, 100, 700]) expect(relativeError(epsilonFromMu(muFromTarget(eps, d), d), eps)).toBeLessThan(1e-11);
    }
  });
});
