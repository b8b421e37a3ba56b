import { checkCount, checkDecay, checkMagnitude, gapOf, MOST_STEPS } from './checks';
import type { GradientClippingStep, Reference } from './mechanism';
import { PrivacyError } from './privacy-error';
import { contractionOf } from './rounding';
import { ShiftEnergy } from './shift-energy';

/** Anything that starts clipped and then makes noisy steps with clipped gradients. */
export interface ClippedDescent {
  readonly initialRadius: number;
  readonly steps: readonly GradientClippingStep[];
}

/** How many steps a schedule has in all, runs counted in full. Throws `out-of-range` above 10,000,000. */
export function countSteps(steps: readonly { readonly count?: number }[], field = 'steps'): number {
  let total = 0;
  for (const [index, { count = 1 }] of steps.entries()) {
    checkCount(count, `${field}[${index}].count`);
    total += count;
  }
  if (total > MOST_STEPS) throw new PrivacyError('out-of-range', `${field} must hold at most ${MOST_STEPS} steps in all, not ${total}`, field);
  return total;
}

/** Throws `malformed` or `out-of-range` for the first number of the process that is not what its field documents. */
export function checkClippedDescent(process: ClippedDescent, field = ''): void {
  checkMagnitude(process.initialRadius, `${field}initialRadius`);
  countSteps(process.steps, `${field}steps`);
  for (const [index, step] of process.steps.entries()) {
    const path = `${field}steps[${index}]`;
    checkMagnitude(step.learningRate, `${path}.learningRate`);
    checkDecay(step.learningRate, step.decay, `${path}.decay`);
    checkMagnitude(step.gradientRadius, `${path}.gradientRadius`);
    checkMagnitude(step.sigma, `${path}.sigma`);
  }
}

/**
 * Calls `visit(τ, μ_τ²)` for τ = 1…T: what is certified when the state after τ steps is released. ∞ where no noise hides part of the gap.
 *
 * Two runs whose starts are f·C0 apart, f = 2 for `retrained` (two points of the ball) and 1 for `centre` (one of them is its centre), are moved apart by at most
 * s_t = f·γ_t·C1_t in each step (two clipped gradients, or one against none), and pulled together by |ρ_t| = |1 − γ_t λ_t|.
 * Koloskova et al. 2025, section 4, with the exact accounting of `ShiftEnergy` in place of the paper's Rényi bound.
 */
export function visitPrefixes(process: ClippedDescent, reference: Reference, visit: (step: number, energy: number) => void): void {
  const gap = gapOf(reference);
  const energy = new ShiftEnergy(gap * process.initialRadius);
  let done = 0;
  for (const step of process.steps) {
    const contraction = contractionOf(step.learningRate, step.decay);
    const shift = gap * step.learningRate * step.gradientRadius;
    const variance = step.sigma * step.sigma;
    for (let repeat = step.count ?? 1; repeat > 0; repeat -= 1) {
      done += 1;
      visit(done, energy.step(contraction, shift, variance));
    }
  }
}

/** The prefix of least μ², and that μ². */
export interface BestPrefix {
  /** After how many steps; 0 if no prefix certifies anything. */
  readonly step: number;
  readonly energy: number;
}

/**
 * The least μ_τ² over all τ: everything after step τ depends on x_τ, on retained records and on fresh noise alone, so it is post-processing and cannot
 * increase μ. (For `centre`, the certifying algorithm follows the same retained-data steps from τ on.) Noise-free starts are no prefix, not even with C0 = 0.
 */
export function bestPrefix(process: ClippedDescent, reference: Reference): BestPrefix {
  let best: BestPrefix = { step: 0, energy: Infinity };
  visitPrefixes(process, reference, (step, energy) => {
    if (energy < best.energy) best = { step, energy };
  });
  return best;
}
