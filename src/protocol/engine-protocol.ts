/**
 * What the host (command line or extension) and the engine's own process say to each other, as JSON-RPC 2.0.
 * Types only. The engine process loads models and data, runs, and stages files; only the host signs and publishes them.
 */
import type { MethodOutlook } from '../plan/compare';
import type { Plan, PlanFacts } from '../plan/plan';
import type { Reference } from '../privacy/mechanism';
import type { EngineSettings } from './engine-settings';

/** A user's error as it crosses the process border; see `UserError`. */
export interface ErrorData {
  readonly code: string;
  readonly message: string;
  readonly file?: string | undefined;
  readonly field?: string | undefined;
  readonly remedy: string;
}

export interface PlanParameters {
  /** Absolute path of the request file. */
  readonly request: string;
  readonly engines?: EngineSettings | undefined;
}

/** A plan with the facts of model and data that it stands on. */
export interface PlanReport {
  readonly model: { readonly format: string; readonly parameters: number; readonly tensors: number; readonly others?: OtherTensors };
  readonly data: {
    readonly total: number;
    readonly forget: number;
    readonly retain: number;
    readonly evaluation: number | undefined;
    /** Records equal to a forgotten one that the request adds to the forget set or keeps; `decided` where it does not do the same with all. */
    readonly duplicates: { readonly policy: 'refuse' | 'forget' | 'keep' | 'decided'; readonly count: number; readonly kept: number };
    readonly forgottenInEvaluation: number | undefined;
  };
  /** What the plan was made from, so that a panel can plan again for other parameters without the engine. */
  readonly facts: PlanFacts;
  readonly plan: Plan;
  /** What each method would cost at the same target. */
  readonly comparison: readonly MethodOutlook[];
  readonly output: string;
  readonly certificate: string;
}

/** What becomes of whatever else in a model's files training data could have touched: how many tensors. */
export interface OtherTensors {
  readonly recomputed: number;
  /** On a public base's word, or the signer's. */
  readonly kept: number;
  readonly dropped: number;
}

export interface RunParameters {
  readonly request: string;
  readonly engines?: EngineSettings | undefined;
  /** Absolute path of an existing empty folder, owner-only, that takes everything until the host publishes it. */
  readonly staging: string;
}

/** Where a run is. Steps count from 1; `secondsLeft` is for the whole run. */
export interface Progress {
  readonly phase: 'loading' | 'measuring-original' | 'noisy' | 'recovery' | 'measuring-released' | 'writing';
  readonly step: number;
  readonly steps: number;
  readonly loss?: number | undefined;
  /** ε at the target δ after this many noisy steps, for the requested reference. */
  readonly epsilon?: number | undefined;
  /** Share of evaluation records (of retained ones where there are none) that are answered rightly, at some steps of a recovery. */
  readonly accuracy?: number | undefined;
  readonly secondsLeft?: number | undefined;
  /** Bytes that the engine's process has had at most. */
  readonly memory?: number | undefined;
}

/** Measured on one set of records; accuracy only where labels are classes. */
export interface Metrics {
  readonly count: number;
  readonly loss: number;
  readonly accuracy?: number | undefined;
}

/** Loss and accuracy at the three moments of a run. Private: it speaks of the original model and of forgotten records. */
export interface RunMetrics {
  readonly before: MetricsBySet;
  readonly afterNoise: MetricsBySet;
  readonly afterRecovery: MetricsBySet;
}

export interface MetricsBySet {
  readonly retain: Metrics;
  readonly forget: Metrics;
  readonly evaluation?: Metrics | undefined;
}

export interface RunResult {
  /** The certificate's statement as the exact bytes (UTF-8) to sign. */
  readonly statement: string;
  /** Released files: name in the staging folder → absolute destination. */
  readonly released: readonly { readonly staged: string; readonly destination: string }[];
  readonly certificate: string;
  /** The private run report, staged as `report.json`, and the salts, staged as `salts.json`, go to the private run folder. */
  readonly privateFiles: readonly string[];
  /** Undefined where the model could not be run here. */
  readonly metrics: RunMetrics | undefined;
  readonly engine: string;
  /** For people: why this engine, and what of it is as they may not expect. */
  readonly engineReason?: string | undefined;
  readonly guarantee: { readonly epsilon: number; readonly delta: number; readonly reference: Reference };
  readonly seconds: number;
}

/** While the engine writes a file into the staging folder: its first `end` bytes are as they will stay. */
export interface Written {
  /** Name in the staging folder. */
  readonly staged: string;
  readonly end: number;
}

/** The engine asks the host for the SHA-256, in hex, of a staged file as the host reads it. */
export interface DigestParameters {
  readonly staged: string;
}

export interface InspectParameters {
  readonly model: string;
  /** A public model to compare it with, tensor by tensor. */
  readonly base?: string | undefined;
}
