const float64 = new Float64Array(1);
const bits64 = new BigInt64Array(float64.buffer);
const float32 = new Float32Array(1);
const bits32 = new Int32Array(float32.buffer);

/** The smallest double above a positive finite number. */
export function nextUp(value: number): number {
  float64[0] = value;
  bits64[0] = (bits64[0] ?? 0n) + 1n;
  return float64[0];
}

/** The largest double below a positive number. */
export function nextDown(value: number): number {
  float64[0] = value;
  bits64[0] = (bits64[0] ?? 0n) - 1n;
  return float64[0];
}

/** The smallest float32 that is at least a number ≥ 0; ∞ above the largest float32. */
export function float32Up(value: number): number {
  const rounded = Math.fround(value);
  if (rounded >= value) return rounded;
  float32[0] = rounded;
  bits32[0] = (bits32[0] ?? 0) + 1;
  return float32[0];
}

/** The largest float32 that is at most a finite number ≥ 0. */
export function float32Down(value: number): number {
  const rounded = Math.fround(value);
  if (rounded <= value) return rounded;
  float32[0] = rounded;
  bits32[0] = (bits32[0] ?? 0) - 1;
  return float32[0];
}

/**
 * γ·λ ↦ |1 − γλ| to the last bit, also where γλ is near 1.
 * The product is split into its rounded value and its rounding error (T. J. Dekker, Numerische Mathematik 18, 1971).
 */
export function contractionOf(learningRate: number, decay: number): number {
  const product = learningRate * decay;
  const [highRate, lowRate] = split(learningRate);
  const [highDecay, lowDecay] = split(decay);
  const error = lowRate * lowDecay - (product - highRate * highDecay - lowRate * highDecay - highRate * lowDecay);
  return Math.abs(1 - product - error);
}

function split(value: number): readonly [high: number, low: number] {
  const scaled = 134217729 * value;
  const high = scaled - (scaled - value);
  return [high, value - high];
}
