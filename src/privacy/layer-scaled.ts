import { account } from './account';
import { checkMagnitude } from './checks';
import { sigmaScale } from './calibrate';
import { residueOf, type Layer } from './meaning';
import type { LayeredGradientClipping, Reference, Target } from './mechanism';
import { PrivacyError } from './privacy-error';
import { scopeOf, stepsOfPlan, uncalibrated, type SchedulePlan } from './shapes';

/**
 * Radii and noise for every layer, so that the noise at the end of the run is the same fraction of each layer's usual initial scale, and the whole run meets the
 * target. The plan gives learning rates, decay, steps, the shape of the noise, and with C0 : C1 how the budget is shared between the trained model and the
 * gradients; its own scale does not matter.
 *
 * A run of the plan at a scale where it is μ-GDP stays so when radii and σ grow alike, and its μ grows with the radii alone. Layer b gets σ scaled so that
 * √V_b = fraction·scale_b, and radii so that μ_b² = μ²·d_b/d, which adds up to μ². Its radii are then proportional to √d_b·scale_b, the norm of a usual
 * layer of this size: every weight is shrunk by about the same factor.
 * Throws like `account`, and `target-unreachable` where the plan has no noise.
 */
export function layerScaled(layers: readonly Layer[], fraction: number, plan: SchedulePlan, target: Target, reference: Reference): LayeredGradientClipping {
  if (layers.length === 0) throw new PrivacyError('malformed', 'there must be at least one layer', { field: 'layers', remedy: 'Name a model with at least one trained tensor.' });
  checkMagnitude(fraction, 'fraction');
  const shape = uncalibrated(plan);
  const calibrated = { ...plan, sigma: sigmaScale(shape, target, reference) };
  const { noise } = residueOf({ initialRadius: plan.initialRadius, steps: stepsOfPlan(calibrated) });
  const dimension = layers.reduce((sum, { count }) => sum + count, 0);
  const build = (shrink: number): LayeredGradientClipping => ({
    ...scopeOf(plan),
    method: 'layered-gradient-clipping',
    blocks: layers.map(({ name, count, initialScale }) => {
      const sigma = (fraction * initialScale) / noise;
      const radius = sigma * Math.sqrt(count / dimension) * shrink;
      const block: SchedulePlan = {
        ...calibrated,
        initialRadius: calibrated.initialRadius * radius,
        gradientRadius: calibrated.gradientRadius * radius,
        sigma: calibrated.sigma * sigma,
      };
      return { name, initialRadius: block.initialRadius, steps: stepsOfPlan(block) };
    }),
  });
  let margin = 0;
  let mechanism = build(1);
  while (!(account(mechanism, reference).delta(target.epsilon) <= target.delta)) {
    margin = margin === 0 ? 1e-12 : 2 * margin;
    if (margin > 1) throw new PrivacyError('target-unreachable', 'no radii of these layers meet the target', { field: 'layers', remedy: 'Ask for a larger ε or δ, or choose gradient-clipping.' });
    mechanism = build(1 - margin);
  }
  return mechanism;
}
