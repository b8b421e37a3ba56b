/**
 * Mechanisms as data: what a run does, apart from what it costs. See `account` for the accounting.
 */

/**
 * Which certifying algorithm the guarantee compares with (Koloskova et al. 2025, Definition 2.1).
 * `retrained`: the same procedure started from a model trained without the forget set (the default, and what the paper's theorems use).
 * `centre`: the same noise started at the clipping centre, without gradients.
 */
export type Reference = 'retrained' | 'centre';

/** One step, or `count` equal steps in a row, of gradient clipping. */
export interface GradientClippingStep {
  /** How many equal steps; 1 unless given. */
  readonly count?: number;
  /** γ_t ≥ 0. */
  readonly learningRate: number;
  /** λ_t, the pull towards the centre. */
  readonly decay: number;
  /** C1_t ≥ 0: the radius that the mean gradient is clipped to. */
  readonly gradientRadius: number;
  /** σ_t ≥ 0: standard deviation of the noise on every coordinate. */
  readonly sigma: number;
}

/** x_0 = c + Π_{C0}(x̂ − c); x_{t+1} = x_t − γ_t(Π_{C1_t}(g_t) + λ_t(x_t − c)) + N(0, σ_t² I). */
export interface GradientClipping {
  readonly method: 'gradient-clipping';
  /** C0 ≥ 0: the radius that the trained parameters are clipped to, chosen without looking at them. */
  readonly initialRadius: number;
  readonly steps: readonly GradientClippingStep[];
}
