import { residueOf, usualScale } from '../privacy/meaning';
import type { Mechanism } from '../privacy/mechanism';
import { stagesOf, type Stage } from '../privacy/stages';

/** One tensor to train, as far as its noise is concerned. */
export interface TensorFacts {
  readonly name: string;
  readonly count: number;
  /** Numbers that one output is a weighted sum of; undefined for biases and the like, which start at zero. */
  readonly fanIn: number | undefined;
}

/** How much noise there is at the end of the schedule, next to what is left of the trained model and to an untrained one. */
export interface NoiseAndSignal {
  /** Trained numbers in all. */
  readonly dimension: number;
  /** Standard deviation of all noise together on each coordinate of the result; the root mean square where it differs between tensors. */
  readonly noise: number;
  /** Norm, at most, of what is left of the trained parameters: C0·∏|ρ|. */
  readonly remaining: number;
  /** `remaining` over the norm of the noise, √V·√d; 0 where nothing of the trained parameters is used. */
  readonly signalToNoise: number;
  /** Root mean square, over the weights, of the usual scale of a fresh initialisation, 1/√fan-in. */
  readonly initialScale: number;
  /** The same tensor by tensor, where the noise differs between them. */
  readonly layers?: readonly { readonly name: string; readonly noise: number; readonly initialScale: number | undefined }[];
}

/** Theory: V = Σ σ_t² P_t² with P_t = ∏_{k>t} |ρ_k| and ρ_t = 1 − γ_t λ_t (shifted interpolation, Bok et al. 2024). */
export function noiseAndSignal(mechanism: Mechanism, tensors: readonly TensorFacts[]): NoiseAndSignal {
  const dimension = tensors.reduce((total, { count }) => total + count, 0);
  const initialScale = initialScaleOf(tensors);
  if (mechanism.method === 'retrain') return { dimension, noise: initialScale, remaining: 0, signalToNoise: 0, initialScale };
  const found = stagesOf(mechanism).map((stage) => ({ block: stage.block, ...residue(stage) }));
  const remaining = Math.hypot(...found.map(({ signal }) => signal));
  const of = (name: string): TensorFacts | undefined => tensors.find((tensor) => tensor.name === name);
  const [only, second] = found;
  const blocks = only?.block === undefined || second === undefined ? [] : found.map(({ block = '', noise }) => ({ name: block, noise, tensor: of(block) }));
  const variance = blocks.reduce((sum, { noise, tensor }) => sum + noise ** 2 * (tensor?.count ?? 0), 0) / Math.max(1, dimension);
  const noise = blocks.length === 0 ? (only?.noise ?? 0) : Math.sqrt(variance);
  return {
    dimension,
    noise,
    remaining,
    signalToNoise: remaining === 0 ? 0 : remaining / (noise * Math.sqrt(dimension)),
    initialScale,
    ...(blocks.length === 0 ? {} : { layers: blocks.map(({ name, noise: own, tensor }) => ({ name, noise: own, initialScale: tensor?.fanIn === undefined ? undefined : usualScale(tensor.fanIn) })) }),
  };
}

/** Root mean square, over the weights, of 1/√fan-in. */
export function initialScaleOf(tensors: readonly TensorFacts[]): number {
  const weights = tensors.flatMap(({ count, fanIn }) => (fanIn === undefined ? [] : [{ count, scale: usualScale(fanIn) }]));
  const total = weights.reduce((sum, { count }) => sum + count, 0);
  return Math.sqrt(weights.reduce((sum, { count, scale }) => sum + count * scale ** 2, 0) / Math.max(1, total));
}

/** What is left of the start, and the noise on each coordinate. After clipping to a ball, less is left of both; at most the ball, at least the last noise. */
function residue({ initialRadius, steps }: Stage): { readonly signal: number; readonly noise: number } {
  const last = steps.at(-1);
  const { signal, noise } = residueOf({ initialRadius, steps: steps.map((step) => ({ ...step, gradientRadius: step.gradientRadius ?? 0 })) });
  return last?.modelRadius === undefined ? { signal, noise } : { signal: Math.min(signal, last.modelRadius), noise: last.sigma };
}
