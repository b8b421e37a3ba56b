import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { delta } from '../../../src/privacy/gaussian-dp';
import type { ModelClipping } from '../../../src/privacy/mechanism';
import { reference, relativeError } from './fixture';

/** T steps into a ball whose diameter is r noise deviations, from a start without noise. */
function clipped(r: number, count: number, more: Partial<ModelClipping> = {}): ModelClipping {
  return { method: 'model-clipping', initialRadius: 1, steps: [{ count, learningRate: 0.1, decay: 0, modelRadius: r / 2, sigma: 1 }], ...more };
}

describe('model clipping', () => {
  it.each(reference.theta_contraction_multi_step)('gives ln δ = $log_delta_T at ε = $eps after $T steps with 2·C2/σ = $r', ({ eps, r, T, log_delta_T }) => {
    // The profile rounds r up by 1e-12, which moves ln δ by at most T·r²·1e-12, below 3e-9; the reference itself has 17 digits.
    expect(relativeError(account(clipped(r, T), 'retrained').logDelta(eps), log_delta_T)).toBeLessThan(1e-9);
  });

  it.each(reference.theta_contraction_one_step)('contracts δ = $delta_in to $delta_out at ε = $eps with 2·C2/σ = $r', (row) => {
    // Initial noise chosen so that δ_0 is the δ of the row, up to the accuracy of the search: θ_ε(2·C0/σ_0) = δ_in.
    if (row.delta_in === 1) {
      expect(relativeError(account(clipped(row.r, 1), 'retrained').logDelta(row.eps), row.log_delta_out)).toBeLessThan(1e-9);
      return;
    }
    let low = 1e-3;
    let high = 100;
    for (let i = 0; i < 200; i += 1) {
      const middle = Math.sqrt(low * high);
      if (delta(row.eps, middle) > row.delta_in) high = middle;
      else low = middle;
    }
    const mechanism = clipped(row.r, 1, { initialRadius: low / 2, initialSigma: 1 });
    expect(relativeError(account(mechanism, 'retrained').logDelta(row.eps), row.log_delta_out)).toBeLessThan(1e-9);
  });

  it.each([[1, 7.461], [5, 1.056], [10, 0.749], [50, 0.475], [100, 0.42]])('after %i steps needs σ = %f·C2 for ε = 1, δ = 1e-5', (steps, sigma) => {
    // Published to three decimals: the true σ lies within half a unit of the last one.
    expect(account(clipped(2 / (sigma - 5e-4), steps), 'retrained').delta(1)).toBeGreaterThan(1e-5);
    expect(account(clipped(2 / (sigma + 5e-4), steps), 'retrained').delta(1)).toBeLessThan(1e-5);
  });

  it('is C2/σ-GDP against the centre after one step', () => {
    const profile = account(clipped(2, 1), 'centre');
    expect(relativeError(profile.mu ?? NaN, 1)).toBeLessThan(1e-11);
    expect(relativeError(profile.logDelta(1), -2.0640664465003905)).toBeLessThan(1e-10);
  });

  it('is accounted as gradient clipping where gradients are clipped and that is better', () => {
    // C0 = 1, s = 2·0.1·1 a step, σ = 1: after 10 steps D = 2 + 2 = 4, V = 10; the ball of radius 100 does nothing.
    const mechanism: ModelClipping = {
      method: 'model-clipping',
      initialRadius: 1,
      steps: [{ count: 10, learningRate: 0.1, decay: 0, modelRadius: 100, gradientRadius: 1, sigma: 1 }],
    };
    expect(relativeError(account(mechanism, 'retrained').mu ?? NaN, 4 / Math.sqrt(10))).toBeLessThan(1e-11);
    // A ball of radius ½ forgets the start: from 2·½ = 1 before the first noise, 1 + 9·0.2 = 2.8 after 9 more steps; the least is at the fifth: (1 + 0.2·τ)/√(τ + 1) at τ = 4.
    const tight: ModelClipping = { ...mechanism, steps: mechanism.steps.map((step) => ({ ...step, modelRadius: 0.5 })) };
    expect(relativeError(account(tight, 'retrained').mu ?? NaN, Math.min(...Array.from({ length: 10 }, (_, tau) => (1 + 0.2 * tau) / Math.sqrt(tau + 1))))).toBeLessThan(1e-11);
  });
});
