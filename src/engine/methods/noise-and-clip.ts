import { clipToBall } from '../clip-to-ball';
import type { NoiseSource } from '../noise/noise-source';

/**
 * An upper bound that the result of clipping may be rounded up to: applied radii lie 1e-6 below the certified ones, and this leaves a tenth of
 * that to the rounding of the bound itself.
 */
export function withRoom(appliedRadius: number): number {
  return appliedRadius * (1 + 9e-7);
}

/** New standard normals; zeros where they would be multiplied by 0. */
export function drawInto(normals: Float32Array, source: NoiseSource, sigma: number): void {
  if (sigma > 0) source.fill(normals);
  else normals.fill(0);
}

/** x + σ·N(0, I) in place; the noise itself is not left in memory. */
export function addNoise(x: Float32Array | Float64Array, source: NoiseSource, sigma: number): void {
  const normals = new Float32Array(x.length);
  drawInto(normals, source, sigma);
  for (let index = 0; index < x.length; index++) x[index] = (x[index] ?? 0) + sigma * (normals[index] ?? 0);
  normals.fill(0);
}

/** c + Π_C(x − c). */
export function clipped(x: Float32Array, centre: Float32Array | undefined, appliedRadius: number): Float32Array {
  return clipToBall(x, centre, appliedRadius, withRoom(appliedRadius));
}
