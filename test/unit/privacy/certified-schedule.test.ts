import { describe, expect, expectTypeOf, it } from 'vitest';
import { calibrateSigma } from '../../../src/privacy/calibrate';
import { CertifiedSchedule, publicRadius, type CertifiableGradientClipping } from '../../../src/privacy/certified-schedule';
import type { GradientClipping, GradientClippingStep } from '../../../src/privacy/mechanism';

const target = { epsilon: 1, delta: 1e-5 };
const calibrated = calibrateSigma({ initialRadius: 1, steps: [{ count: 7, learningRate: 0.1, decay: 0.5, gradientRadius: 1 }, { learningRate: 0.05, decay: 0.5, gradientRadius: 1 }] }, target, 'retrained');
const certifiable = (mechanism: GradientClipping): CertifiableGradientClipping => ({ ...mechanism, initialRadius: publicRadius(mechanism.initialRadius) });

describe('a certified schedule', () => {
  it('comes from a schedule that meets its target, with the accounting', () => {
    const schedule = CertifiedSchedule.certify(certifiable(calibrated), target, 'retrained');
    expect(schedule.totalSteps).toBe(8);
    expect(schedule.profile.delta(1)).toBeLessThanOrEqual(1e-5);
    expect([schedule.target, schedule.reference]).toEqual([target, 'retrained']);
  });

  it('has float32 noise of at least the certified one, and radii of at most the certified ones', () => {
    const schedule = CertifiedSchedule.certify(certifiable(calibrated), target, 'retrained');
    expect(schedule.appliedInitialRadius).toBeLessThanOrEqual(1 - 1e-6);
    expect(schedule.appliedInitialRadius).toBeGreaterThan(1 - 1.2e-6);
    for (const step of schedule.steps) {
      expect(step.appliedSigma).toBeGreaterThanOrEqual(step.sigma * (1 + 1e-6));
      expect(step.appliedSigma).toBeLessThan(step.sigma * (1 + 1.2e-6));
      expect(step.appliedGradientRadius).toBeLessThanOrEqual(step.gradientRadius * (1 - 1e-6));
      expect([Math.fround(step.appliedSigma), Math.fround(step.appliedGradientRadius)]).toEqual([step.appliedSigma, step.appliedGradientRadius]);
    }
  });

  it('is refused where the target is not met', () => {
    const quieter: GradientClipping = { ...calibrated, steps: calibrated.steps.map((step) => ({ ...step, sigma: step.sigma * 0.999 })) };
    expect(() => CertifiedSchedule.certify(certifiable(quieter), target, 'retrained')).toThrow(expect.objectContaining({ code: 'target-not-met' }));
    expect(() => CertifiedSchedule.certify(certifiable({ ...calibrated, steps: [] }), target, 'retrained')).toThrow(expect.objectContaining({ code: 'target-not-met' }));
  });

  it('is refused where σ does not fit into float32', () => {
    const loud: GradientClipping = { ...calibrated, steps: [{ learningRate: 0, decay: 0, gradientRadius: 0, sigma: 1e39 }] };
    expect(() => CertifiedSchedule.certify(certifiable(loud), target, 'retrained')).toThrow(expect.objectContaining({ code: 'out-of-range' }));
  });

  it('cannot be changed afterwards, not even through what it was made from', () => {
    const steps: GradientClippingStep[] = calibrated.steps.map((step) => ({ ...step }));
    const schedule = CertifiedSchedule.certify(certifiable({ ...calibrated, steps }), target, 'retrained');
    const sigma = steps[0]?.sigma;
    steps[0] = { learningRate: 1, decay: 0, gradientRadius: 1, sigma: 0 };
    expect(schedule.mechanism.steps[0]?.sigma).toBe(sigma);
    for (const frozen of [schedule, schedule.steps, schedule.steps[0], schedule.mechanism, schedule.mechanism.steps, schedule.target, schedule.profile]) expect(Object.isFrozen(frozen)).toBe(true);
  });
});

describe('the types', () => {
  it('do not let a bare number be the radius, nor anything but `certify` make a schedule', () => {
    expectTypeOf<GradientClipping>().not.toExtend<CertifiableGradientClipping>();
    expectTypeOf<number>().not.toExtend<CertifiableGradientClipping['initialRadius']>();
    expectTypeOf<{ [K in keyof CertifiedSchedule]: CertifiedSchedule[K] }>().toExtend<CertifiedSchedule>();
  });

  it('let only numbers in range be public radii', () => {
    for (const bad of [-1, NaN, Infinity, 1e61]) expect(() => publicRadius(bad)).toThrow(expect.objectContaining({ code: 'out-of-range' }));
  });
});
