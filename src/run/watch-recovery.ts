import { evaluate } from '../engine/evaluate';
import type { Watch } from '../engine/recovery';
import type { RunInputs } from './open-inputs';

/** Looks during a recovery, at most. */
const looks = 25;
/** Records that one look predicts, at most. */
const sample = 500;
/** Records that are trained on for each one that is looked at, at least: a prediction costs about a third of a step. */
const trainedPerLook = 4;

/**
 * Accuracy on evenly spread evaluation records, or on retained ones where there are none, so that people see a recovery go. A recovery so
 * short that looking would slow it down is not watched.
 */
export function watchOf({ train, retain, evaluation }: Pick<RunInputs, 'train' | 'retain' | 'evaluation'>, steps: number, batchSize: number, signal: AbortSignal): Watch | undefined {
  const { dataset, records } = evaluation ?? { dataset: train, records: retain };
  const count = Math.min(sample, records.length);
  const affordable = Math.min(looks, steps, Math.floor((steps * batchSize) / (trainedPerLook * count)));
  if (!(affordable >= 2)) return undefined;
  const seen = Uint32Array.from({ length: count }, (_, index) => records[Math.floor((index * records.length) / count)] ?? 0);
  return { every: Math.ceil(steps / affordable), accuracyOf: async (session) => (await evaluate(session, dataset, seen, { signal })).accuracy };
}
