import type { Dataset } from '../data/dataset';
import type { Session } from '../engine/engine';
import type { EvaluationSummary } from '../engine/evaluate';
import type { Watch } from '../engine/recovery';
import type { RunInputs } from './open-inputs';

/** Looks during a recovery, at most. */
const looks = 25;
/** Records that one look predicts, at most. */
const sample = 500;
/** Records that are trained on for each one that is predicted for a look, at least: a prediction costs about a third of a step. */
const trainedPerLook = 4;

/** How good a session's parameters are on records, by the predictions of the released model. */
export interface Scoring {
  readonly score: (session: Session, among: { readonly dataset: Dataset; readonly records: Uint32Array }) => Promise<EvaluationSummary>;
  /** Records predicted for that besides the given ones. */
  readonly others: number;
}

/**
 * Accuracy on evenly spread evaluation records, or on retained ones where there are none, so that people see a recovery go. A recovery so
 * short that looking would slow it down is not watched.
 */
export function watchOf({ train, retain, evaluation }: Pick<RunInputs, 'train' | 'retain' | 'evaluation'>, steps: number, batchSize: number, { score, others }: Scoring): Watch | undefined {
  const { dataset, records } = evaluation ?? { dataset: train, records: retain };
  const count = Math.min(sample, records.length);
  const affordable = Math.min(looks, steps, Math.floor((steps * batchSize) / (trainedPerLook * (count + others))));
  if (!(affordable >= 2)) return undefined;
  const seen = Uint32Array.from({ length: count }, (_, index) => records[Math.floor((index * records.length) / count)] ?? 0);
  return { every: Math.ceil(steps / affordable), accuracyOf: async (session) => (await score(session, { dataset, records: seen })).accuracy };
}
