import { epsilonFromMu, logDelta } from './gaussian-dp';
import { PrivacyError } from './privacy-error';
import { findRoot } from './root';
import { nextUp } from './rounding';

/** What a mechanism guarantees, at every ε at once. All numbers are rounded outwards: the true ones are never larger. */
export interface PrivacyProfile {
  /** The output is μ-GDP; undefined where the guarantee is not Gaussian. ∞ where nothing is guaranteed. */
  readonly mu: number | undefined;
  /** ln δ(ε) for ε ≥ 0; −∞ where δ = 0. */
  logDelta(epsilon: number): number;
  /** δ(ε) for ε ≥ 0. */
  delta(epsilon: number): number;
  /** The least ε ≥ 0 with δ(ε) ≤ δ, for 0 < δ < 1; ∞ if there is none. `delta(epsilon(δ)) ≤ δ` holds in floating point. */
  epsilon(delta: number): number;
}

const ULP = 2 ** -53;

/**
 * μ with every rounding error of its computation in T steps added: at most 6T·2⁻⁵³ relative from the recursion (see `ShiftEnergy`), and 1e-12 that covers
 * `logDelta`, whose relative error of 1e-13 moves μ by less than that at every ε and δ.
 */
export function roundUpMu(mu: number, steps: number): number {
  return mu * (1 + 6 * steps * ULP + 1e-12);
}

/** The profile of a μ-GDP output; μ is taken as it is. */
export function gaussianProfile(mu: number): PrivacyProfile {
  if (mu === 0) return { mu: 0, logDelta: () => -Infinity, delta: () => 0, epsilon: () => 0 };
  return profileOf(mu, (epsilon) => logDelta(epsilon, mu), (delta) => epsilonFromMu(mu, delta));
}

/** A profile from its ln δ, which must not increase in ε; μ where the output is known to be μ-GDP besides. */
export function curveProfile(logDeltaAt: (epsilon: number) => number, mu?: number): PrivacyProfile {
  return profileOf(mu, logDeltaAt, (delta) => epsilonOfCurve(logDeltaAt, delta));
}

function profileOf(mu: number | undefined, logDeltaAt: (epsilon: number) => number, invert: (delta: number) => number): PrivacyProfile {
  const deltaAt = (epsilon: number): number => Math.exp(logDeltaAt(epsilon));
  return {
    mu,
    logDelta: logDeltaAt,
    delta: deltaAt,
    epsilon: (delta) => {
      let epsilon = invert(delta);
      for (let margin = Number.EPSILON; epsilon < Infinity && deltaAt(epsilon) > delta; margin *= 2) epsilon = nextUp(epsilon * (1 + margin));
      return epsilon;
    },
  };
}

/** An ε beyond this says nothing at all. */
const LARGEST_EPSILON = 1e9;

function epsilonOfCurve(logDeltaAt: (epsilon: number) => number, delta: number): number {
  if (!(delta > 0 && delta < 1)) throw new PrivacyError('out-of-range', `delta must be greater than 0 and less than 1, not ${delta}`, { field: 'delta', remedy: 'Write a small probability, such as 1e-5.' });
  const target = Math.log(delta);
  if (logDeltaAt(0) <= target) return 0;
  let high = 1;
  while (logDeltaAt(high) > target) {
    if (high > LARGEST_EPSILON) return Infinity;
    high *= 2;
  }
  // A curve may reach δ = 0, whose logarithm no secant survives.
  return findRoot((epsilon) => Math.max(logDeltaAt(epsilon), 2 * target - 1) - target, high === 1 ? 0 : high / 2, high);
}
