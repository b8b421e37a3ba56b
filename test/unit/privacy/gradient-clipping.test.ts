import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { bestPrefix, visitEnergies } from '../../../src/privacy/gradient-clipping';
import type { GradientClipping, Reference } from '../../../src/privacy/mechanism';
import { reference, relativeError } from './fixture';

function finalMu(mechanism: GradientClipping, against: Reference): number {
  let last = Infinity;
  visitEnergies(mechanism, against, (_, energy) => {
    last = Math.sqrt(energy);
  });
  return last;
}

describe('constant schedules', () => {
  it.each(reference.process_constant_schedule)('C0 = $C0, C1 = $C1, γ = $gamma, λ = $lambda, T = $T, σ = $sigma', (row) => {
    const mechanism: GradientClipping = {
      method: 'gradient-clipping',
      initialRadius: row.C0,
      steps: [{ count: row.T, learningRate: row.gamma, decay: row.lambda, gradientRadius: row.C1, sigma: row.sigma }],
    };
    expect(relativeError(finalMu(mechanism, 'retrained'), row.mu_two_sided)).toBeLessThan(1e-13);
    expect(relativeError(finalMu(mechanism, 'centre'), row.mu_centre_certifier)).toBeLessThan(1e-13);
    // The prefix minimum of the reference is float64.
    const best = bestPrefix(mechanism, 'retrained');
    expect(relativeError(best.mu, row.mu_min_over_prefix_float64)).toBeLessThan(1e-13);
    expect(best.step).toBe(row.argmin_prefix);
    if (row.argmin_prefix !== row.T) return;
    const profile = account(mechanism, 'retrained');
    expect(relativeError(profile.epsilon(1e-5), row['eps_two_sided_at_1e-05'])).toBeLessThan(1e-9);
    expect(relativeError(profile.epsilon(1e-6), row['eps_two_sided_at_1e-06'])).toBeLessThan(1e-9);
    expect(relativeError(account(mechanism, 'centre').epsilon(1e-5), row['eps_centre_at_1e-05'])).toBeLessThan(1e-9);
  });
});

describe('general schedules', () => {
  it.each(reference.process_general_schedule_float64)('$name', (row) => {
    const mechanism: GradientClipping = {
      method: 'gradient-clipping',
      initialRadius: row.C0,
      steps: row.gamma.map((learningRate, t) => ({ learningRate, decay: row.lambda[t] ?? NaN, gradientRadius: row.C1[t] ?? NaN, sigma: row.sigma[t] ?? NaN })),
    };
    // The reference rows carry float64 rounding of their own, up to 3e-13 (19.999999999994884 where the truth is 20).
    expect(relativeError(finalMu(mechanism, 'retrained'), row.mu_gcm_two_sided)).toBeLessThan(1e-12);
    expect(relativeError(finalMu(mechanism, 'centre'), row.mu_gcm_centre)).toBeLessThan(1e-12);
    const best = bestPrefix(mechanism, 'retrained');
    expect(relativeError(best.mu, row.mu_min_prefix_two_sided)).toBeLessThan(1e-12);
    expect(best.step).toBe(row.argmin_prefix);
  });
});
