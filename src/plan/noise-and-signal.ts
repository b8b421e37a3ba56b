import type { GradientClipping } from '../privacy/mechanism';

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
  /** Standard deviation of all noise together on each coordinate of the result: √V. */
  readonly noise: number;
  /** Norm, at most, of what is left of the trained parameters: C0·∏|ρ|. */
  readonly remaining: number;
  /** `remaining` over the norm of the noise, √V·√d. */
  readonly signalToNoise: number;
  /** Root mean square, over the weights, of the usual scale of a fresh initialisation, 1/√fan-in. */
  readonly initialScale: number;
}

/** Theory: V = Σ σ_t² P_t² with P_t = ∏_{k>t} |ρ_k| and ρ_t = 1 − γ_t λ_t (shifted interpolation, Bok et al. 2024). */
export function noiseAndSignal(mechanism: GradientClipping, tensors: readonly TensorFacts[]): NoiseAndSignal {
  let variance = 0;
  let remaining = mechanism.initialRadius;
  for (const { count = 1, learningRate, decay, sigma } of mechanism.steps) {
    const contraction = (1 - learningRate * decay) ** 2;
    const power = contraction ** count;
    const sum = contraction === 1 ? count : (1 - power) / (1 - contraction);
    variance = variance * power + sigma ** 2 * sum;
    remaining *= Math.sqrt(power);
  }
  const dimension = tensors.reduce((total, { count }) => total + count, 0);
  const noise = Math.sqrt(variance);
  const weights = tensors.flatMap(({ count, fanIn }) => (fanIn === undefined ? [] : [{ count, fanIn }]));
  const weightCount = weights.reduce((total, { count }) => total + count, 0);
  return {
    dimension,
    noise,
    remaining,
    signalToNoise: remaining / (noise * Math.sqrt(dimension)),
    initialScale: Math.sqrt(weights.reduce((total, { count, fanIn }) => total + count / fanIn, 0) / Math.max(1, weightCount)),
  };
}
