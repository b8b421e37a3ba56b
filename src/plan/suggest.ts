import { muFromTarget } from '../privacy/gaussian-dp';
import type { RequestInput } from '../request/schema';
import type { TensorFacts } from './noise-and-signal';

/** Half of a usual initialisation: enough symmetry is broken, and recovery starts quickly. */
const NOISE_TO_INITIAL_SCALE = 0.5;
const STEPS = 100;

/**
 * Parameters to start from, for a target and the shapes of a model; nothing else is looked at, so they cost no privacy.
 *
 * The noise that remains at the end is set to half the scale of a fresh initialisation, the mean over the weights. The target then
 * fixes how far the gradients may push (Δ = μ·noise); half of that is left for what the decay has not forgotten of the trained
 * parameters, half goes to the gradients.
 */
export function suggestMethod(target: { readonly epsilon: number; readonly delta: number }, tensors: readonly TensorFacts[]): RequestInput['method'] {
  const weights = tensors.flatMap(({ count, fanIn }) => (fanIn === undefined ? [] : [{ count, fanIn }]));
  const sum = weights.reduce((total, { count, fanIn }) => total + count / fanIn, 0);
  const total = weights.reduce((all, { count }) => all + count, 0);
  const noise = NOISE_TO_INITIAL_SCALE * Math.sqrt(sum / Math.max(1, total));
  const mu = muFromTarget(target.epsilon, target.delta);
  const sensitivity = mu * noise;
  // A fresh initialisation of all weights has about this norm: a radius that any trained model of this shape fits in, more or less.
  const initialRadius = roundTo(2, Math.max(Math.sqrt(sum), 1e-3));
  // 2·C0·ρ^T = Δ/2.
  const contraction = Math.min(0.99, (sensitivity / (4 * initialRadius)) ** (1 / STEPS));
  const learningRate = 0.1;
  const decay = roundTo(4, (1 - contraction) / learningRate);
  // 2·(C1/λ) = Δ/2.
  return { name: 'gradient-clipping', initialRadius, gradientRadius: roundTo(2, (decay * sensitivity) / 4), learningRate, decay, steps: STEPS, batchSize: 128 };
}

function roundTo(digits: number, value: number): number {
  return Number(value.toPrecision(digits));
}
