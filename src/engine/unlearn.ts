import type { Dataset } from '../data/dataset';
import { UserError } from '../error';
import type { CertifiedRun } from '../privacy/certified-run';
import type { Mechanism } from '../privacy/mechanism';
import { batchesOf } from '../privacy/stages';
import { BatchOrder } from './batch-order';
import { breather } from './cancelled';
import type { Engine, Session, TrainingProgram } from './engine';
import { layeredGradientClipping, sequentialSubspaces } from './methods/blocks';
import { convexHead } from './methods/convex-head';
import { gradientClipping } from './methods/gradient-clipping';
import type { Workplace } from './methods/method';
import { modelClipping } from './methods/model-clipping';
import { gaussianRestart, outputPerturbation } from './methods/one-draw';
import { retrain } from './methods/retrain';
import { CryptographicNoise } from './noise/cryptographic-noise';
import type { NoiseSource } from './noise/noise-source';
import { BatchReader } from './prefetch';

export interface TrainingProgress {
  readonly phase: 'noisy' | 'recovery';
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss on the step's batch, before the step. */
  readonly loss: number;
  /** Share of evaluation records (of retained ones where there are none) that are answered rightly after the step, at those steps of a recovery where it is measured. */
  readonly accuracy?: number | undefined;
}

export interface UnlearnOptions {
  readonly engine: Engine;
  readonly session: Session;
  /** What the session was prepared from. Its batch size is the size of the mini-batches. */
  readonly program: TrainingProgram;
  /** The only source of radii, step sizes and noise. */
  readonly run: CertifiedRun;
  readonly dataset: Dataset;
  /** Record numbers of the retain set: no others are read. */
  readonly retain: Uint32Array;
  /** Of the order of records; the noise has none. */
  readonly seed: number;
  /** The centre that the session was prepared with; the origin unless given. */
  readonly centre?: Float32Array | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Whether the parameters that are returned may be the session's own vector. */
  readonly borrowed?: boolean;
  /** For tests of the arithmetic. A run with any source but the default is recorded as not fresh, and cannot be certified. */
  readonly noise?: NoiseSource;
}

/** What was really done, recorded while it was done. A certificate compares it with what was certified. */
export interface Execution {
  /** The mechanism in the numbers that the arithmetic really used. */
  readonly mechanism: Mechanism;
  readonly trainable: readonly string[];
  readonly batchSize: number;
  readonly freshNoise: boolean;
  readonly momentum: 'none';
  readonly engine: { readonly name: string; readonly versions: Readonly<Record<string, string>> };
}

/**
 * Runs a certified method on the session's parameters x̂ with mini-batches of the retain set. Leaves the session at the result and returns a copy.
 * Throws `UserError`: `batch-too-large`, `training-diverged`, `cancelled`.
 */
export async function unlearn(options: UnlearnOptions): Promise<{ readonly parameters: Float32Array; readonly execution: Execution }> {
  const { session, program, run, engine, retain } = options;
  const { batchSize } = program;
  const steps = batchesOf(run.applied);
  if (steps > 0 && retain.length < batchSize) throw new UserError('batch-too-large', `a batch has ${batchSize} records, but only ${retain.length} are retained.`, { remedy: 'Choose a smaller batch size.' });
  const reader = steps === 0 ? undefined : new BatchReader(options.dataset, new BatchOrder(retain, batchSize, options.seed), steps);
  const breathe = breather(options.signal);
  let done = 0;
  await breathe();
  const mechanism = await perform(run.applied, {
    session,
    program,
    centre: options.centre,
    dataset: options.dataset,
    noise: options.noise ?? new CryptographicNoise(),
    nextBatch: () => reader?.read() ?? Promise.reject(new RangeError('this method makes no steps')),
    breathe,
    onStep: (loss) => options.onProgress?.({ phase: 'noisy', step: ++done, steps, loss }),
  });
  return {
    parameters: await session.parameters({ borrowed: options.borrowed ?? false }),
    execution: {
      mechanism,
      trainable: program.trainable,
      batchSize,
      freshNoise: options.noise === undefined,
      momentum: 'none',
      engine: { name: engine.name, versions: engine.versions },
    },
  };
}

function perform(mechanism: Mechanism, workplace: Workplace): Promise<Mechanism> {
  switch (mechanism.method) {
    case 'gradient-clipping':
      return gradientClipping(mechanism, workplace);
    case 'layered-gradient-clipping':
      return layeredGradientClipping(mechanism, workplace);
    case 'sequential-subspaces':
      return sequentialSubspaces(mechanism, workplace);
    case 'model-clipping':
      return modelClipping(mechanism, workplace);
    case 'output-perturbation':
      return outputPerturbation(mechanism, workplace);
    case 'gaussian-restart':
      return gaussianRestart(mechanism, workplace);
    case 'retrain':
      return retrain(mechanism, workplace);
    case 'convex-head':
      return convexHead(mechanism, workplace);
    case 'dp-sgd-group':
      return Promise.reject(new UserError('method-not-run', `there is nothing to run for the method ${mechanism.method}`, { remedy: 'Choose a method that runs, such as layered-gradient-clipping; this one only accounts for a model that was trained privately.' }));
  }
}
