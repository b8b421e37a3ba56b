// AssemblyScript: the numbers of a checkpoint in the types that files store them in, four or eight at a time.
// Buffers are read and written in whole vectors: the 64 bytes behind the last number must be there, and zero where they are summed.

const FLOAT32 = 0;
const FLOAT64 = 1;
const BFLOAT16 = 2;

const infinity: v128 = i32x4.splat(0x7f800000);
const magnitude: v128 = i32x4.splat(0x7fffffff);

function high(value: v128): v128 {
  return i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/** Four bfloat16, one in each 32-bit lane, as float32: they are its upper halves. */
function fromBfloat16(halves: v128): v128 {
  return i32x4.shl(halves, 16);
}

/** Four float16, one in each 32-bit lane, as float32. The multiplication moves the exponent, and normalises what is subnormal. */
function fromFloat16(halves: v128): v128 {
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  const value = f32x4.mul(i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13), i32x4.splat(0x77800000));
  const special = i32x4.gt_s(v128.and(halves, i32x4.splat(0x7fff)), i32x4.splat(0x7bff));
  return v128.or(v128.or(value, sign), v128.and(special, infinity));
}

/** Rounds four finite float32 to bfloat16, to the nearest, ties to even; one in each 32-bit lane. */
function toBfloat16(bits: v128): v128 {
  const odd = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
  return i32x4.shr_u(i32x4.add(bits, i32x4.add(odd, i32x4.splat(0x7fff))), 16);
}

/** Rounds four float32 that are not NaN to float16, to the nearest, ties to even; one in each 32-bit lane. */
function toFloat16(bits: v128): v128 {
  const sign = i32x4.shr_u(v128.andnot(bits, magnitude), 16);
  const value = v128.and(bits, magnitude);
  const odd = v128.and(i32x4.shr_u(value, 13), i32x4.splat(1));
  // The exponent's bias falls by 112; the rounding may carry into it, and at the top that makes infinity.
  const normal = i32x4.shr_u(i32x4.add(value, i32x4.add(odd, i32x4.splat(-0x38000000 + 0xfff))), 13);
  // Adding ½ makes the processor round at the last place of a subnormal half, 2⁻²⁴.
  const subnormal = i32x4.sub(f32x4.add(value, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  const rounded = v128.bitselect(subnormal, normal, i32x4.lt_s(value, i32x4.splat(0x38800000)));
  return v128.or(sign, v128.bitselect(i32x4.splat(0x7c00), rounded, i32x4.gt_s(value, i32x4.splat(0x477fffff))));
}

function squares(value: v128): v128 {
  const low = f64x2.promote_low_f32x4(value);
  const upper = f64x2.promote_low_f32x4(high(value));
  return f64x2.add(f64x2.mul(low, low), f64x2.mul(upper, upper));
}

/** Σ v² in float64 over `count` numbers, each as float32 first. Not finite exactly where one of the numbers is not. */
export function sumOfSquares(pointer: usize, count: i32, type: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  if (type == FLOAT32) {
    const end = pointer + (<usize>count << 2);
    for (let at = pointer; at < end; at += 32) {
      even = f64x2.add(even, squares(v128.load(at)));
      odd = f64x2.add(odd, squares(v128.load(at, 16)));
    }
  } else if (type == FLOAT64) {
    const end = pointer + (<usize>count << 3);
    for (let at = pointer; at < end; at += 32) {
      even = f64x2.add(even, squares(f32x4.demote_f64x2_zero(v128.load(at))));
      odd = f64x2.add(odd, squares(f32x4.demote_f64x2_zero(v128.load(at, 16))));
    }
  } else {
    const end = pointer + (<usize>count << 1);
    for (let at = pointer; at < end; at += 16) {
      const halves = v128.load(at);
      const low = i32x4.extend_low_i16x8_u(halves);
      const upper = i32x4.extend_high_i16x8_u(halves);
      even = f64x2.add(even, squares(type == BFLOAT16 ? fromBfloat16(low) : fromFloat16(low)));
      odd = f64x2.add(odd, squares(type == BFLOAT16 ? fromBfloat16(upper) : fromFloat16(upper)));
    }
  }
  const sum = f64x2.add(even, odd);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * x ← scale·x + sigma·z in place, for `count` numbers at `pointer` and standard normals at `noise`: in float32, then rounded to the stored type.
 * @returns whether a result is beyond the largest number of the type
 */
export function perturb(pointer: usize, noise: usize, count: i32, scale: f32, sigma: f32, type: i32): bool {
  const scales = f32x4.splat(scale);
  const sigmas = f32x4.splat(sigma);
  let beyond = i32x4.splat(0);
  if (type == FLOAT32) {
    const end = pointer + (<usize>count << 2);
    for (let at = pointer; at < end; at += 16, noise += 16) {
      const moved = f32x4.add(f32x4.mul(scales, v128.load(at)), f32x4.mul(sigmas, v128.load(noise)));
      beyond = v128.or(beyond, i32x4.eq(v128.and(moved, infinity), infinity));
      v128.store(at, moved);
    }
  } else if (type == FLOAT64) {
    const end = pointer + (<usize>count << 3);
    for (let at = pointer; at < end; at += 32, noise += 16) {
      const value = i8x16.shuffle(f32x4.demote_f64x2_zero(v128.load(at)), f32x4.demote_f64x2_zero(v128.load(at, 16)), 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
      const moved = f32x4.add(f32x4.mul(scales, value), f32x4.mul(sigmas, v128.load(noise)));
      beyond = v128.or(beyond, i32x4.eq(v128.and(moved, infinity), infinity));
      v128.store(at, f64x2.promote_low_f32x4(moved));
      v128.store(at, f64x2.promote_low_f32x4(high(moved)), 16);
    }
  } else {
    const end = pointer + (<usize>count << 1);
    for (let at = pointer; at < end; at += 16, noise += 32) {
      const halves = v128.load(at);
      const low = i32x4.extend_low_i16x8_u(halves);
      const upper = i32x4.extend_high_i16x8_u(halves);
      const first = f32x4.add(f32x4.mul(scales, type == BFLOAT16 ? fromBfloat16(low) : fromFloat16(low)), f32x4.mul(sigmas, v128.load(noise)));
      const second = f32x4.add(f32x4.mul(scales, type == BFLOAT16 ? fromBfloat16(upper) : fromFloat16(upper)), f32x4.mul(sigmas, v128.load(noise, 16)));
      const rounded = i16x8.narrow_i32x4_u(type == BFLOAT16 ? toBfloat16(first) : toFloat16(first), type == BFLOAT16 ? toBfloat16(second) : toFloat16(second));
      const exponent = i16x8.splat(type == BFLOAT16 ? 0x7f80 : 0x7c00);
      beyond = v128.or(beyond, i16x8.eq(v128.and(rounded, exponent), exponent));
      v128.store(at, rounded);
    }
  }
  return v128.any_true(beyond);
}
