import type { Dataset } from '../data/dataset';
import { UserError } from '../error';
import type { CertifiedSchedule } from '../privacy/certified-schedule';
import { BatchOrder } from './batch-order';
import { breather } from './cancelled';
import { clipToBall } from './clip-to-ball';
import type { Engine, Session, TrainingProgram } from './engine';
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
}

export interface UnlearnOptions {
  readonly engine: Engine;
  readonly session: Session;
  /** What the session was prepared from. Its batch size is the size of the mini-batches. */
  readonly program: TrainingProgram;
  /** The only source of radii, step sizes and noise. */
  readonly schedule: CertifiedSchedule;
  readonly dataset: Dataset;
  /** Record numbers of the retain set: no others are read. */
  readonly retain: Uint32Array;
  /** Of the order of records; the noise has none. */
  readonly seed: number;
  /** The centre that the session was prepared with; the origin unless given. */
  readonly centre?: Float32Array;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** For tests of the arithmetic. A run with any source but the default is recorded as not fresh, and cannot be certified. */
  readonly noise?: NoiseSource;
}

/** Steps in a row with the same numbers, as they were handed to the engine. */
export interface ExecutedSteps {
  count: number;
  readonly learningRate: number;
  readonly decay: number;
  readonly gradientRadius: number;
  readonly sigma: number;
}

/** What was really done, recorded while it was done. A certificate compares it with its schedule. */
export interface Execution {
  /** The radius that the trained parameters were scaled to. */
  readonly initialRadius: number;
  readonly steps: readonly ExecutedSteps[];
  readonly trainable: readonly string[];
  readonly batchSize: number;
  readonly freshNoise: boolean;
  readonly momentum: 'none';
  readonly engine: { readonly name: string; readonly versions: Readonly<Record<string, string>> };
}

/**
 * The noisy phase (Koloskova et al. 2025, gradient clipping): x_0 = c + Π_{C0}(x̂ − c), x̂ the session's parameters; then one noisy step after
 * another on shuffled mini-batches of the retain set. Leaves the session at the last step's parameters and returns a copy.
 * Throws `UserError`: `batch-too-large`, `training-diverged`, `cancelled`.
 */
export async function unlearn(options: UnlearnOptions): Promise<{ readonly parameters: Float32Array; readonly execution: Execution }> {
  const { session, program, schedule, engine, signal } = options;
  const { batchSize } = program;
  if (options.retain.length < batchSize) throw new UserError('batch-too-large', `a batch has ${batchSize} records, but only ${options.retain.length} are retained.`, { remedy: 'Choose a smaller batch size.' });
  const reader = new BatchReader(options.dataset, new BatchOrder(options.retain, batchSize, options.seed), schedule.totalSteps);
  const source = options.noise ?? new CryptographicNoise();
  const noise = new Float32Array(session.dimension);
  const breathe = breather(signal);
  const executed: ExecutedSteps[] = [];

  await breathe();
  await session.setParameters(clipToBall(await session.parameters(), options.centre, schedule.appliedInitialRadius, schedule.mechanism.initialRadius));
  let done = 0;
  for (const planned of schedule.steps) {
    const { learningRate, decay, appliedGradientRadius: gradientRadius, appliedSigma: sigma } = planned;
    const record: ExecutedSteps = { count: 0, learningRate, decay, gradientRadius, sigma };
    executed.push(record);
    while (record.count < planned.count) {
      await breathe();
      if (sigma > 0) source.fill(noise);
      else noise.fill(0);
      const { loss } = await session.noisyStep(await reader.read(), { learningRate, decay, gradientRadius, sigma, noise });
      record.count++;
      options.onProgress?.({ phase: 'noisy', step: ++done, steps: schedule.totalSteps, loss });
    }
  }
  noise.fill(0);
  return {
    parameters: await session.parameters(),
    execution: {
      initialRadius: schedule.appliedInitialRadius,
      steps: executed,
      trainable: program.trainable,
      batchSize,
      freshNoise: options.noise === undefined,
      momentum: 'none',
      engine: { name: engine.name, versions: engine.versions },
    },
  };
}
