import type { NoisyStep } from './engine';
import { requireNoise } from './noise/noise-source';

/** ‖v‖₂, summed in float64. */
export function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/** x ← x − γ(Π_{C1}(g) + λ(x − c)) + σ·noise in place, each coordinate in float64 and rounded once. */
export function applyNoisyStep(x: Float32Array, gradient: Float32Array, gradientNorm: number, step: NoisyStep, centre: Float32Array | undefined): void {
  const { learningRate, sigma, noise } = step;
  requireNoise(noise, sigma, x.length);
  const pull = learningRate * step.decay;
  const rate = learningRate * (gradientNorm > step.gradientRadius ? step.gradientRadius / gradientNorm : 1);
  for (let index = 0; index < x.length; index++) {
    const value = x[index] ?? 0;
    x[index] = value - pull * (value - (centre?.[index] ?? 0)) - rate * (gradient[index] ?? 0) + sigma * (noise[index] ?? 0);
  }
}
