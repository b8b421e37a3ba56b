import { checkClippedDescent, countSteps, visitPrefixes, type ClippedDescent } from './gradient-clipping';
import { epsilonFromMu } from './gaussian-dp';
import type { Reference } from './mechanism';
import { roundUpMu } from './profile';

/** What would be certified if the run were released early: one entry for each listed step, in order. */
export interface SpentCurve {
  /** After how many steps, 1-based; every step of a short run, else evenly spread, with the first, the last and the best one always among them. */
  readonly steps: Float64Array;
  /** μ_τ of releasing the state after that step itself; ∞ before the first noise. */
  readonly mu: Float64Array;
  /** ε_τ at the given δ of releasing the state after that step itself. */
  readonly epsilon: Float64Array;
  /** Index of the least μ_τ: what the whole run is certified at, since later steps are post-processing. */
  readonly best: number;
}

/**
 * The privacy spent along a run, for charts and tables: at most about `points` steps of it.
 * Throws like `account`, and `out-of-range` unless 0 < δ < 1.
 */
export function spent(process: ClippedDescent, reference: Reference, delta: number, points = 400): SpentCurve {
  checkClippedDescent(process);
  const total = countSteps(process.steps);
  const stride = Math.max(1, total / points);
  const steps: number[] = [];
  const mu: number[] = [];
  let next = 1;
  let least = Infinity;
  let leastStep = total;
  visitPrefixes(process, reference, (step, energy) => {
    if (energy < least) {
      least = energy;
      leastStep = step;
    }
    if (step < next && step !== total) return;
    steps.push(step);
    mu.push(roundUpMu(Math.sqrt(energy), step));
    next = Math.max(step + 1, Math.round(1 + steps.length * stride));
  });
  let best = steps.findIndex((step) => step >= leastStep);
  if (best >= 0 && steps[best] !== leastStep) {
    steps.splice(best, 0, leastStep);
    mu.splice(best, 0, roundUpMu(Math.sqrt(least), leastStep));
  }
  best = Math.max(0, best);
  return { steps: Float64Array.from(steps), mu: Float64Array.from(mu), epsilon: Float64Array.from(mu, (value) => epsilonFromMu(value, delta)), best };
}
