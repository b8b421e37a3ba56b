import { requireNoise } from '../noise/noise-source';
import { noiseStream } from '../noise/noise-stream';
import type { ModelClipping, ModelClippingStep } from '../../privacy/mechanism';
import { batchesOf } from '../../privacy/stages';
import { eachStep, StepRecord, type Perform } from './method';
import { addNoise, addScaled, clipped, noiseFor } from './noise-and-clip';

/**
 * x_0 = c + Π_{C0}(x̂ − c) + N(0, σ_0² I); in every step a plain one of descent, then clipping to C2 around c, then noise
 * (Koloskova et al. 2025, model clipping). Nothing needs to be known of the step before the clipping.
 */
export const modelClipping: Perform<ModelClipping> = async (mechanism, { session, centre, noise, nextBatch, breathe, onStep }) => {
  const record = new StepRecord<ModelClippingStep>();
  const start = clipped(await session.parameters({ borrowed: true }), centre, mechanism.initialRadius);
  addNoise(start, noise, mechanism.initialSigma ?? 0);
  await session.setParameters(start);
  const normals = noiseStream(noise, session.dimension, batchesOf(mechanism));
  try {
    for (const step of eachStep(mechanism.steps)) {
      await breathe();
      const drawn = noiseFor(step.sigma, normals);
      const { learningRate, decay, gradientRadius = Number.MAX_VALUE } = step;
      const { loss } = await session.noisyStep(await nextBatch(), { learningRate, decay, gradientRadius, sigma: 0, noise: new Float32Array(0) });
      const x = clipped(await session.parameters({ borrowed: true }), centre, step.modelRadius);
      const fresh = await drawn;
      requireNoise(fresh, step.sigma, x.length);
      addScaled(x, fresh, step.sigma);
      await session.setParameters(x);
      record.add(step);
      onStep(loss);
    }
  } finally {
    await normals.close();
  }
  return { ...mechanism, steps: record.steps };
};
