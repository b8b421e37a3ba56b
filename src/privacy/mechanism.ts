/**
 * Mechanisms as data: what a run does, apart from what it costs. See `account` for the accounting.
 *
 * Throughout, x̂ is the trained model's parameter vector, c the clipping centre, Π_C(v) = v·min(1, C/‖v‖₂), g_t the mean gradient of a
 * mini-batch of retained records at x_t, N(0, σ² I) fresh independent Gaussian noise, and every radius, step size, decay, step count and
 * noise level is public: chosen without looking at x̂ or at the forgotten records. `assumptionsOf` lists what each method needs besides.
 */

/**
 * Which certifying algorithm the guarantee compares with (Koloskova et al. 2025, Definition 2.1).
 * `retrained`: the same procedure started from a model trained without the forget set (the default, and what the paper's theorems use).
 * `centre`: the same noise started at the clipping centre, without gradients.
 */
export type Reference = 'retrained' | 'centre';

/** What the parameter vector is, and what it is clipped around. None of it changes the accounting; all of it is an assumption of the guarantee. */
export interface Scope {
  /** c: `origin` (the default), or the parameters of a public base model that no deletable data ever touched. */
  readonly centre?: 'origin' | 'public';
  /** Tensors left out of the vector because they are bit-identical to a public base. */
  readonly frozen?: readonly string[];
}

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

/** x_0 = c + Π_{C0}(x̂ − c); x_{t+1} = x_t − γ_t(Π_{C1_t}(g_t) + λ_t(x_t − c)) + N(0, σ_t² I). Initial noise is a first step with γ = 0. */
export interface GradientClipping extends Scope {
  readonly method: 'gradient-clipping';
  /** C0 ≥ 0: the radius that the trained parameters are clipped to, chosen without looking at them. */
  readonly initialRadius: number;
  readonly steps: readonly GradientClippingStep[];
}

/** A group of coordinates (one or several tensors) with radii and noise of its own. */
export interface Block {
  /** For people. */
  readonly name: string;
  /** C0 of the block's coordinates. */
  readonly initialRadius: number;
  /** Each step clips and noises this block's coordinates alone. */
  readonly steps: readonly GradientClippingStep[];
}

/** Gradient clipping block by block: in every step all blocks move at the same time, each with its own radius, learning rate, decay and noise. All have equally many steps. */
export interface LayeredGradientClipping extends Scope {
  readonly method: 'layered-gradient-clipping';
  readonly blocks: readonly Block[];
}

/**
 * Blocks of coordinates one after the other (P. Dolgova, S. Stich, arXiv 2601.05134): all of block 1's steps, with the other blocks frozen, then block 2's, and so on.
 * A block is not touched again before the last one is done.
 */
export interface SequentialSubspaces extends Scope {
  readonly method: 'sequential-subspaces';
  readonly blocks: readonly Block[];
}

/** One step, or `count` equal steps in a row, of model clipping. */
export interface ModelClippingStep {
  readonly count?: number;
  /** γ_t ≥ 0. */
  readonly learningRate: number;
  /** λ_t, the pull towards the centre. */
  readonly decay: number;
  /** C2_t ≥ 0: the radius around c that the updated parameters are clipped to. */
  readonly modelRadius: number;
  /** C1_t ≥ 0; without it the gradient is not clipped. */
  readonly gradientRadius?: number;
  /** σ_t ≥ 0. */
  readonly sigma: number;
}

/** x_0 = c + Π_{C0}(x̂ − c) + N(0, σ_0² I); x_{t+1} = c + Π_{C2_t}(x_t − γ_t(g_t + λ_t(x_t − c)) − c) + N(0, σ_t² I). */
export interface ModelClipping extends Scope {
  readonly method: 'model-clipping';
  /** C0 ≥ 0. */
  readonly initialRadius: number;
  /** σ_0 ≥ 0; 0 unless given. */
  readonly initialSigma?: number;
  readonly steps: readonly ModelClippingStep[];
}

/** c + Π_{C0}(x̂ − c) + N(0, σ² I): one draw of noise, no noisy training. */
export interface OutputPerturbation extends Scope {
  readonly method: 'output-perturbation';
  /** C0 ≥ 0. */
  readonly initialRadius: number;
  /** σ ≥ 0. */
  readonly sigma: number;
}

/** A fresh start at N(c, σ² I), drawn without x̂, then training on the retained records. Exact: ε = δ = 0. */
export interface GaussianRestart extends Scope {
  readonly method: 'gaussian-restart';
  /** σ ≥ 0. */
  readonly sigma: number;
}

/** Training from a fresh initialisation on the retained records alone. Exact: ε = δ = 0. */
export interface Retrain {
  readonly method: 'retrain';
}

/** The original model itself, kept as it is because its training was already differentially private for every record. */
export interface DpSgdGroup {
  readonly method: 'dp-sgd-group';
  /** What the training guarantees when one record is added or removed: μ₀-GDP, or (ε₀, δ₀)-DP. */
  readonly perRecord: { readonly mu: number } | { readonly epsilon: number; readonly delta: number };
  /** |F| ≥ 1: how many records are forgotten, copies included. */
  readonly groupSize: number;
}

/** One step, or `count` equal steps in a row, of unclipped mini-batch descent on a strongly convex head. */
export interface ConvexHeadStep {
  readonly count?: number;
  /** γ_t ≥ 0. */
  readonly learningRate: number;
  /** λ_t > 0 makes the loss strongly convex. */
  readonly decay: number;
  /** A bound on ‖a_i‖₂ over the batch, a_i the layer's input with its bias entry. */
  readonly inputRadius: number;
}

/**
 * Descent on one linear layer over fixed inputs, then one draw of noise (S. Neel, A. Roth, S. Sharifi-Malvajerdi, ALT 2021):
 * x_0 = c + Π_{C0}(x̂ − c); x_{t+1} = x_t − γ_t(g_t + λ_t(x_t − c)), no gradient clipping; released: x_T + N(0, σ² I).
 */
export interface ConvexHead extends Scope {
  readonly method: 'convex-head';
  /** Of the layer's outputs and the labels, mean over the batch; the squared loss is ½(y − p)² for one output. */
  readonly loss: 'softmax-cross-entropy' | 'binary-cross-entropy' | 'squared';
  /** C0 ≥ 0. */
  readonly initialRadius: number;
  readonly steps: readonly ConvexHeadStep[];
  /** σ ≥ 0. */
  readonly sigma: number;
}

export type Mechanism =
  | GradientClipping
  | LayeredGradientClipping
  | SequentialSubspaces
  | ModelClipping
  | OutputPerturbation
  | GaussianRestart
  | Retrain
  | DpSgdGroup
  | ConvexHead;

export type Method = Mechanism['method'];

/** The (ε, δ) that a run must meet: ε ≥ 0, 0 < δ < 1. */
export interface Target {
  readonly epsilon: number;
  readonly delta: number;
}
