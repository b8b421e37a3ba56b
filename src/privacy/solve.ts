import { account } from './account';
import { sigmaScale } from './calibrate';
import { checkTarget, LARGEST, SMALLEST } from './checks';
import { bestPrefix, checkClippedDescent } from './gradient-clipping';
import { muFromTarget } from './gaussian-dp';
import type { GradientClipping, Reference, Target } from './mechanism';
import { PrivacyError } from './privacy-error';
import { roundUpMu } from './profile';
import { findRoot } from './root';
import { isConstant, scopeOf, stepsOfPlan, uncalibrated, type SchedulePlan } from './shapes';

/** The quantity of a plan that is solved for. */
export type Unknown = 'sigma' | 'steps' | 'initialRadius' | 'gradientRadius' | 'learningRate' | 'decay';

/** A plan with one value in place of the unknown, and what it guarantees. */
export interface Candidate {
  readonly value: number;
  readonly plan: SchedulePlan;
  readonly mechanism: GradientClipping;
  /** ε at the target's δ, rounded up. */
  readonly epsilon: number;
}

export type Solution =
  | ({ readonly outcome: 'met' } & Candidate)
  | {
      readonly outcome: 'unreachable';
      /** Why no value of the unknown meets the target, as one sentence. */
      readonly reason: string;
      /** The value that comes nearest, with the least ε that can be reached. */
      readonly nearest: Candidate;
    };

/** More steps than this are not looked at when steps are solved for. */
export const MOST_SOLVED_STEPS = 1_000_000;
/** The same for shapes that stretch with the number of steps, which are accounted anew for each of them. */
const MOST_SHAPED_STEPS = 131_072;

/**
 * Solves for one quantity of a plan so that it meets a target; the plan's own value of it is ignored. What is found is the most useful value that meets the
 * target: the least σ, the fewest steps, the largest radius or learning rate, the least decay ≥ 0. Learning rates are looked for where γλ ≤ 1 and below 1e12,
 * decays where γλ ≤ 1. What is found meets the target in floating point. Throws like `account` for numbers out of range.
 */
export function solveFor(unknown: Unknown, plan: SchedulePlan, target: Target, reference: Reference): Solution {
  checkTarget(target);
  checkClippedDescent({ initialRadius: plan.initialRadius, steps: stepsOfPlan(plan) });
  const problem: Problem = { unknown, plan, target, reference, limit: muFromTarget(target.epsilon, target.delta) };
  switch (unknown) {
    case 'sigma':
      return solveSigma(problem);
    case 'steps':
      return solveSteps(problem);
    case 'initialRadius':
      return largestRadius(problem, 'the clipped gradients alone already cost more: lower the gradient radius or the learning rate, or raise σ');
    case 'gradientRadius':
      return largestRadius(problem, 'what is left of the initial model alone already costs more: lower the initial radius, or raise σ, the decay or the number of steps');
    case 'learningRate':
      return solveLearningRate(problem);
    case 'decay':
      return solveDecay(problem);
  }
}

interface Problem {
  readonly unknown: Unknown;
  readonly plan: SchedulePlan;
  readonly target: Target;
  readonly reference: Reference;
  /** The μ that the target allows. */
  readonly limit: number;
}

function planAt({ plan, unknown }: Problem, value: number): SchedulePlan {
  return { ...plan, [unknown]: value };
}

function mechanismOf(plan: SchedulePlan): GradientClipping {
  return { ...scopeOf(plan), method: 'gradient-clipping', initialRadius: plan.initialRadius, steps: stepsOfPlan(plan) };
}

/** μ with one value in place of the unknown. */
function muAt(problem: Problem, value: number): number {
  const plan = planAt(problem, value);
  const best = bestPrefix({ initialRadius: plan.initialRadius, steps: stepsOfPlan(plan) }, problem.reference);
  return roundUpMu(best.mu, best.step);
}

function candidate(problem: Problem, value: number): Candidate {
  const plan = planAt(problem, value);
  const mechanism = mechanismOf(plan);
  return { value, plan, mechanism, epsilon: account(mechanism, problem.reference).epsilon(problem.target.delta) };
}

function meets(problem: Problem, value: number): boolean {
  return account(mechanismOf(planAt(problem, value)), problem.reference).delta(problem.target.epsilon) <= problem.target.delta;
}

/** The same by μ alone, with a margin of 1e-12 so that no later rounding turns it over. */
function fits(problem: Problem, mu: number): boolean {
  return mu <= problem.limit * (1 - 1e-12);
}

function fitsAt(problem: Problem, value: number): boolean {
  return fits(problem, muAt(problem, value));
}

function unreachable(problem: Problem, nearest: number, reason: string): Solution {
  return { outcome: 'unreachable', reason, nearest: candidate(problem, nearest) };
}

/** The value between one that meets the target and one that does not, moved towards the former until it does. */
function boundary(problem: Problem, good: number, bad: number): Solution {
  let value = findRoot((x) => clamped(muAt(problem, x) - problem.limit * (1 - 1e-12)), good, bad);
  for (let margin = Number.EPSILON; !meets(problem, value); margin *= 2) {
    value += (good - value) * Math.min(1, margin) + Math.sign(good - value) * Math.abs(value) * margin;
    if (good > bad ? value > good : value < good) value = good;
  }
  return { outcome: 'met', ...candidate(problem, value) };
}

/** A difference that Brent's method can interpolate: ∞ becomes large. */
function clamped(difference: number): number {
  return Math.min(difference, 1e6);
}

function solveSigma(problem: Problem): Solution {
  return { outcome: 'met', ...candidate(problem, sigmaScale(uncalibrated(problem.plan), problem.target, problem.reference)) };
}

function largestRadius(problem: Problem, reason: string): Solution {
  if (!fitsAt(problem, 0)) return unreachable(problem, 0, reason);
  return bracket(problem, 0);
}

/** The largest value that meets the target, where μ grows with the value and 0 meets it. */
function bracket(problem: Problem, zero: number): Solution {
  let value = 1;
  if (fitsAt(problem, value)) {
    while (value < LARGEST / 8 && fitsAt(problem, 8 * value)) value *= 8;
    return value < LARGEST / 8 ? boundary(problem, value, 8 * value) : { outcome: 'met', ...candidate(problem, value) };
  }
  while (value > 8 * SMALLEST && !fitsAt(problem, value / 8)) value /= 8;
  return value > 8 * SMALLEST ? boundary(problem, value / 8, value) : { outcome: 'met', ...candidate(problem, zero) };
}

/** No learning rate above this is looked for. */
const LARGEST_RATE = 1e12;

function solveLearningRate(problem: Problem): Solution {
  const { decay } = problem.plan;
  const reason = 'no learning rate hides the initial model behind this noise: lower the initial radius, or raise σ, the decay or the number of steps';
  if (decay > 0) return firstOnGrid(problem, [...logGrid(Math.min(LARGEST_RATE, 1 / decay)).reverse(), 0], reason);
  return fitsAt(problem, 0) ? bracket(problem, 0) : unreachable(problem, 0, reason);
}

function solveDecay(problem: Problem): Solution {
  const { learningRate } = problem.plan;
  const reason = 'even the decay that forgets everything in one step leaves the last clipped gradient too large for this noise: lower the gradient radius or the learning rate, or raise σ';
  if (learningRate > 0) return firstOnGrid(problem, [0, ...logGrid(1 / learningRate)], reason);
  return fitsAt(problem, 0) ? { outcome: 'met', ...candidate(problem, 0) } : unreachable(problem, 0, 'decay has no effect at a learning rate of 0');
}

const GRID_POINTS = 48;

/** From a billionth of the largest value up to it. */
function logGrid(largest: number): number[] {
  return Array.from({ length: GRID_POINTS }, (_, index) => largest * 10 ** (9 * (index / (GRID_POINTS - 1) - 1)));
}

/** μ need not be monotone here: the first value of the grid, in order of preference, that meets the target, and then the boundary before it. */
function firstOnGrid(problem: Problem, grid: readonly number[], reason: string): Solution {
  let before: number | undefined;
  let nearest = grid[0] ?? 0;
  let least = Infinity;
  for (const value of grid) {
    const mu = muAt(problem, value);
    if (fits(problem, mu)) return before === undefined ? { outcome: 'met', ...candidate(problem, value) } : boundary(problem, value, before);
    if (mu < least) [least, nearest] = [mu, value];
    before = value;
  }
  return unreachable(problem, nearest, reason);
}

function solveSteps(problem: Problem): Solution {
  return isConstant(problem.plan) ? solveConstantSteps(problem) : solveShapedSteps(problem);
}

function tooManySteps(problem: Problem, best: number): Solution {
  return unreachable(problem, best, `more steps do not help: they add more gradient than noise, and the least is reached after ${best}; raise σ, or lower a radius or the learning rate`);
}

/** With constant steps a longer run has the shorter ones as prefixes, so one pass shows them all. */
function solveConstantSteps(problem: Problem): Solution {
  let fewest = 0;
  const whole = planAt(problem, MOST_SOLVED_STEPS);
  const best = bestPrefix({ initialRadius: whole.initialRadius, steps: stepsOfPlan(whole) }, problem.reference, (step, { mu, step: from }) => {
    if (fewest === 0 && roundUpMu(mu, from) <= problem.limit) fewest = step;
  });
  if (fewest === 0 || !meets(problem, best.step)) return tooManySteps(problem, Math.max(1, best.step));
  while (!meets(problem, fewest)) fewest += 1;
  return { outcome: 'met', ...candidate(problem, fewest) };
}

/** Other shapes stretch with the number of steps: doubling, then bisection. */
function solveShapedSteps(problem: Problem): Solution {
  let high = 1;
  let best = 1;
  let least = Infinity;
  for (;;) {
    const mu = muAt(problem, high);
    if (fits(problem, mu)) break;
    if (mu < least) [least, best] = [mu, high];
    high *= 2;
    if (high > MOST_SHAPED_STEPS) return tooManySteps(problem, best);
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fitsAt(problem, middle)) high = middle;
    else low = middle;
  }
  return { outcome: 'met', ...candidate(problem, high) };
}

/**
 * For given radii and learning rate, the number of steps and the decay that need the least noise for any target: μ never grows with the decay while γλ ≤ 1, so
 * the decay is the largest allowed, which is for the training to say (1/λ is the learning rate times the number of steps that are remembered); then the best
 * number of steps is where the prefix rule stops. For λ = 0 that is T ≈ C0/(γ·C1). Constant shapes only; throws `malformed` for others.
 */
export function bestSteps(plan: SchedulePlan, largest: { readonly steps: number; readonly decay: number }, target: Target, reference: Reference): Candidate {
  if (!isConstant(plan)) throw new PrivacyError('malformed', 'the best number of steps is known for constant shapes only', { field: 'learningRateShape', remedy: 'Choose constant shapes, or give the number of steps.' });
  const decay = plan.learningRate > 0 ? Math.min(largest.decay, 1 / plan.learningRate) : largest.decay;
  const longest: SchedulePlan = { ...plan, decay, steps: largest.steps, sigma: 1 };
  const { step } = bestPrefix({ initialRadius: longest.initialRadius, steps: stepsOfPlan(longest) }, reference);
  const solution = solveFor('sigma', { ...longest, steps: Math.max(1, step) }, target, reference);
  return solution.outcome === 'met' ? solution : solution.nearest;
}
