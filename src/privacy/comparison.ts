/**
 * What the same target costs elsewhere, for comparison only. All as noise multipliers K = √V/Δ: how many times the distance Δ of two noise-free runs
 * (`retrained` reference) the total noise must be. For every constant schedule Δ and V are the same for all of them, so the ratio of two K is the ratio of their σ.
 */
import { checkTarget } from './checks';
import { muFromTarget } from './gaussian-dp';
import type { Target } from './mechanism';
import type { SchedulePlan } from './shapes';

/** K = 1/μ: what is needed, exactly. */
export function exactNoiseMultiplier(target: Target): number {
  return 1 / muFromTarget(target.epsilon, target.delta);
}

/** Koloskova et al. 2025, noise of gradient clipping: σ² = 9L(C0 + C1γT)²/(ε²T), L = ln(1/δ), which is K = 3√L/(2ε); the formula for λ > 0 has the same K. */
export function paperNoiseMultiplier(target: Target): number {
  checkTarget(target);
  return (1.5 * Math.sqrt(-Math.log(target.delta))) / target.epsilon;
}

/** A constant schedule without its noise. */
export type ConstantSchedule = Pick<SchedulePlan, 'initialRadius' | 'steps' | 'learningRate' | 'decay' | 'gradientRadius'>;

/**
 * σ of the paper's closed forms for a constant schedule: σ² = 9L/(ε²T)·(C0 + C1γT)² for λ = 0, else
 * σ² = 9L/ε²·[C0ρ^T + (C1/λ)(1 − ρ^T)]²·γλ(2 − γλ)/(1 − ρ^{2T}), for 0 ≤ γλ < 1 and γ > 0.
 */
export function paperSigma({ initialRadius, steps, learningRate, decay, gradientRadius }: ConstantSchedule, target: Target): number {
  checkTarget(target);
  const root = (3 * Math.sqrt(-Math.log(target.delta))) / target.epsilon;
  const slow = learningRate * decay;
  if (slow === 0) return (root * (initialRadius + gradientRadius * learningRate * steps)) / Math.sqrt(steps);
  const log = steps * Math.log1p(-slow);
  const reached = initialRadius * Math.exp(log) - (gradientRadius / decay) * Math.expm1(log);
  return root * reached * Math.sqrt((slow * (2 - slow)) / -Math.expm1(2 * log));
}

/** The number of steps that the paper recommends: C0/(γC1) for λ = 0, else ln(2λC0/C1)/(γλ); at least 1, rounded up. */
export function paperSteps({ initialRadius, learningRate, decay, gradientRadius }: Omit<ConstantSchedule, 'steps'>): number {
  const slow = learningRate * decay;
  const steps = slow === 0 ? initialRadius / (learningRate * gradientRadius) : Math.log((2 * decay * initialRadius) / gradientRadius) / slow;
  return Math.max(1, Math.ceil(steps));
}

/** Whether the closed form of the paper is proven for the target: ε ≤ 0.2574·L. Beyond it the formula may be used, but promises nothing. */
export function paperFormulaHolds(target: Target): boolean {
  return target.epsilon <= -0.2574 * Math.log(target.delta);
}

/** D_α of a μ-GDP output's dominating pair N(0, 1), N(μ, 1): the Rényi curve α ↦ αμ²/2 (I. Mironov, CSF 2017, Proposition 7). */
export function renyiDivergence(order: number, mu: number): number {
  return (order * mu * mu) / 2;
}

/** The least ε that the Rényi curve proves at δ, by the tightest conversion known (C. Canonne, G. Kamath, T. Steinke, NeurIPS 2020, Proposition 12), over all orders. */
export function renyiEpsilon(mu: number, delta: number): number {
  const at = (logExcess: number): number => {
    const excess = Math.exp(logExcess);
    const order = 1 + excess;
    return renyiDivergence(order, mu) + Math.log(excess / order) - (Math.log(delta) + Math.log(order)) / excess;
  };
  return Math.max(0, at(minimise(at, -20, 30)));
}

/** K of the best Rényi conversion: the largest μ with `renyiEpsilon(μ, δ)` ≤ ε is μ²/2 = max_α [ε − ln(1 − 1/α) + ln(δα)/(α − 1)]/α. */
export function renyiNoiseMultiplier(target: Target): number {
  checkTarget(target);
  const { epsilon, delta } = target;
  const minus = (logExcess: number): number => {
    const excess = Math.exp(logExcess);
    const order = 1 + excess;
    return -(epsilon - Math.log(excess / order) + (Math.log(delta) + Math.log(order)) / excess) / order;
  };
  const halfSquare = -minus(minimise(minus, -20, 30));
  return halfSquare > 0 ? 1 / Math.sqrt(2 * halfSquare) : Infinity;
}

/** Where a function with one minimum in the range has it: a scan of 200 cells, then golden sections of the best ones. */
function minimise(f: (x: number) => number, from: number, to: number): number {
  const cell = (to - from) / 200;
  let best = from;
  for (let i = 1; i <= 200; i += 1) if (f(from + i * cell) < f(best)) best = from + i * cell;
  let low = best - cell;
  let high = best + cell;
  const golden = (Math.sqrt(5) - 1) / 2;
  while (high - low > 1e-9) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (f(left) < f(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}
