// AssemblyScript: the arithmetic of one noisy step on float32 vectors, four coordinates at a time. Lengths are multiples of 4, padded with zeros.

/** Σ v², summed in float64: in float32 the rounding of a long sum could let a gradient slip past its radius. */
export function sumOfSquares(pointer: usize, count: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  const end = pointer + (<usize>count << 2);
  for (let at = pointer; at < end; at += 16) {
    const value = v128.load(at);
    const low = f64x2.promote_low_f32x4(value);
    const high = f64x2.promote_low_f32x4(i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const sum = f64x2.add(even, odd);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** total ← total + weight·part. */
export function addScaled(total: usize, part: usize, count: i32, weight: f32): void {
  const weights = f32x4.splat(weight);
  const size = <usize>count << 2;
  for (let at: usize = 0; at < size; at += 16) v128.store(total + at, f32x4.add(v128.load(total + at), f32x4.mul(weights, v128.load(part + at))));
}

/** x ← x − pull·(x − c) − rate·g + sigma·z in place; `centre` is 0 for the origin. */
export function noisyStep(x: usize, gradient: usize, noise: usize, centre: usize, count: i32, pull: f32, rate: f32, sigma: f32): void {
  const pulls = f32x4.splat(pull);
  const rates = f32x4.splat(rate);
  const sigmas = f32x4.splat(sigma);
  const size = <usize>count << 2;
  for (let at: usize = 0; at < size; at += 16) {
    const value = v128.load(x + at);
    const offset = centre == 0 ? value : f32x4.sub(value, v128.load(centre + at));
    const pulled = f32x4.sub(value, f32x4.mul(pulls, offset));
    const moved = f32x4.sub(pulled, f32x4.mul(rates, v128.load(gradient + at)));
    v128.store(x + at, f32x4.add(moved, f32x4.mul(sigmas, v128.load(noise + at))));
  }
}
