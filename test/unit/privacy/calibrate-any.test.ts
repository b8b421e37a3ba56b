import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { calibrateNoise } from '../../../src/privacy/calibrate-any';
import { calibrateSigma } from '../../../src/privacy/calibrate';
import { muFromTarget } from '../../../src/privacy/gaussian-dp';
import type { Mechanism, ModelClipping } from '../../../src/privacy/mechanism';
import { relativeError } from './fixture';

const target = { epsilon: 1, delta: 1e-5 };
const MU = muFromTarget(1, 1e-5);
const steps = [{ count: 10, learningRate: 0.1, decay: 0.2, gradientRadius: 1, sigma: 1 }];

describe('noise calibrated for any mechanism', () => {
  it('is f·C0/μ for output perturbation', () => {
    const { sigma } = calibrateNoise({ method: 'output-perturbation', initialRadius: 3, sigma: 1 }, target, 'retrained');
    expect(relativeError(sigma, 6 / MU)).toBeLessThan(1e-11);
  });

  it('is Δ/μ for a convex head', () => {
    const { sigma } = calibrateNoise({ method: 'convex-head', loss: 'squared', initialRadius: 3, steps: [{ count: 100, learningRate: 0.5, decay: 0.02, inputRadius: 1 }], sigma: 1 }, target, 'centre');
    // ρ = max(1 − 0.01, |1 − 0.51|).
    expect(relativeError(sigma, (3 * 0.99 ** 100) / MU)).toBeLessThan(1e-11);
  });

  it('agrees with the calibration of gradient clipping', () => {
    const general = calibrateNoise({ method: 'gradient-clipping', initialRadius: 1, steps }, target, 'retrained');
    const special = calibrateSigma({ initialRadius: 1, steps }, target, 'retrained');
    expect(relativeError(general.steps[0]?.sigma ?? NaN, special.steps[0]?.sigma ?? NaN)).toBeLessThan(1e-11);
  });

  it.each([[1, 7.461], [5, 1.056], [10, 0.749], [50, 0.475], [100, 0.42]])('is as published for %i steps of model clipping: %f·C2', (count, sigma) => {
    const mechanism: ModelClipping = { method: 'model-clipping', initialRadius: 1, steps: [{ count, learningRate: 0.1, decay: 0, modelRadius: 2, sigma: 1 }] };
    // Published to three decimals, for C2 = 1.
    expect((calibrateNoise(mechanism, target, 'retrained').steps[0]?.sigma ?? NaN) / 2).toBeCloseTo(sigma, 3);
  });

  it.each<Mechanism>([
    { method: 'output-perturbation', initialRadius: 3, sigma: 1 },
    { method: 'model-clipping', initialRadius: 1, initialSigma: 1, steps: [{ count: 7, learningRate: 0.1, decay: 0, modelRadius: 2, gradientRadius: 1, sigma: 0.5 }] },
    { method: 'layered-gradient-clipping', blocks: [{ name: 'a', initialRadius: 1, steps }, { name: 'b', initialRadius: 2, steps }] },
    { method: 'sequential-subspaces', blocks: [{ name: 'a', initialRadius: 1, steps }, { name: 'b', initialRadius: 2, steps }] },
  ])('meets the target, and just so: $method', (mechanism) => {
    for (const reference of ['retrained', 'centre'] as const) {
      const profile = account(calibrateNoise(mechanism, target, reference), reference);
      expect(profile.delta(1)).toBeLessThanOrEqual(1e-5);
      expect(relativeError(profile.logDelta(1), Math.log(1e-5))).toBeLessThan(1e-9);
    }
  });

  it('leaves exact methods alone, and says where nothing helps', () => {
    expect(calibrateNoise({ method: 'retrain' }, target, 'retrained')).toEqual({ method: 'retrain' });
    expect(() => calibrateNoise({ method: 'dp-sgd-group', perRecord: { mu: 1 }, groupSize: 10 }, target, 'retrained')).toThrow(expect.objectContaining({ code: 'target-unreachable' }));
    expect(() => calibrateNoise({ method: 'output-perturbation', initialRadius: 1, sigma: 0 }, target, 'retrained')).toThrow(expect.objectContaining({ code: 'target-unreachable' }));
  });
});
