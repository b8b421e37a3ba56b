import type { Batch } from '../data/dataset';
import type { Graph } from '../graph/graph';

export type EngineName = 'onnxruntime' | 'tensorflow';

/** `softmax-cross-entropy` expects class labels; the mean over the batch is meant everywhere. */
export type Loss = 'softmax-cross-entropy' | 'binary-cross-entropy' | 'mean-squared-error';

/** What to train: a graph with one float32 input and one output, a loss on that output, and the tensors to train, in the order of the flat vector. */
export interface TrainingProgram {
  readonly graph: Graph;
  /** The graph that losses and gradients of steps are taken of, where it differs from the one that predicts: normalisations by the batch at hand. It reads the same trainable tensors. */
  readonly training?: Graph;
  readonly loss: Loss;
  readonly trainable: readonly string[];
  /** Records in every training batch. */
  readonly batchSize: number;
  /** Softmax cross-entropy only: what each class's records count in training, one weight a class; 1 unless given. The mean stays over records. */
  readonly classWeights?: readonly number[];
}

/** One step of gradient clipping (theory: Koloskova et al. 2025, "gradient clipping"). */
export interface NoisyStep {
  readonly learningRate: number;
  readonly decay: number;
  /** C1: the gradient of the whole batch is scaled to at most this Euclidean norm. */
  readonly gradientRadius: number;
  /** Standard deviation of the noise on every coordinate; `noise` holds standard normals, and may be empty where sigma is 0. */
  readonly sigma: number;
  readonly noise: Float32Array;
}

/** A step whose noise may still be on its way while the gradient is computed; nothing moves before it is there. */
export type PlannedStep = Omit<NoisyStep, 'noise'> & { readonly noise: Float32Array | Promise<Float32Array> };

export interface StepReport {
  /** Mean loss over the batch, before the step. */
  readonly loss: number;
  /** Euclidean norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

/** Predictions on one batch, summed so that batches add up. */
export interface Evaluation {
  readonly count: number;
  readonly lossSum: number;
  /** Records whose largest output is at their label; undefined for regression. */
  readonly correct: number | undefined;
}

export interface VectorOptions {
  /** Whether the vector may be the session's own: later calls overwrite it, and what is written to it is the session's. For large models a copy is memory. */
  readonly borrowed?: boolean;
}

/**
 * A prepared program with its parameters: one flat float32 vector x of length d, the trainable tensors one after the other.
 * Not for concurrent use: await each call.
 */
export interface Session {
  readonly dimension: number;
  /** A copy of x, or x itself. */
  parameters(options?: VectorOptions): Promise<Float32Array>;
  /** Rejects where x is not finite. To be called as well after writing to x itself. */
  setParameters(x: Float32Array): Promise<void>;
  /** On a batch of the program's batch size: x ← x − γ(Π_{C1}(g) + λ(x − c)) + σ·noise, with g the gradient of the mean loss on the batch and c the centre (default 0). */
  noisyStep(batch: Batch, step: PlannedStep): Promise<StepReport>;
  /** g and the loss at x, without moving x. Any number of records; each new number costs a preparation. */
  gradient(batch: Batch, options?: VectorOptions): Promise<StepReport & { readonly gradient: Float32Array }>;
  /** Any number of records. */
  evaluate(batch: Batch): Promise<Evaluation>;
  /** Raw outputs for any number of records, row-major (logits where the graph ended in a Softmax that the loss absorbed). */
  predict(features: Float32Array, size: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface Engine {
  readonly name: EngineName;
  /** What really runs, for the certificate: `{"onnxruntime-node": "1.30.0", "execution provider": "cpu"}`. */
  readonly versions: Readonly<Record<string, string>>;
  /** What people should know of how it came to run on this: another library that is there and does not load. */
  readonly note?: string;
  prepare(program: TrainingProgram, centre?: Float32Array): Promise<Session>;
}
