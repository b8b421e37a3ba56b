// AssemblyScript: uniform random words to standard normals, eight at a time (G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29, 1958).
// Polynomials for log, sin and cos are those of the Cephes library (S. L. Moshier), accurate to about one unit in the last place.

const half: v128 = f32x4.splat(0.5);
const one: v128 = f32x4.splat(1);

function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

function constant(value: f32): v128 {
  return f32x4.splat(value);
}

// Natural logarithm of four normal positive numbers.
function logarithm(x: v128): v128 {
  // x = m·2^e with m in [√½, √2).
  const exponent = i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126));
  let m = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const small = f32x4.lt(m, constant(0.70710678));
  const e = f32x4.convert_i32x4_s(i32x4.add(exponent, small));
  m = f32x4.sub(f32x4.add(m, v128.and(m, small)), one);
  const z = f32x4.mul(m, m);
  let y = constant(7.0376836292e-2);
  y = multiplyAdd(y, m, constant(-1.151461031e-1));
  y = multiplyAdd(y, m, constant(1.167699874e-1));
  y = multiplyAdd(y, m, constant(-1.2420140846e-1));
  y = multiplyAdd(y, m, constant(1.4249322787e-1));
  y = multiplyAdd(y, m, constant(-1.6668057665e-1));
  y = multiplyAdd(y, m, constant(2.0000714765e-1));
  y = multiplyAdd(y, m, constant(-2.4999993993e-1));
  y = multiplyAdd(y, m, constant(3.3333331174e-1));
  y = f32x4.mul(f32x4.mul(y, m), z);
  // ln 2 in two parts, so that e·ln 2 keeps its low bits.
  y = multiplyAdd(e, constant(-2.12194440e-4), y);
  y = f32x4.sub(y, f32x4.mul(z, half));
  return multiplyAdd(e, constant(0.693359375), f32x4.add(m, y));
}

/**
 * Turns `count` random 32-bit words at `pointer` into as many standard normals, in place. `count` is a multiple of 8.
 * Of each pair of words, the first gives the radius √(−2 ln u), u = (word + ½)/2³² > 0: there is no logarithm of zero, and the largest
 * radius is 6.76. The second gives the angle: three bits choose the octant's reflections, 24 bits the place in it.
 */
export function normals(pointer: usize, count: i32): void {
  const end = pointer + (<usize>count << 2);
  for (let at = pointer; at < end; at += 32) {
    const radial = v128.load(at);
    const angular = v128.load(at, 16);
    const u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_u(radial), half), constant(2.3283064365386963e-10));
    const radius = f32x4.sqrt(f32x4.pmax(constant(0), f32x4.mul(logarithm(u), constant(-2))));
    const angle = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.shl(angular, 3), 8)), constant(0.78539816 / 8388608.0));
    const z = f32x4.mul(angle, angle);
    const sine = multiplyAdd(f32x4.mul(multiplyAdd(multiplyAdd(constant(-1.9515295891e-4), z, constant(8.3321608736e-3)), z, constant(-1.6666654611e-1)), z), angle, angle);
    const series = f32x4.mul(f32x4.mul(multiplyAdd(multiplyAdd(constant(2.443315711809948e-5), z, constant(-1.388731625493765e-3)), z, constant(4.166664568298827e-2)), z), z);
    const cosine = f32x4.add(multiplyAdd(z, constant(-0.5), series), one);
    const swapped = i32x4.shr_s(angular, 31);
    const firstSign = v128.and(i32x4.shl(angular, 1), i32x4.splat(0x80000000));
    const secondSign = v128.and(i32x4.shl(angular, 2), i32x4.splat(0x80000000));
    v128.store(at, v128.xor(f32x4.mul(radius, v128.bitselect(sine, cosine, swapped)), firstSign));
    v128.store(at, v128.xor(f32x4.mul(radius, v128.bitselect(cosine, sine, swapped)), secondSign), 16);
  }
}
