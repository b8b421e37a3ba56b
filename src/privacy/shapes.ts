import type { GradientClippingStep, Scope } from './mechanism';
import type { UncalibratedGradientClipping, UncalibratedStep } from './calibrate';
import { checkCount, inside } from './checks';
import { PrivacyError } from './privacy-error';

/** How a quantity goes over the steps t = 0…T−1, relative to its largest value. `final` ≥ 0 is the value that it falls to. */
export type Shape =
  | { readonly kind: 'constant' }
  /** final^{t/(T−1)}; final > 0. */
  | { readonly kind: 'geometric'; readonly final: number }
  /** From 1 to final in equal steps. */
  | { readonly kind: 'linear'; readonly final: number }
  /** final + (1 − final)·(1 + cos(πt/T))/2 (I. Loshchilov, F. Hutter, ICLR 2017). */
  | { readonly kind: 'cosine'; readonly final: number }
  /** In equal steps up to 1 over the first `steps` ≤ T, then another shape over the rest; constant unless given. */
  | { readonly kind: 'warm-up'; readonly steps: number; readonly then?: Shape }
  /** Straight lines between points: fractions of the run from 0, the first step, to 1, the last, in ascending order, each with its weight ≥ 0. Level before the first and after the last. */
  | { readonly kind: 'points'; readonly points: readonly (readonly [fraction: number, weight: number])[] }
  /** One weight ≥ 0 for each step. */
  | { readonly kind: 'custom'; readonly weights: readonly number[] };

/** The weight of each of T steps. Throws `malformed` or `out-of-range` for a shape that does not fit. */
export function weightsOf(shape: Shape, steps: number): readonly number[] {
  checkCount(steps, 'steps', 0);
  const along = (weight: (t: number, fraction: number) => number): number[] => Array.from({ length: steps }, (_, t) => weight(t, steps > 1 ? t / (steps - 1) : 0));
  switch (shape.kind) {
    case 'constant':
      return along(() => 1);
    case 'geometric':
      checkFinal(shape.final);
      if (shape.final === 0) throw new PrivacyError('out-of-range', 'a geometric shape cannot fall to 0', { field: 'final', remedy: 'Write a final weight above 0, or choose the linear shape.' });
      return along((_, fraction) => shape.final ** fraction);
    case 'linear':
      checkFinal(shape.final);
      return along((_, fraction) => 1 + (shape.final - 1) * fraction);
    case 'cosine':
      checkFinal(shape.final);
      return along((t) => shape.final + ((1 - shape.final) * (1 + Math.cos((Math.PI * t) / steps))) / 2);
    case 'warm-up': {
      checkCount(shape.steps, 'steps', 1, Math.max(1, steps));
      const rest = weightsOf(shape.then ?? { kind: 'constant' }, Math.max(0, steps - shape.steps));
      return [...Array.from({ length: Math.min(steps, shape.steps) }, (_, t) => (t + 1) / shape.steps), ...rest];
    }
    case 'points':
      checkPoints(shape.points);
      return along((_, fraction) => between(shape.points, fraction));
    case 'custom':
      if (shape.weights.length !== steps) throw new PrivacyError('malformed', `there are ${shape.weights.length} weights for ${steps} steps`, { field: 'weights', remedy: 'Write one weight for each step.' });
      if (!shape.weights.every((weight) => weight >= 0 && weight < Infinity)) throw new PrivacyError('out-of-range', 'weights must be numbers of at least 0', { field: 'weights', remedy: 'Write 0 or a positive number for each step.' });
      return shape.weights;
  }
}

/** Gradient clipping in a few numbers: peaks, and shapes that are constant unless given. */
export interface SchedulePlan extends Scope {
  /** C0. */
  readonly initialRadius: number;
  /** T. */
  readonly steps: number;
  /** The largest γ. */
  readonly learningRate: number;
  readonly learningRateShape?: Shape;
  /** λ. */
  readonly decay: number;
  /** C1. */
  readonly gradientRadius: number;
  /** The largest σ. */
  readonly sigma: number;
  readonly sigmaShape?: Shape;
}

export function isConstant(plan: SchedulePlan): boolean {
  return (plan.learningRateShape ?? plan.sigmaShape ?? { kind: 'constant' }).kind === 'constant' && (plan.sigmaShape ?? { kind: 'constant' }).kind === 'constant';
}

/** The schedule of a plan with its σ as weights, for `calibrateSigma`. */
export function uncalibrated(plan: SchedulePlan): UncalibratedGradientClipping {
  return { ...scopeOf(plan), initialRadius: plan.initialRadius, steps: stepsOfPlan({ ...plan, sigma: 1 }) satisfies readonly UncalibratedStep[] };
}

/** The steps of a plan: one run where everything is constant, else step by step. */
export function stepsOfPlan(plan: SchedulePlan): readonly GradientClippingStep[] {
  const { steps, learningRate, decay, gradientRadius, sigma } = plan;
  checkCount(steps, 'steps');
  if (isConstant(plan)) return [{ count: steps, learningRate, decay, gradientRadius, sigma }];
  const rates = weightsOfPart(plan, 'learningRateShape');
  const noise = weightsOfPart(plan, 'sigmaShape');
  return rates.map((rate, t) => ({ learningRate: learningRate * rate, decay, gradientRadius, sigma: sigma * (noise[t] ?? 0) }));
}

function weightsOfPart(plan: SchedulePlan, part: 'learningRateShape' | 'sigmaShape'): readonly number[] {
  try {
    return weightsOf(plan[part] ?? { kind: 'constant' }, plan.steps);
  } catch (error) {
    throw inside(error, part);
  }
}

export function scopeOf({ centre, frozen }: Scope): Scope {
  return { ...(centre === undefined ? {} : { centre }), ...(frozen === undefined ? {} : { frozen }) };
}

/** On the straight line between the points around a fraction. */
function between(points: readonly (readonly [fraction: number, weight: number])[], fraction: number): number {
  const after = points.findIndex(([at]) => at >= fraction);
  const [right, high] = points[after] ?? points.at(-1) ?? [0, 0];
  const [left, low] = points[after - 1] ?? [right, high];
  return right <= left || fraction >= right ? high : low + ((high - low) * (fraction - left)) / (right - left);
}

function checkPoints(points: readonly (readonly [fraction: number, weight: number])[]): void {
  if (points.length === 0) throw new PrivacyError('malformed', 'there must be at least one point', { field: 'points', remedy: 'Write a point, such as [0, 1].' });
  for (const [index, [fraction, weight]] of points.entries()) {
    if (!(fraction >= 0 && fraction <= 1 && weight >= 0 && weight < Infinity)) throw new PrivacyError('out-of-range', 'points must have a fraction from 0 to 1 and a weight of at least 0', { field: 'points', remedy: 'Write points such as [0.5, 0.2]: where in the run, and the weight there.' });
    if (index > 0 && !(fraction > (points[index - 1]?.[0] ?? -1))) throw new PrivacyError('malformed', 'the fractions of points must ascend', { field: 'points', remedy: 'Put the points in the order of the run, no two in one place.' });
  }
}

function checkFinal(final: number): void {
  if (!(final >= 0 && final < Infinity)) throw new PrivacyError('out-of-range', `the final weight must be a number of at least 0, not ${final}`, { field: 'final', remedy: 'Write 0 or a positive number, such as 0.1.' });
}
