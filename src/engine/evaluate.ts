import type { Dataset } from '../data/dataset';
import { breather } from './cancelled';
import type { Session } from './engine';

export interface EvaluationSummary {
  readonly count: number;
  /** Mean over the records, summed in float64; NaN where there are none. */
  readonly loss: number;
  /** Share of records whose prediction is right; undefined for regression. */
  readonly accuracy: number | undefined;
}

export interface EvaluateOptions {
  readonly signal?: AbortSignal;
  /** Hears how many more records have been predicted. */
  readonly onRecords?: (count: number) => void;
}

/** Records that are read at a time. */
const chunk = 1024;

/** Loss and accuracy of the session's parameters on a dataset, or on some records of it. Throws `UserError` `cancelled`. */
export async function evaluate(session: Session, dataset: Dataset, records?: Uint32Array, options: EvaluateOptions = {}): Promise<EvaluationSummary> {
  const all = records ?? Uint32Array.from({ length: dataset.count }, (_, index) => index);
  const breathe = breather(options.signal);
  let lossSum = 0;
  let correct: number | undefined = 0;
  for (let start = 0; start < all.length; start += chunk) {
    await breathe();
    const result = await session.evaluate(await dataset.read(all.slice(start, start + chunk)));
    lossSum += result.lossSum;
    correct = result.correct === undefined ? undefined : (correct ?? 0) + result.correct;
    options.onRecords?.(result.count);
  }
  return { count: all.length, loss: lossSum / all.length, accuracy: correct === undefined || all.length === 0 ? undefined : correct / all.length };
}
