/** ‖x − c‖₂ in float64; c is the origin unless given. */
export function distance(x: Float32Array, centre?: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < x.length; index++) sum += ((x[index] ?? 0) - (centre?.[index] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

/**
 * c + Π_C(x − c), Π_C(v) = v·min(1, C/‖v‖₂), computed in float64 and rounded to float32 so that ‖result − c‖ ≤ `bound` for certain;
 * `radius` ≤ `bound` leaves room for the rounding. Where that room is not enough (a centre far from the origin), the radius shrinks until it is.
 */
export function clipToBall(x: Float32Array, centre: Float32Array | undefined, radius: number, bound: number): Float32Array {
  const length = distance(x, centre);
  if (length <= radius) return x.slice();
  for (let target = radius; target > 0; target *= 1 - 1e-5) {
    const scale = target / length;
    // map, not from: that would first make a list of numbers, several times as large.
    const clipped = x.map((value, index) => {
      const origin = centre?.[index] ?? 0;
      return origin + scale * (value - origin);
    });
    if (distance(clipped, centre) <= bound) return clipped;
    if (target < radius / 2) break;
  }
  return centre?.slice() ?? new Float32Array(x.length);
}
