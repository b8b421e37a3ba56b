import erfcx from '@stdlib/math-base-special-erfcx';

const ROOT_HALF_PI = Math.sqrt(Math.PI / 2);

/** The Mills ratio M(x) = (1 − Φ(x))/φ(x) of the standard normal distribution. Finite for x > −37. */
export function millsRatio(x: number): number {
  return ROOT_HALF_PI * erfcx(x * Math.SQRT1_2);
}

/**
 * 1 − x·M(x) = −M′(x) for x ≥ 0.
 * From x = 3 on by the continued fraction M(x) = 1/(x + 1/(x + 2/(x + 3/(x + …)))), which keeps every digit: with K = 1/(x + 2/(x + 3/…)), it is K/(x + K).
 */
export function millsDescent(x: number): number {
  if (x < 3) return 1 - x * millsRatio(x);
  let tail = x;
  for (let k = 40; k >= 2; k -= 1) tail = x + k / tail;
  const fraction = 1 / tail;
  return fraction / (x + fraction);
}

/** Nodes and weights of the 8-point Gauss–Legendre rule on [−1, 1] (positive half). */
const NODES = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363] as const;
const WEIGHTS = [0.362683783378362, 0.3137066458778873, 0.22238103445337448, 0.10122853629037626] as const;

/** M(x) − M(x + width) for x ≥ 0 and a width that is small beside max(1, x): the integral of 1 − t·M(t), without cancellation. */
export function millsDrop(x: number, width: number): number {
  const half = width / 2;
  const middle = x + half;
  let sum = 0;
  for (const [index, node] of NODES.entries()) {
    const weight = WEIGHTS[index] ?? 0;
    sum += weight * (millsDescent(middle - half * node) + millsDescent(middle + half * node));
  }
  return half * sum;
}
