import type { ModelClipping, ModelClippingStep } from '../../privacy/mechanism';
import { eachStep, StepRecord, type Perform } from './method';
import { addNoise, clipped } from './noise-and-clip';

/**
 * x_0 = c + Π_{C0}(x̂ − c) + N(0, σ_0² I); in every step a plain one of descent, then clipping to C2 around c, then noise
 * (Koloskova et al. 2025, model clipping). Nothing needs to be known of the step before the clipping.
 */
export const modelClipping: Perform<ModelClipping> = async (mechanism, { session, centre, noise, nextBatch, breathe, onStep }) => {
  const still = new Float32Array(session.dimension);
  const record = new StepRecord<ModelClippingStep>();
  const start = clipped(await session.parameters(), centre, mechanism.initialRadius);
  addNoise(start, noise, mechanism.initialSigma ?? 0);
  await session.setParameters(start);
  for (const step of eachStep(mechanism.steps)) {
    await breathe();
    const { learningRate, decay, gradientRadius = Number.MAX_VALUE } = step;
    const { loss } = await session.noisyStep(await nextBatch(), { learningRate, decay, gradientRadius, sigma: 0, noise: still });
    const x = clipped(await session.parameters(), centre, step.modelRadius);
    addNoise(x, noise, step.sigma);
    await session.setParameters(x);
    record.add(step);
    onStep(loss);
  }
  return { ...mechanism, steps: record.steps };
};
