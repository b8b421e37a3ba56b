import type { GradientClipping, GradientClippingStep } from '../../privacy/mechanism';
import { eachStep, StepRecord, type Perform } from './method';
import { clipped, drawInto } from './noise-and-clip';

/** x_0 = c + Π_{C0}(x̂ − c), then one noisy step of the engine after another (Koloskova et al. 2025, gradient clipping). */
export const gradientClipping: Perform<GradientClipping> = async (mechanism, { session, centre, noise, nextBatch, breathe, onStep }) => {
  const normals = new Float32Array(session.dimension);
  const record = new StepRecord<GradientClippingStep>();
  await session.setParameters(clipped(await session.parameters(), centre, mechanism.initialRadius));
  for (const step of eachStep(mechanism.steps)) {
    await breathe();
    drawInto(normals, noise, step.sigma);
    const { loss } = await session.noisyStep(await nextBatch(), { ...step, noise: normals });
    record.add(step);
    onStep(loss);
  }
  normals.fill(0);
  return { ...mechanism, steps: record.steps };
};
