// AssemblyScript: uniform random words to standard normals, eight at a time (G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29, 1958).
// The polynomials are minimax fits on their intervals; test/unit/engine/noise.test.ts compares them with float64.

// In memory, because a constant in the code is built anew at each use, which costs more than loading it once.
const table = memory.data<f32>([
  // −2·ln(1 + f)/f for 1 + f in [√½, √2): relative error 1.7e-7.
  -1.99999989, 1.0000073, -0.666701174, 0.499398159, -0.398003432, 0.345017024, -0.324450798, 0.202135484,
  // sin(½πt)/t as a polynomial in t² for t in [−1, 1]: relative error 5e-9.
  1.57079632, -0.645963711, 0.079689679, -0.00467376662, 0.000151485129,
  // cos(½πt) as a polynomial in t² for t in [−1, 1]: error 5e-8.
  1, -1.23369888, 0.253653209, -0.0208139661, 0.000859689787,
  // −2·ln 2; 2⁻⁸; 2⁻²³.
  -1.3862943611, 0.00390625, 1.1920928955078125e-7,
]);

function constant(index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

// The first four words of every eight become radii √(−2 ln u), u = (word + (b + ½)/2⁷)/2³² with b the seven bits of the angular word that are
// no part of the angle: without them the noise would end at 6.76σ.
function radii(pointer: usize, end: usize): void {
  const c0 = constant(0);
  const c1 = constant(1);
  const c2 = constant(2);
  const c3 = constant(3);
  const c4 = constant(4);
  const c5 = constant(5);
  const c6 = constant(6);
  const c7 = constant(7);
  const one = constant(13);
  const minusTwoLn2 = constant(18);
  const finest = constant(19);
  for (let at = pointer; at < end; at += 32) {
    const below = f32x4.convert_i32x4_s(v128.and(v128.load(at, 16), i32x4.splat(0xfe)));
    const x = f32x4.add(f32x4.convert_i32x4_u(v128.load(at)), multiplyAdd(below, finest, finest));
    // x = m·2^(e + 32) with m in [√½, √2); the bits of √½ are 0x3f3504f3.
    const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3 + (32 << 23)));
    const e = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
    const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
    const f = f32x4.sub(m, one);
    let y = multiplyAdd(c7, f, c6);
    y = multiplyAdd(y, f, c5);
    y = multiplyAdd(y, f, c4);
    y = multiplyAdd(y, f, c3);
    y = multiplyAdd(y, f, c2);
    y = multiplyAdd(y, f, c1);
    y = multiplyAdd(y, f, c0);
    v128.store(at, f32x4.sqrt(multiplyAdd(y, f, f32x4.mul(e, minusTwoLn2))));
  }
}

// The last four words of every eight become angles, by which the radii are turned.
function turn(pointer: usize, end: usize): void {
  const s0 = constant(8);
  const s1 = constant(9);
  const s2 = constant(10);
  const s3 = constant(11);
  const s4 = constant(12);
  const c0 = constant(13);
  const c1 = constant(14);
  const c2 = constant(15);
  const c3 = constant(16);
  const c4 = constant(17);
  const place = constant(20);
  for (let at = pointer; at < end; at += 32) {
    const radius = v128.load(at);
    const angular = v128.load(at, 16);
    const t = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_s(angular, 8)), place);
    const z = f32x4.mul(t, t);
    let sine = multiplyAdd(s4, z, s3);
    sine = multiplyAdd(sine, z, s2);
    sine = multiplyAdd(sine, z, s1);
    sine = multiplyAdd(sine, z, s0);
    let cosine = multiplyAdd(c4, z, c3);
    cosine = multiplyAdd(cosine, z, c2);
    cosine = multiplyAdd(cosine, z, c1);
    cosine = multiplyAdd(cosine, z, c0);
    v128.store(at, f32x4.mul(f32x4.mul(sine, t), radius));
    v128.store(at, v128.xor(f32x4.mul(cosine, radius), i32x4.shl(angular, 31)), 16);
  }
}

/**
 * Turns `count` random 32-bit words at `pointer` into as many standard normals, in place. `count` is a multiple of 8.
 * Of each pair of words, the first gives the radius: there is no logarithm of zero, and the largest radius is 7.45. The upper 24 bits of the
 * second give an angle ½πt in the right half of the circle, its lowest bit says whether it is mirrored into the left one, and the seven
 * between continue the first word, which is what the far tail is made of. Two passes,
 * because the constants of one fit into the processor's registers and those of both do not.
 */
export function normals(pointer: usize, count: i32): void {
  const end = pointer + (<usize>count << 2);
  radii(pointer, end);
  turn(pointer, end);
}
