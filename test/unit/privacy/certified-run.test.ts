import { describe, expect, expectTypeOf, it } from 'vitest';
import { calibrateSigma } from '../../../src/privacy/calibrate';
import { CertifiedRun, publicMechanism, type PublicMechanism } from '../../../src/privacy/certified-run';
import type { GradientClipping, GradientClippingStep, Mechanism } from '../../../src/privacy/mechanism';

const target = { epsilon: 1, delta: 1e-5 };
const calibrated = calibrateSigma({ initialRadius: 1, steps: [{ count: 7, learningRate: 0.1, decay: 0.5, gradientRadius: 1 }, { learningRate: 0.05, decay: 0.5, gradientRadius: 1 }] }, target, 'retrained');
const certify = <M extends Mechanism>(mechanism: M): CertifiedRun<M> => CertifiedRun.certify(publicMechanism(mechanism), target, 'retrained');

describe('a certified run', () => {
  it('comes from a mechanism that meets its target, with the accounting', () => {
    const run = certify(calibrated);
    expect(run.mechanism).toEqual(calibrated);
    expect(run.profile.delta(1)).toBeLessThanOrEqual(1e-5);
    expect([run.target, run.reference]).toEqual([target, 'retrained']);
  });

  it('has float32 noise of at least the certified one, and radii of at most the certified ones', () => {
    const run = certify(calibrated);
    expect(run.applied.initialRadius).toBeLessThanOrEqual(1 - 1e-6);
    expect(run.applied.initialRadius).toBeGreaterThan(1 - 1.2e-6);
    for (const [index, { sigma, gradientRadius, learningRate, decay, count }] of run.applied.steps.entries()) {
      const planned = calibrated.steps[index] ?? { sigma: NaN, gradientRadius: NaN };
      expect(sigma).toBeGreaterThanOrEqual(planned.sigma * (1 + 1e-6));
      expect(sigma).toBeLessThan(planned.sigma * (1 + 1.2e-6));
      expect(gradientRadius).toBeLessThanOrEqual(planned.gradientRadius * (1 - 1e-6));
      expect([Math.fround(sigma), Math.fround(gradientRadius)]).toEqual([sigma, gradientRadius]);
      expect(planned).toMatchObject({ learningRate, decay, ...(count === undefined ? {} : { count }) });
    }
  });

  it('is refused where the target is not met', () => {
    const quieter: GradientClipping = { ...calibrated, steps: calibrated.steps.map((step) => ({ ...step, sigma: step.sigma * 0.999 })) };
    expect(() => certify(quieter)).toThrow(expect.objectContaining({ code: 'target-not-met' }));
    expect(() => certify({ ...calibrated, steps: [] })).toThrow(expect.objectContaining({ code: 'target-not-met' }));
  });

  it('is refused where σ does not fit into float32', () => {
    const loud: GradientClipping = { ...calibrated, steps: [{ learningRate: 0, decay: 0, gradientRadius: 0, sigma: 1e39 }] };
    expect(() => certify(loud)).toThrow(expect.objectContaining({ code: 'out-of-range' }));
  });

  it('cannot be changed afterwards, not even through what it was made from', () => {
    const steps: GradientClippingStep[] = calibrated.steps.map((step) => ({ ...step }));
    const run = certify({ ...calibrated, steps });
    const sigma = steps[0]?.sigma;
    steps[0] = { learningRate: 1, decay: 0, gradientRadius: 1, sigma: 0 };
    expect(run.mechanism.steps[0]?.sigma).toBe(sigma);
    for (const frozen of [run, run.applied, run.applied.steps, run.applied.steps[0], run.mechanism, run.mechanism.steps, run.target, run.profile]) expect(Object.isFrozen(frozen)).toBe(true);
  });
});

describe('a certified run of another method', () => {
  it('has margins on the radii and the noise of every block, and on those of model clipping', () => {
    const blocks = [{ name: 'kernel', initialRadius: 2, steps: [{ learningRate: 0.1, decay: 0, gradientRadius: 3, sigma: 100 }] }];
    const layered = certify({ method: 'layered-gradient-clipping', blocks }).applied.blocks[0];
    expect(layered?.initialRadius).toBeLessThan(2);
    expect(layered?.steps[0]?.gradientRadius).toBeLessThan(3);
    expect(layered?.steps[0]?.sigma).toBeGreaterThan(100);
    const { applied } = certify({ method: 'model-clipping', initialRadius: 1, initialSigma: 10, steps: [{ learningRate: 0.1, decay: 0, modelRadius: 1, sigma: 10 }] });
    expect([applied.initialSigma, applied.steps[0]?.sigma].every((sigma) => (sigma ?? 0) > 10)).toBe(true);
    expect(applied.steps[0]?.modelRadius).toBeLessThan(1);
  });

  it('may state δ = 0 only where nothing of the trained model is used', () => {
    const none = { epsilon: 0, delta: 0 };
    expect(CertifiedRun.certify(publicMechanism({ method: 'retrain' }), none, 'retrained').profile.delta(0)).toBe(0);
    expect(CertifiedRun.certify(publicMechanism({ method: 'gaussian-restart', sigma: 1 }), none, 'retrained').target).toEqual(none);
    expect(() => CertifiedRun.certify(publicMechanism(calibrated), none, 'retrained')).toThrow(expect.objectContaining({ code: 'out-of-range' }));
  });
});

describe('the types', () => {
  it('do not let a bare mechanism be certified, nor anything but `certify` make a run', () => {
    expectTypeOf<GradientClipping>().not.toExtend<PublicMechanism<GradientClipping>>();
    expectTypeOf<{ [K in keyof CertifiedRun]: CertifiedRun[K] }>().toExtend<CertifiedRun>();
  });
});
