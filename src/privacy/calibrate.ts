import { account } from './account';
import { checkTarget } from './checks';
import { bestPrefix, checkClippedDescent } from './gradient-clipping';
import { muFromTarget } from './gaussian-dp';
import type { GradientClipping, GradientClippingStep, Reference, Scope, Target } from './mechanism';
import { PrivacyError } from './privacy-error';

/** A step whose noise is still to be found. `sigma` is its weight beside the other steps; 1 unless given, 0 for a step without noise. */
export interface UncalibratedStep extends Omit<GradientClippingStep, 'sigma'> {
  readonly sigma?: number;
}

export interface UncalibratedGradientClipping extends Scope {
  readonly initialRadius: number;
  readonly steps: readonly UncalibratedStep[];
}

/**
 * The least noise that meets a target, in the given proportions: μ falls as 1/σ, so the scale is known from one accounting.
 * σ is rounded up: `account(result, reference).delta(target.epsilon) ≤ target.delta` holds in floating point.
 * Throws like `account`, and `target-unreachable` where no scale helps, because no step has noise.
 */
export function calibrateSigma(shape: UncalibratedGradientClipping, target: Target, reference: Reference): GradientClipping {
  checkTarget(target);
  const atScale = (scale: number): GradientClipping => ({
    ...shape,
    method: 'gradient-clipping',
    steps: shape.steps.map((step) => ({ ...step, sigma: (step.sigma ?? 1) * scale })),
  });
  const unit = atScale(1);
  checkClippedDescent(unit);
  const { mu } = bestPrefix(unit, reference);
  if (mu === Infinity) throw new PrivacyError('target-unreachable', 'no step of the schedule has noise, so no scale of it gives a guarantee', 'steps');
  if (mu === 0) return unit;
  const meets = (mechanism: GradientClipping): boolean => account(mechanism, reference).delta(target.epsilon) <= target.delta;
  const scale = mu / muFromTarget(target.epsilon, target.delta);
  let margin = 2e-12;
  let calibrated = atScale(scale * (1 + margin));
  while (!meets(calibrated)) {
    margin *= 2;
    calibrated = atScale(scale * (1 + margin));
  }
  return calibrated;
}
