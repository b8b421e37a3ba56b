import { account } from './account';
import { checkTarget, LARGEST, SMALLEST } from './checks';
import { muFromTarget } from './gaussian-dp';
import type { Block, Mechanism, Reference, Target } from './mechanism';
import { PrivacyError } from './privacy-error';
import { findRoot } from './root';

/** The same mechanism with all its noise multiplied by a factor; itself where a method adds none. */
export function withNoiseTimes<M extends Mechanism>(mechanism: M, factor: number): M;
export function withNoiseTimes(mechanism: Mechanism, factor: number): Mechanism {
  switch (mechanism.method) {
    case 'gradient-clipping':
      return { ...mechanism, steps: louder(mechanism.steps, factor) };
    case 'model-clipping':
      return { ...mechanism, ...(mechanism.initialSigma === undefined ? {} : { initialSigma: mechanism.initialSigma * factor }), steps: louder(mechanism.steps, factor) };
    case 'layered-gradient-clipping':
    case 'sequential-subspaces':
      return { ...mechanism, blocks: mechanism.blocks.map((block): Block => ({ ...block, steps: louder(block.steps, factor) })) };
    case 'output-perturbation':
    case 'convex-head':
      return { ...mechanism, sigma: mechanism.sigma * factor };
    case 'gaussian-restart':
    case 'retrain':
    case 'dp-sgd-group':
      return mechanism;
  }
}

function louder<Step extends { readonly sigma: number }>(steps: readonly Step[], factor: number): readonly Step[] {
  return steps.map((step) => ({ ...step, sigma: step.sigma * factor }));
}

/**
 * Any mechanism with its noise scaled to the least that meets a target, in the proportions that it has. σ is rounded up: the result's δ at the target's ε is at
 * most the target's δ in floating point. Methods that add no noise against their guarantee come back as they are if they meet the target.
 * Throws like `account`, and `target-unreachable` where no scale of the noise meets the target.
 */
export function calibrateNoise<M extends Mechanism>(mechanism: M, target: Target, reference: Reference): M {
  checkTarget(target);
  const meets = (factor: number): boolean => account(withNoiseTimes(mechanism, factor), reference).delta(target.epsilon) <= target.delta;
  if (mechanism.method === 'gaussian-restart' || mechanism.method === 'retrain' || mechanism.method === 'dp-sgd-group') {
    if (meets(1)) return mechanism;
    throw new PrivacyError('target-unreachable', 'the method adds no noise that could be raised to meet the target', { field: 'method', remedy: 'Choose a method that adds noise, such as layered-gradient-clipping.' });
  }
  const { mu } = account(mechanism, reference);
  if (mu === 0) return mechanism;
  const guess = mu !== undefined && mu < Infinity ? mu / muFromTarget(target.epsilon, target.delta) : 1;
  let factor = justAbove(guess, meets) ?? boundary(guess, meets, (logFactor) => excess(mechanism, Math.exp(logFactor), target, reference));
  for (let margin = 2e-12; !meets(factor); margin *= 2) factor *= 1 + margin;
  return withNoiseTimes(mechanism, factor);
}

/** How close to the least factor is close enough to need no search. */
const CLOSE = 1e-9;

/** A factor that meets the target a little above a guess that does not: where μ falls as 1/σ, the guess is exact but for rounding. Undefined where it is not. */
function justAbove(guess: number, meets: (factor: number) => boolean): number | undefined {
  for (let margin = 2e-12; margin < CLOSE; margin *= 2) {
    const factor = guess * (1 + margin);
    if (meets(factor)) return meets(guess * (1 - CLOSE)) ? undefined : factor;
  }
  return undefined;
}

/** ln δ(ε) above the target's ln δ; large numbers stand for infinities. */
function excess(mechanism: Mechanism, factor: number, { epsilon, delta }: Target, reference: Reference): number {
  const difference = account(withNoiseTimes(mechanism, factor), reference).logDelta(epsilon) - Math.log(delta);
  return Math.max(-1e6, Math.min(1e6, difference));
}

/** The least factor that meets the target, to the last bits: δ falls as the noise grows. */
function boundary(guess: number, meets: (factor: number) => boolean, excessAt: (logFactor: number) => number): number {
  let low = guess;
  let high = guess;
  while (!meets(high)) {
    low = high;
    high *= 2;
    if (high > LARGEST / 1e10) throw new PrivacyError('target-unreachable', 'no amount of noise in the places where the mechanism adds it meets the target', { remedy: 'Ask for a larger ε or δ, or give the steps that have no noise some.' });
  }
  while (meets(low)) {
    high = low;
    low /= 2;
    if (low < SMALLEST * 1e10) return high;
  }
  return Math.exp(findRoot(excessAt, Math.log(low), Math.log(high)));
}
