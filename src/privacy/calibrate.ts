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
  return calibrated(shape, target, reference).mechanism;
}

/** The factor for all σ of a shape that `calibrateSigma` finds. 1 where both radii are 0, and any noise is enough. */
export function sigmaScale(shape: UncalibratedGradientClipping, target: Target, reference: Reference): number {
  return calibrated(shape, target, reference).scale;
}

function calibrated(shape: UncalibratedGradientClipping, target: Target, reference: Reference): { readonly scale: number; readonly mechanism: GradientClipping } {
  checkTarget(target);
  const unit = atScale(shape, 1);
  checkClippedDescent(unit);
  const { mu } = bestPrefix(unit, reference);
  if (mu === Infinity) throw new PrivacyError('target-unreachable', 'no step of the schedule has noise, so no scale of it gives a guarantee', { field: 'steps', remedy: 'Give at least one step noise, or choose another method.' });
  if (mu === 0) return { scale: 1, mechanism: unit };
  const least = mu / muFromTarget(target.epsilon, target.delta);
  for (let margin = 2e-12; ; margin *= 2) {
    const scale = least * (1 + margin);
    const mechanism = atScale(shape, scale);
    if (account(mechanism, reference).delta(target.epsilon) <= target.delta) return { scale, mechanism };
  }
}

function atScale(shape: UncalibratedGradientClipping, scale: number): GradientClipping {
  return { ...shape, method: 'gradient-clipping', steps: shape.steps.map((step) => ({ ...step, sigma: (step.sigma ?? 1) * scale })) };
}
