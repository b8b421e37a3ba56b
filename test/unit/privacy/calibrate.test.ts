import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { calibrateSigma } from '../../../src/privacy/calibrate';
import { muFromTarget } from '../../../src/privacy/gaussian-dp';
import { relativeError } from './fixture';
import { logUniform, schedules } from './random';

describe('calibrated noise', () => {
  it('meets the target in floating point, and hardly more than meets it', () => {
    fc.assert(
      fc.property(schedules, logUniform(1e-3, 50), logUniform(1e-12, 0.1), fc.constantFrom('retrained' as const, 'centre' as const), (mechanism, epsilon, delta, reference) => {
        fc.pre((account(mechanism, reference).mu ?? 0) > 0);
        const profile = account(calibrateSigma(mechanism, { epsilon, delta }, reference), reference);
        expect(profile.delta(epsilon)).toBeLessThanOrEqual(delta);
        expect(profile.epsilon(delta)).toBeLessThanOrEqual(epsilon);
        // μ falls short of the target by the outward margins alone.
        expect(relativeError(profile.mu ?? NaN, muFromTarget(epsilon, delta))).toBeLessThan(1e-11);
      }),
    );
  });

  it('of a constant schedule is Δ/(μ√T), as in the paper but for the constant', () => {
    // C0 = 1, C1 = 2, γ = 0.1, T = 5 = C0/(γC1): Δ = 2·(1 + 1) = 4, σ = 4/(0.268051123211294·√5).
    const { steps } = calibrateSigma({ initialRadius: 1, steps: [{ count: 5, learningRate: 0.1, decay: 0, gradientRadius: 2 }] }, { epsilon: 1, delta: 1e-5 }, 'retrained');
    expect(relativeError(steps[0]?.sigma ?? NaN, 4 / (0.268051123211294 * Math.sqrt(5)))).toBeLessThan(1e-11);
  });

  it('keeps the proportions of σ, and steps without noise', () => {
    const step = { learningRate: 0.1, decay: 0, gradientRadius: 1 };
    const { steps } = calibrateSigma({ initialRadius: 1, steps: [{ ...step, sigma: 2 }, { ...step, sigma: 0 }, step] }, { epsilon: 1, delta: 1e-5 }, 'retrained');
    const [first, second, third] = steps.map(({ sigma }) => sigma);
    expect(second).toBe(0);
    expect((first ?? 0) / (third ?? 1)).toBe(2);
  });

  it('is refused where no step has noise, and for targets that are none', () => {
    const shape = { initialRadius: 1, steps: [{ learningRate: 0.1, decay: 0, gradientRadius: 1, sigma: 0 }] };
    expect(() => calibrateSigma(shape, { epsilon: 1, delta: 1e-5 }, 'retrained')).toThrow(expect.objectContaining({ code: 'target-unreachable' }));
    for (const target of [{ epsilon: -1, delta: 0.1 }, { epsilon: 1, delta: 0 }, { epsilon: 1, delta: 1 }, { epsilon: NaN, delta: 0.1 }, { epsilon: Infinity, delta: 0.1 }]) {
      expect(() => calibrateSigma(shape, target, 'retrained')).toThrow(expect.objectContaining({ code: 'out-of-range' }));
    }
  });
});
