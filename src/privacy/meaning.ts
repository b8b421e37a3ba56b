/** What a guarantee means, for people. */
import { account, type PrivacyProfile } from './account';
import { normalCdf, normalQuantile } from './gaussian-dp';
import { PrivacyError } from './privacy-error';
import type { ClippedDescent } from './gradient-clipping';
import type { Mechanism } from './mechanism';
import { contractionOf } from './rounding';

/**
 * The best trade-off of any test of one run against its reference: the least false-negative rate at a false-positive rate in [0, 1] for a μ-GDP output,
 * f(α) = Φ(Φ⁻¹(1 − α) − μ) (Dong, Roth, Su 2022, Definition 2.6).
 */
export function tradeOff(mu: number, falsePositiveRate: number): number {
  checkRate(falsePositiveRate);
  return normalCdf(-normalQuantile(falsePositiveRate) - mu);
}

/** Any attacker's true-positive rate at a false-positive rate in [0, 1] is at most this: exactly for Gaussian DP, else by the best line of the (ε, δ) curve. */
export function attackerTruePositiveRate(profile: PrivacyProfile, falsePositiveRate: number): number {
  checkRate(falsePositiveRate);
  const gaussian = profile.mu === undefined ? 1 : normalCdf(normalQuantile(falsePositiveRate) + profile.mu);
  // Every (ε, δ) of the curve proves TPR ≤ e^ε·FPR + δ and 1 − TPR ≥ e^−ε(1 − δ − FPR); a sweep of ε takes the best of them.
  let least = Math.min(1, gaussian);
  for (let step = 0; step <= 200; step += 1) {
    const epsilon = (step / 10) * (1 + step / 50);
    const delta = profile.delta(epsilon);
    least = Math.min(least, Math.exp(epsilon) * falsePositiveRate + delta, 1 - Math.exp(-epsilon) * (1 - delta - falsePositiveRate));
  }
  return Math.max(falsePositiveRate, least);
}

/**
 * No free lunch: the total-variation distance between the output and a start that used no data at all (the centre with the same noise), each followed by the
 * same recovery, is at most δ(0) against the centre; 2Φ(μ/4) − 1 for a run of gradient clipping that is μ-GDP against `retrained`. 1 where a method has no centre.
 */
export function totalVariationToRestart(mechanism: Mechanism): number {
  try {
    return account(mechanism, 'centre').delta(0);
  } catch (error) {
    if (error instanceof PrivacyError && error.code === 'reference-unavailable') return 1;
    throw error;
  }
}

/** What is left of the trained model in a μ-GDP output (`retrained` reference) with d coordinates, over the norm of its noise, is at most this: μ/(2√d). */
export function signalToNoiseBound(mu: number, dimension: number): number {
  return mu / (2 * Math.sqrt(dimension));
}

/** At the end of a run: how much can be left of x̂ − c, and how much noise there is on every coordinate. */
export interface Residue {
  /** C0·∏|ρ_t|, a norm. */
  readonly signal: number;
  /** √V, V = Σ σ_t² ∏_{k>t} ρ_k²: the standard deviation of all noise together on one coordinate. */
  readonly noise: number;
  /** How far clipped gradients can have moved the result: Σ γ_t C1_t ∏_{k>t} |ρ_k|, a norm. */
  readonly reach: number;
}

export function residueOf(process: ClippedDescent): Residue {
  let signal = process.initialRadius;
  let variance = 0;
  let reach = 0;
  for (const { count = 1, learningRate, decay, gradientRadius, sigma } of process.steps) {
    const contraction = contractionOf(learningRate, decay);
    for (let repeat = count; repeat > 0; repeat -= 1) {
      signal *= contraction;
      variance = contraction * contraction * variance + sigma * sigma;
      reach = contraction * reach + learningRate * gradientRadius;
    }
  }
  return { signal, noise: Math.sqrt(variance), reach };
}

/** A tensor, as far as its usual initialisation is concerned. */
export interface Layer {
  readonly name: string;
  /** How many numbers. */
  readonly count: number;
  /** Standard deviation of a usual fresh start, see `usualScale`. */
  readonly initialScale: number;
}

/** The usual scale of fresh weights, 1/√fan-in (Y. LeCun et al., Efficient BackProp, 1998). */
export function usualScale(fanIn: number): number {
  return 1 / Math.sqrt(fanIn);
}

/** The noise of each layer over its usual scale: well below 1 the layer keeps its structure, far above 1 it starts worse than fresh. */
export function noiseToInitialScale(noise: number, layers: readonly Layer[]): readonly { readonly name: string; readonly ratio: number }[] {
  return layers.map(({ name, initialScale }) => ({ name, ratio: noise / initialScale }));
}

function checkRate(rate: number): void {
  if (!(rate >= 0 && rate <= 1)) throw new PrivacyError('out-of-range', `a rate must be between 0 and 1, not ${rate}`, { field: 'falsePositiveRate', remedy: 'Write a share, such as 0.01.' });
}
