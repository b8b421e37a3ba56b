import type { Dataset } from '../data/dataset';
import type { Session } from '../engine/engine';
import { evaluate } from '../engine/evaluate';
import type { Metrics, MetricsBySet } from '../protocol/engine-protocol';
import type { RunInputs } from './open-inputs';

/** Loss and accuracy of the session's parameters on all three sets. `onRecords` hears how many records were predicted. */
export async function measure(session: Session, { train, forget, retain, evaluation }: RunInputs, onRecords: (count: number) => void, signal: AbortSignal): Promise<MetricsBySet> {
  const on = async (dataset: Dataset, records: Uint32Array): Promise<Metrics> => {
    const result = await evaluate(session, dataset, records, { onRecords, signal });
    return { count: result.count, loss: result.loss, ...(result.accuracy === undefined ? {} : { accuracy: result.accuracy }) };
  };
  return {
    retain: await on(train, retain),
    forget: await on(train, forget),
    ...(evaluation === undefined ? {} : { evaluation: await on(evaluation.dataset, evaluation.records) }),
  };
}

/** Records that one measurement predicts. */
export function measuredRecords({ train, evaluation }: RunInputs): number {
  return train.count + (evaluation?.records.length ?? 0);
}
