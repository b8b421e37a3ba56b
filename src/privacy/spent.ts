import { bestPrefix, checkClippedDescent, countSteps, type ClippedDescent } from './gradient-clipping';
import { epsilonFromMu } from './gaussian-dp';
import type { Reference } from './mechanism';
import { roundUpMu } from './profile';

/** What would be certified if the run ended early: one entry for each listed step, in order. */
export interface SpentCurve {
  /** After how many steps, 1-based; every step of a short run or range, else evenly spread, with the first, the last and, of a whole run, the best one among them. */
  readonly steps: Float64Array;
  /** μ certified for releasing the state after that step, as a result of the best prefix so far; ∞ before the first noise. Never increases. */
  readonly mu: Float64Array;
  /** The same as ε at the given δ. */
  readonly epsilon: Float64Array;
  /** Index of the step from which on nothing gets better: the whole run is certified at what is reached there. */
  readonly best: number;
}

/**
 * The privacy along a run, for charts and tables: about `points` steps of it, or of a range of its steps, the first and the last included.
 * Throws like `account`, and `out-of-range` unless 0 < δ < 1.
 */
export function spent(process: ClippedDescent, reference: Reference, delta: number, points = 400, range?: readonly [first: number, last: number]): SpentCurve {
  checkClippedDescent(process);
  const total = countSteps(process.steps);
  const chosen = new Set<number>(spread(range ?? [1, total], points));
  if (range === undefined) chosen.add(total).add(bestPrefix(process, reference).step);
  const steps: number[] = [];
  const mu: number[] = [];
  bestPrefix(process, reference, (step, best) => {
    if (!chosen.has(step)) return;
    steps.push(step);
    // A later prefix has more rounding errors to cover; where it gains less than that, the earlier one still holds.
    mu.push(Math.min(mu.at(-1) ?? Infinity, roundUpMu(best.mu, best.step)));
  });
  const epsilon: number[] = [];
  for (const [index, value] of mu.entries()) {
    const unchanged = index > 0 && mu[index - 1] === value;
    epsilon.push(unchanged ? (epsilon[index - 1] ?? Infinity) : epsilonFromMu(value, delta));
  }
  const last = mu.at(-1);
  return { steps: Float64Array.from(steps), mu: Float64Array.from(mu), epsilon: Float64Array.from(epsilon), best: last === undefined ? 0 : mu.indexOf(last) };
}

/** Step numbers from one to another, about `points` of them, both ends included. */
export function spread([first, last]: readonly [first: number, last: number], points: number): readonly number[] {
  const shown = Math.max(0, Math.min(last - first + 1, points));
  return [...new Set(Array.from({ length: shown }, (_, index) => first + Math.round((index * (last - first)) / Math.max(1, shown - 1))))];
}
