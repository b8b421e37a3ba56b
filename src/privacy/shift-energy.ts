/** The running product of contractions is kept as mantissa · 2^(500·exponent), so that neither a million halvings nor a million doublings leave the doubles. */
const UNIT = 2 ** 500;

/**
 * The smallest μ² that two noisy processes are certified at, step by step.
 *
 * Two runs that start at most `initialShift` apart move by maps that bring points at distance z to at most contraction·z + shift apart, and then both add
 * Gaussian noise. Shifted interpolation (J. Bok, W. Su, J. Altschuler, ICML 2024) absorbs a part a_t ≥ 0 of the distance in each draw of noise and pays
 * μ² = Σ a_t²/σ_t². With the accumulated shifts D_t and variances V_t, both carried by the contractions to the end of the analysis, the least such sum is
 * Σ (ΔD)²/ΔV over the edges of the greatest convex minorant of (0, 0), (V_0, D_0), …, (V_{T−1}, D_{T−1}).
 *
 * The minorant is a stack of edges of growing slope ΔD/ΔV. A contraction ρ scales every ΔD by |ρ| and every ΔV by ρ² and leaves (ΔD)²/ΔV as it is, so an
 * edge is left in the scale at which it was last touched. A step costs amortised constant time. Rounding: every term is positive, nothing cancels; the
 * relative error of √μ² after T steps is at most 6T·2⁻⁵³.
 */
export class ShiftEnergy {
  readonly #shift: number[] = [];
  readonly #variance: number[] = [];
  readonly #edgeMantissa: number[] = [];
  readonly #edgeExponent: number[] = [];
  /** Σ (ΔD)²/ΔV over this edge and all before it. */
  readonly #energy: number[] = [];
  #depth = 0;
  #mantissa = 1;
  #exponent = 0;

  constructor(initialShift: number) {
    this.#push(initialShift, 0, 1, 0);
  }

  /** One step: the distance is contracted by |ρ| = `contraction` ≥ 0, grows by `shift` ≥ 0, and noise of `variance` = σ² is added. Returns μ² if released now. */
  step(contraction: number, shift: number, variance: number): number {
    if (contraction === 0) {
      // The two runs are at the same point: nothing before this step counts.
      this.#depth = 0;
      this.#mantissa = 1;
      this.#exponent = 0;
      this.#push(shift, variance, 1, 0);
      return this.energy();
    }
    this.#mantissa *= contraction;
    if (this.#mantissa > UNIT) {
      this.#mantissa /= UNIT;
      this.#exponent += 1;
    } else if (this.#mantissa < 1 / UNIT) {
      this.#mantissa *= UNIT;
      this.#exponent -= 1;
    }
    if (shift > 0 || variance > 0) this.#append(shift, variance);
    return this.energy();
  }

  /** μ² if released now; ∞ while part of the shift is behind no noise at all. */
  energy(): number {
    return this.#energy[this.#depth - 1] ?? Infinity;
  }

  #append(newShift: number, newVariance: number): void {
    let shift = newShift;
    let variance = newVariance;
    let mantissa = this.#mantissa;
    let exponent = this.#exponent;
    while (this.#depth > 0) {
      const last = this.#depth - 1;
      const lastShift = this.#shift[last] ?? 0;
      const lastVariance = this.#variance[last] ?? 0;
      const lastMantissa = this.#edgeMantissa[last] ?? 1;
      const lastExponent = this.#edgeExponent[last] ?? 0;
      const ratio = exponent === lastExponent ? mantissa / lastMantissa : (mantissa / lastMantissa) * 2 ** (500 * (exponent - lastExponent));
      // Keep the corner only if the slope grows there; the ratio brings both slopes to one scale.
      if (!(shift * ratio * lastVariance <= lastShift * variance)) break;
      this.#depth = last;
      if (ratio < 1) {
        shift += lastShift * ratio;
        variance += lastVariance * ratio * ratio;
      } else {
        // Growing runs: bring the small new edge to the old scale, never the other way, so that nothing overflows.
        shift = lastShift + shift / ratio;
        variance = lastVariance + variance / ratio / ratio;
        mantissa = lastMantissa;
        exponent = lastExponent;
      }
    }
    this.#push(shift, variance, mantissa, exponent);
  }

  #push(shift: number, variance: number, mantissa: number, exponent: number): void {
    const before = this.#depth === 0 ? 0 : (this.#energy[this.#depth - 1] ?? 0);
    const own = variance === 0 ? Infinity : shift / Math.sqrt(variance);
    this.#shift[this.#depth] = shift;
    this.#variance[this.#depth] = variance;
    this.#edgeMantissa[this.#depth] = mantissa;
    this.#edgeExponent[this.#depth] = exponent;
    this.#energy[this.#depth] = before + own * own;
    this.#depth += 1;
  }
}
