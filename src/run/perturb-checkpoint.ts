import { CryptographicNoise } from '../engine/noise/cryptographic-noise';
import { UserError } from '../error';
import type { Checkpoint, FloatRegion } from '../model/checkpoint/checkpoint';
import { rewriteCheckpoint, visitCheckpoint } from '../model/checkpoint/stream';
import type { CertifiedRun } from '../privacy/certified-run';
import type { GaussianRestart, Mechanism, OutputPerturbation } from '../privacy/mechanism';

/** Methods that need no gradients, and so no model around the numbers. */
export type GradientFree = OutputPerturbation | GaussianRestart;

export function isGradientFree(mechanism: Mechanism): mechanism is GradientFree {
  return mechanism.method === 'output-perturbation' || mechanism.method === 'gaussian-restart';
}

/** Running statistics as a fresh network has them: variances are 1, everything else is 0. */
const variance = /(running_var|moving_variance)($|[./_:])/;

/**
 * Writes a checkpoint anew with its parameters clipped as one vector and noised (or replaced by noise) and its statistics reset, as the numbers
 * stream by: memory does not grow with the file. The certified run is the only source of radius and noise.
 * @returns the mechanism as it was applied
 * @throws UserError `weights-not-finite`, and those of reading and writing
 */
export async function perturbCheckpoint(path: string, checkpoint: Checkpoint, folder: string, run: CertifiedRun<GradientFree>, signal: AbortSignal): Promise<GradientFree> {
  const { applied } = run;
  const scale = applied.method === 'gaussian-restart' ? 0 : Math.min(1, applied.initialRadius / (await parameterNorm(path, checkpoint, signal)));
  const source = new CryptographicNoise();
  let noise = new Float32Array(0);
  await rewriteCheckpoint(path, checkpoint, folder, (region, values) => {
    if (region.role === 'buffer') {
      values.fill(variance.test(region.name) ? 1 : 0);
      return;
    }
    if (noise.length < values.length) noise = new Float32Array(values.length);
    source.fill(noise.subarray(0, values.length));
    for (let index = 0; index < values.length; index++) values[index] = scale * (values[index] ?? 0) + applied.sigma * (noise[index] ?? 0);
  }, signal);
  // Whoever has the noise can subtract it.
  noise.fill(0);
  return applied;
}

/** ‖x̂‖₂ over all parameters, summed in float64. It never leaves this file. */
async function parameterNorm(path: string, checkpoint: Checkpoint, signal: AbortSignal): Promise<number> {
  let sum = 0;
  await visitCheckpoint(path, checkpoint, (region, values, first) => {
    if (region.role !== 'parameter') return;
    let part = 0;
    for (const value of values) part += value * value;
    if (!Number.isFinite(part)) throw notFinite(path, region, values, first);
    sum += part;
  }, signal);
  return Math.sqrt(sum);
}

function notFinite(path: string, region: FloatRegion, values: Float32Array, first: number): UserError {
  const index = values.findIndex((value) => !Number.isFinite(value));
  return new UserError('weights-not-finite', `the tensor "${region.name}" has a value that is not a finite number, at position ${first + Math.max(0, index)}`, { file: path });
}
