import { account, stepsOf, type PrivacyProfile } from './account';
import { checkMagnitude, checkTarget } from './checks';
import type { GradientClipping, GradientClippingStep, Reference, Target } from './mechanism';
import { PrivacyError } from './privacy-error';
import { float32Down, float32Up } from './rounding';

declare const isPublic: unique symbol;

/** A radius that comes from the request, or from a pilot run that never saw the forget set. The norm of a model that is being unlearned is not one. */
export type PublicRadius = number & { readonly [isPublic]: true };

/** Vouches that a radius was written down in the request, before anyone looked at the parameters that it will clip. Throws `out-of-range` unless 0 or in [1e-60, 1e60]. */
export function publicRadius(valueInRequest: number): PublicRadius {
  checkMagnitude(valueInRequest, 'initialRadius');
  return valueInRequest as PublicRadius;
}

/** What may be certified for running: the initial radius must be known to be public. */
export type CertifiableGradientClipping = GradientClipping & { readonly initialRadius: PublicRadius };

/** One step, or `count` equal ones, with the numbers that float32 arithmetic must use to stay within what was certified. */
export interface AppliedStep extends Required<GradientClippingStep> {
  /** float32: at least σ_t, and a rounding margin above it. */
  readonly appliedSigma: number;
  /** float32: C1_t less a rounding margin. */
  readonly appliedGradientRadius: number;
}

/** Relative margin for float32 arithmetic: clipping to C(1 − 1e-6) leaves a norm of at most C after every rounding of the scaling, and of γ. */
const MARGIN = 1e-6;

/**
 * A schedule that has been accounted for and meets its target: the only thing that an engine runs. `certify` is the only way to get one, and it copies
 * and freezes what it certified.
 */
export class CertifiedSchedule {
  readonly mechanism: CertifiableGradientClipping;
  readonly reference: Reference;
  readonly target: Target;
  readonly profile: PrivacyProfile;
  /** float32: C0 less a rounding margin. */
  readonly appliedInitialRadius: number;
  /** In order, equal steps in one entry. */
  readonly steps: readonly AppliedStep[];
  readonly totalSteps: number;

  private constructor(mechanism: CertifiableGradientClipping, target: Target, reference: Reference, profile: PrivacyProfile) {
    this.mechanism = mechanism;
    this.reference = reference;
    this.target = target;
    this.profile = profile;
    this.appliedInitialRadius = float32Down(mechanism.initialRadius * (1 - MARGIN));
    this.steps = Object.freeze(mechanism.steps.map(applied));
    this.totalSteps = stepsOf(mechanism);
    Object.freeze(this);
  }

  /** Throws like `account`, and `target-not-met` if δ(ε) of the mechanism against the reference is above δ. */
  static certify(mechanism: CertifiableGradientClipping, target: Target, reference: Reference): CertifiedSchedule {
    const frozen: CertifiableGradientClipping = Object.freeze({ ...mechanism, steps: Object.freeze(mechanism.steps.map((step) => Object.freeze({ ...step }))) });
    checkTarget(target);
    const profile = account(frozen, reference);
    const reached = profile.delta(target.epsilon);
    if (!(reached <= target.delta)) {
      throw new PrivacyError('target-not-met', `the schedule gives δ = ${reached.toPrecision(3)} at ε = ${target.epsilon}, above the target δ = ${target.delta}`, 'steps');
    }
    return new CertifiedSchedule(frozen, Object.freeze({ epsilon: target.epsilon, delta: target.delta }), reference, Object.freeze(profile));
  }
}

function applied(step: GradientClippingStep): AppliedStep {
  const appliedSigma = float32Up(step.sigma * (1 + MARGIN));
  if (!Number.isFinite(appliedSigma)) throw new PrivacyError('out-of-range', `σ = ${step.sigma} does not fit into float32`, 'sigma');
  return Object.freeze({
    count: step.count ?? 1,
    learningRate: step.learningRate,
    decay: step.decay,
    gradientRadius: step.gradientRadius,
    sigma: step.sigma,
    appliedSigma,
    appliedGradientRadius: float32Down(step.gradientRadius * (1 - MARGIN)),
  });
}
