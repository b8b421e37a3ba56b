import type { GradientClipping, GradientClippingStep, Reference } from '../privacy/mechanism';
import { spent } from '../privacy/spent';

/** One step of a schedule, as a chart or a table shows it. */
export interface PlanPoint {
  /** 1-based. */
  readonly step: number;
  readonly sigma: number;
  readonly learningRate: number;
  readonly gradientRadius: number;
  /** ε of releasing the state right after this step, at the δ of the target. Undefined before the first noise, where nothing is guaranteed. */
  readonly epsilon: number | undefined;
}

/** The steps of a schedule, evenly thinned to a few hundred. */
export function privacySpent(mechanism: GradientClipping, reference: Reference, delta: number, points = 300): readonly PlanPoint[] {
  const curve = spent(mechanism, reference, delta, points);
  const stepAt = walk(mechanism.steps);
  return Array.from(curve.steps, (step, index) => {
    const { sigma, learningRate, gradientRadius } = stepAt(step);
    const epsilon = curve.epsilon[index];
    return { step, sigma, learningRate, gradientRadius, epsilon: epsilon !== undefined && Number.isFinite(epsilon) ? epsilon : undefined };
  });
}

/** Looks up steps by number, in ascending order. */
function walk(steps: readonly GradientClippingStep[]): (step: number) => GradientClippingStep {
  let index = 0;
  let end = steps[0]?.count ?? 1;
  return (step) => {
    while (step > end && index + 1 < steps.length) {
      index += 1;
      end += steps[index]?.count ?? 1;
    }
    const found = steps[index];
    if (found === undefined) {
      throw new RangeError('a schedule has at least one step');
    }
    return found;
  };
}
