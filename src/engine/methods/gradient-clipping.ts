import { noiseStream } from '../noise/noise-stream';
import type { GradientClipping, GradientClippingStep } from '../../privacy/mechanism';
import { batchesOf } from '../../privacy/stages';
import { eachStep, StepRecord, type Perform } from './method';
import { clipped, noiseFor } from './noise-and-clip';

/** x_0 = c + Π_{C0}(x̂ − c), then one noisy step of the engine after another (Koloskova et al. 2025, gradient clipping). */
export const gradientClipping: Perform<GradientClipping> = async (mechanism, { session, centre, noise, nextBatch, breathe, onStep }) => {
  const record = new StepRecord<GradientClippingStep>();
  await session.setParameters(clipped(await session.parameters({ borrowed: true }), centre, mechanism.initialRadius));
  const normals = noiseStream(noise, session.dimension, batchesOf(mechanism));
  try {
    for (const step of eachStep(mechanism.steps)) {
      await breathe();
      const drawn = noiseFor(step.sigma, normals);
      const { loss } = await session.noisyStep(await nextBatch(), { ...step, noise: drawn });
      record.add(step);
      onStep(loss);
    }
  } finally {
    await normals.close();
  }
  return { ...mechanism, steps: record.steps };
};
