import type { Dataset } from '../data/dataset';
import { BatchOrder } from './batch-order';
import { breather } from './cancelled';
import type { Session } from './engine';
import { evaluate } from './evaluate';
import { learningRateShare } from './learning-rate';
import type { LearningRateSchedule } from './learning-rate';
import { adam, sgd } from './optimizer';
import { BatchReader } from './prefetch';
import type { TrainingProgress } from './unlearn';

/** Ordinary fine-tuning on the retain set. It reads nothing but what the noise left and the retain set, so it costs no privacy. */
export interface RecoverySettings {
  readonly epochs: number;
  readonly optimizer: 'sgd' | 'adam';
  /** The peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
  /** Of sgd. */
  readonly momentum: number;
  readonly weightDecay: number;
  readonly batchSize: number;
  /** Gradients longer than this are scaled down to it: what the noise left now and then sends a recovery off into not-a-number. */
  readonly clipNorm: number;
}

/** When to stop before the last epoch: the loss on held-out records, measured after every epoch, has not fallen for `patience` epochs. */
export interface EarlyStop {
  /** Records of the same dataset, from the retain set and not trained on: a forgotten record here would decide when to stop, and so leak. */
  readonly records: Uint32Array;
  /** At least 1. */
  readonly patience: number;
  /** The mean loss on the records at the session's parameters, where its own predictions are not those of the released model. */
  readonly lossOf?: (session: Session) => Promise<number>;
}

/** Looks at the accuracy on the way, for people to see: nothing depends on it. */
export interface Watch {
  /** Steps from one look to the next; the last step is always looked at. */
  readonly every: number;
  readonly accuracyOf: (session: Session) => Promise<number | undefined>;
}

export interface RecoverOptions {
  readonly session: Session;
  readonly dataset: Dataset;
  /** Record numbers to train on. */
  readonly records: Uint32Array;
  readonly settings: RecoverySettings;
  /** Of the order of records. */
  readonly seed: number;
  /** Stops early, at the parameters that did best. */
  readonly earlyStop?: EarlyStop;
  readonly watch?: Watch | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

const batchSizeFor = (settings: RecoverySettings, records: number): number => Math.min(settings.batchSize, records);

/** Steps that a recovery on so many records takes. */
export function recoveryStepCount(settings: Pick<RecoverySettings, 'epochs' | 'batchSize'>, records: number): number {
  return records === 0 ? 0 : Math.round(settings.epochs * Math.floor(records / Math.min(settings.batchSize, records)));
}

/** Leaves the session at the recovered parameters and returns them, until its next call. Throws `UserError`: `training-diverged`, `cancelled`. */
export async function recover(options: RecoverOptions): Promise<Float32Array> {
  const { session, settings, records } = options;
  const steps = recoveryStepCount(settings, records.length);
  const x = await session.parameters({ borrowed: true });
  if (steps === 0) return x;
  const optimizer = settings.optimizer === 'adam' ? adam(x.length, settings.weightDecay) : sgd(x.length, settings.momentum, settings.weightDecay);
  const order = new BatchOrder(records, batchSizeFor(settings, records.length), options.seed);
  const reader = new BatchReader(options.dataset, order, steps);
  const stop = options.earlyStop === undefined ? undefined : new BestSoFar(options.earlyStop.patience);
  const breathe = breather(options.signal);
  for (let step = 0; step < steps; step++) {
    await breathe();
    const { loss, gradient, gradientNorm } = await session.gradient(await reader.read(), { borrowed: true });
    scaleDown(gradient, gradientNorm, settings.clipNorm);
    optimizer.step(x, gradient, settings.learningRate * learningRateShare(settings.schedule, step, steps));
    await session.setParameters(x);
    const looks = options.watch !== undefined && ((step + 1) % options.watch.every === 0 || step + 1 === steps);
    options.onProgress?.({ phase: 'recovery', step: step + 1, steps, loss, accuracy: looks ? await options.watch.accuracyOf(session) : undefined });
    const epochEnds = (step + 1) % order.batchesPerEpoch === 0 || step + 1 === steps;
    if (stop === undefined || !epochEnds) continue;
    if (stop.isOver(await heldOutLoss(session, options), x)) break;
  }
  const best = stop?.best ?? x;
  await session.setParameters(best);
  return best;
}

/** g ← g·min(1, C/‖g‖) in place (R. Pascanu, T. Mikolov, Y. Bengio, ICML 2013). */
function scaleDown(gradient: Float32Array, norm: number, clipNorm: number): void {
  if (norm <= clipNorm) return;
  const share = clipNorm / norm;
  for (let index = 0; index < gradient.length; index++) gradient[index] = share * (gradient[index] ?? 0);
}

async function heldOutLoss(session: Session, { earlyStop, dataset, signal }: RecoverOptions): Promise<number> {
  if (earlyStop?.lossOf !== undefined) return earlyStop.lossOf(session);
  return (await evaluate(session, dataset, earlyStop?.records, signal === undefined ? {} : { signal })).loss;
}

/** The parameters with the lowest loss, and how many measurements ago that was. */
class BestSoFar {
  best: Float32Array | undefined;
  private loss = Infinity;
  private since = 0;
  private readonly patience: number;

  constructor(patience: number) {
    this.patience = patience;
  }

  /** Takes note of a measurement; true once the loss has not fallen for `patience` of them. */
  isOver(loss: number, x: Float32Array): boolean {
    if (loss < this.loss) {
      this.best = x.slice();
      this.loss = loss;
      this.since = 0;
      return false;
    }
    return ++this.since >= this.patience;
  }
}
