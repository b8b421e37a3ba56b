import { clipToBall } from '../clip-to-ball';
import type { NoiseSource, NoiseStream } from '../noise/noise-source';

/**
 * An upper bound that the result of clipping may be rounded up to: applied radii lie 1e-6 below the certified ones, and this leaves a tenth of
 * that to the rounding of the bound itself.
 */
export function withRoom(appliedRadius: number): number {
  return appliedRadius * (1 + 9e-7);
}

/** The noise of a step; nothing is drawn, and the result is empty, where it would be multiplied by 0. */
export function noiseFor(sigma: number, stream: NoiseStream): Float32Array | Promise<Float32Array> {
  return sigma > 0 ? stream.next() : new Float32Array(0);
}

/** x + σ·N(0, I) in place; the noise itself is not left in memory. */
export function addNoise(x: Float32Array | Float64Array, source: NoiseSource, sigma: number): void {
  if (sigma === 0) return;
  const normals = new Float32Array(x.length);
  source.fill(normals);
  addScaled(x, normals, sigma);
  normals.fill(0);
}

/** x + σ·z in place; a z that is shorter than x counts as 0 behind its end. */
export function addScaled(x: Float32Array | Float64Array, z: Float32Array, sigma: number): void {
  for (let index = 0; index < z.length; index++) x[index] = (x[index] ?? 0) + sigma * (z[index] ?? 0);
}

/** c + Π_C(x − c). */
export function clipped(x: Float32Array, centre: Float32Array | undefined, appliedRadius: number): Float32Array {
  return clipToBall(x, centre, appliedRadius, withRoom(appliedRadius));
}
