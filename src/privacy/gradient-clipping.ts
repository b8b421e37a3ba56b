import { checkCount, checkDecay, checkEach, checkMagnitude, gapOf, MOST_STEPS } from './checks';
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
export function countSteps(steps: readonly { readonly count?: number }[]): number {
  let total = 0;
  checkEach(steps, 'steps', ({ count = 1 }) => {
    checkCount(count, 'count');
    total += count;
  });
  if (total > MOST_STEPS) throw new PrivacyError('out-of-range', `a schedule has at most ${MOST_STEPS} steps in all, not ${total}`, { field: 'steps', remedy: `Write at most ${MOST_STEPS} steps.` });
  return total;
}

/** Throws `malformed` or `out-of-range` for the first number of the process that is not what its field documents. */
export function checkClippedDescent(process: ClippedDescent): void {
  checkMagnitude(process.initialRadius, 'initialRadius');
  countSteps(process.steps);
  checkEach(process.steps, 'steps', (step) => {
    checkMagnitude(step.learningRate, 'learningRate');
    checkDecay(step.learningRate, step.decay, 'decay');
    checkMagnitude(step.gradientRadius, 'gradientRadius');
    checkMagnitude(step.sigma, 'sigma');
  });
}

/** One run of equal steps as the accounting sees it. */
interface Move {
  readonly count: number;
  /** |ρ| = |1 − γλ|. */
  readonly contraction: number;
  /** s = f·γ·C1. */
  readonly shift: number;
  /** σ². */
  readonly variance: number;
}

function moveOf(step: GradientClippingStep, gap: number): Move {
  return {
    count: step.count ?? 1,
    contraction: contractionOf(step.learningRate, step.decay),
    shift: gap * step.learningRate * step.gradientRadius,
    variance: step.sigma * step.sigma,
  };
}

/**
 * Calls `visit(τ, μ_τ²)` for τ = 1…T with the cost of releasing the state after τ steps when no earlier step may be used instead. ∞ where no noise hides
 * part of the gap.
 *
 * Two runs whose starts are f·C0 apart, f = 2 for `retrained` (two points of the ball) and 1 for `centre` (one of them is its centre), are moved apart by at most
 * s_t = f·γ_t·C1_t in each step (two clipped gradients, or one against none), and pulled together by |ρ_t| = |1 − γ_t λ_t|.
 * Koloskova et al. 2025, with the exact accounting of `ShiftEnergy` in place of the paper's Rényi bound.
 */
export function visitEnergies(process: ClippedDescent, reference: Reference, visit: (step: number, energy: number) => void): void {
  const gap = gapOf(reference);
  const energy = new ShiftEnergy(gap * process.initialRadius);
  let done = 0;
  for (const step of process.steps) {
    const { count, contraction, shift, variance } = moveOf(step, gap);
    for (let repeat = count; repeat > 0; repeat -= 1) {
      done += 1;
      visit(done, energy.step(contraction, shift, variance));
    }
  }
}

/** The prefix that certifies the most, and its μ. */
export interface BestPrefix {
  /** After how many steps; 0 if no prefix certifies anything. */
  readonly step: number;
  readonly mu: number;
}

/** Beyond this, runs that grow would leave the doubles; what is left of such a schedule certifies nothing better. */
const LARGEST_VARIANCE = 1e280;

/**
 * The least μ_τ over all τ: everything after step τ depends on x_τ, on retained records and on fresh noise alone, so it is post-processing and cannot
 * increase μ. (For `centre`, the certifying algorithm follows the same retained-data steps from τ on.) Noise-free starts are no prefix, not even with C0 = 0.
 * `visit(τ, best)` sees the best prefix so far after every step.
 *
 * With this rule the minorant of `ShiftEnergy` collapses to min_τ D_τ/√V_τ: its first corner a has the least slope D/V of all, so for every τ after it
 * μ_τ² ≥ D_τ²/V_τ = D_τ·(D_τ/V_τ) ≥ D_a·(D_a/V_a), and up to a itself the minorant is a single edge. So two numbers a step are enough.
 */
export function bestPrefix(process: ClippedDescent, reference: Reference, visit?: (step: number, best: BestPrefix) => void): BestPrefix {
  const gap = gapOf(reference);
  let distance = gap * process.initialRadius;
  let total = 0;
  let best: BestPrefix = { step: 0, mu: Infinity };
  let done = 0;
  for (const step of process.steps) {
    const { count, contraction, shift, variance } = moveOf(step, gap);
    const contractedTwice = contraction * contraction;
    for (let repeat = count; repeat > 0; repeat -= 1) {
      done += 1;
      const kept = contraction * distance;
      // A distance that underflows is still not nothing.
      distance = (kept === 0 && contraction > 0 && distance > 0 ? Number.MIN_VALUE : kept) + shift;
      total = contractedTwice * total + variance;
      const mu = distance / Math.sqrt(total);
      // Without noise of its own a step makes nothing better; the rounding of a long noiseless stretch must not make it seem so.
      if (variance > 0 && mu < best.mu && total <= LARGEST_VARIANCE) best = { step: done, mu };
      visit?.(done, best);
    }
  }
  return best;
}
