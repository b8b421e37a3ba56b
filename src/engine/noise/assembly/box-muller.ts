// AssemblyScript: uniform random words to standard normals, eight at a time (G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29, 1958).
// The polynomials are minimax fits on their intervals; test/unit/engine/noise.test.ts compares them with float64.

// In memory, because an engine builds a constant in the code anew at each use, which costs more than loading it.
const table = memory.data<f32>([
  // −2·ln(1 + f)/f for 1 + f in [√½, √2): relative error 1.7e-7.
  -1.99999989, 1.0000073, -0.666701174, 0.499398159, -0.398003432, 0.345017024, -0.324450798, 0.202135484,
  // sin(½πt)/t as a polynomial in t² for t in [−1, 1]: relative error 5e-9.
  1.57079632, -0.645963711, 0.079689679, -0.00467376662, 0.000151485129,
  // cos(½πt) as a polynomial in t² for t in [−1, 1]: error 5e-8.
  1, -1.23369888, 0.253653209, -0.0208139661, 0.000859689787,
  // −2·ln 2; ½; 2⁻²³.
  -1.3862943611, 0.5, 1.1920928955078125e-7,
]);
const sine = 8;
const cosine = 13;

function constant(index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

// √(−2 ln(x/2³²)) of four numbers in [½, 2³²].
function radiusOf(x: v128): v128 {
  // x = m·2^(e + 32) with m in [√½, √2); the bits of √½ are 0x3f3504f3.
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3 + (32 << 23)));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const f = f32x4.sub(m, constant(cosine));
  let y = multiplyAdd(constant(7), f, constant(6));
  y = multiplyAdd(y, f, constant(5));
  y = multiplyAdd(y, f, constant(4));
  y = multiplyAdd(y, f, constant(3));
  y = multiplyAdd(y, f, constant(2));
  y = multiplyAdd(y, f, constant(1));
  y = multiplyAdd(y, f, constant(0));
  return f32x4.sqrt(multiplyAdd(y, f, f32x4.mul(e, constant(18))));
}

// The polynomial of degree 4 in z whose coefficients begin at `first`.
function quartic(first: usize, z: v128): v128 {
  let y = multiplyAdd(constant(first + 4), z, constant(first + 3));
  y = multiplyAdd(y, z, constant(first + 2));
  y = multiplyAdd(y, z, constant(first + 1));
  return multiplyAdd(y, z, constant(first));
}

/**
 * Turns `count` random 32-bit words at `pointer` into as many standard normals, in place. `count` is a multiple of 8.
 * Of each pair of words, the first gives the radius √(−2 ln u), u = (word + ½)/2³² > 0: there is no logarithm of zero, and the largest
 * radius is 6.76. The upper 24 bits of the second give an angle ½πt in the right half of the circle, and its lowest bit says whether it is
 * mirrored into the left one.
 */
export function normals(pointer: usize, count: i32): void {
  const end = pointer + (<usize>count << 2);
  for (let at = pointer; at < end; at += 32) {
    const angular = v128.load(at, 16);
    const radius = radiusOf(f32x4.add(f32x4.convert_i32x4_u(v128.load(at)), constant(19)));
    const t = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_s(angular, 8)), constant(20));
    const z = f32x4.mul(t, t);
    v128.store(at, f32x4.mul(f32x4.mul(quartic(sine, z), t), radius));
    v128.store(at, v128.xor(f32x4.mul(quartic(cosine, z), radius), i32x4.shl(angular, 31)), 16);
  }
}
