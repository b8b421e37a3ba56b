import { basename } from 'node:path';
import type { Dataset } from '../data/dataset';
import type { Engine, Session, TrainingProgram } from '../engine/engine';
import { evaluate } from '../engine/evaluate';
import type { EvaluationSummary } from '../engine/evaluate';
import type { EarlyStop } from '../engine/recovery';
import { UserError } from '../error';
import { withBatchStatistics } from '../graph/batch-statistics';
import { inferShapes } from '../graph/bind';
import { sizeOf } from '../graph/shapes';
import type { Mechanism } from '../privacy/mechanism';
import { freshProgram } from './fresh-statistics';
import type { RunInputs } from './open-inputs';
import type { Scoring } from './watch-recovery';

/**
 * Whether the steps of a run normalise by the mini-batch at hand. A linear head is trained on inputs that are computed once,
 * so what lies before it has fixed statistics.
 */
export function normalizesByBatch({ loaded: { request }, statistics }: Pick<RunInputs, 'loaded' | 'statistics'>, method: Mechanism['method']): boolean {
  return statistics.length > 0 && request.batchNormalization === 'batch' && method !== 'convex-head';
}

/**
 * The graph that steps take gradients of, where the request wants batch normalisations in training form; nothing where it does not.
 * Throws `UserError` `batch-too-small` where a mean over the batch would be a mean of one number.
 */
export function trainingForm(inputs: Pick<RunInputs, 'loaded' | 'statistics' | 'model'>, method: Mechanism['method'], batchSizes: readonly { readonly size: number; readonly field: string }[]): Pick<TrainingProgram, 'training'> {
  if (!normalizesByBatch(inputs, method)) return {};
  const { statistics, model, loaded } = inputs;
  for (const { size, field } of batchSizes) {
    const types = inferShapes(model.graph, { batch: size });
    const single = statistics.find(({ input, channelAxis }) => {
      const shape = types.get(input)?.shape ?? [];
      return sizeOf(shape) === shape[channelAxis];
    });
    if (single !== undefined) {
      throw new UserError('batch-too-small', `a batch of ${size} gives the batch normalisation of "${single.mean}" one number a channel, which has no spread`, { file: basename(loaded.file), field, remedy: 'Choose a larger batch, or set "batchNormalization" to "fixed".' });
    }
  }
  return { training: withBatchStatistics(model.graph, statistics) };
}

/** Records that statistics are taken from when they only serve to decide when to stop, and when they only serve to be looked at. */
const recordsToDecide = 1024;
const recordsToLookAt = 256;

type Inputs = Pick<RunInputs, 'statistics' | 'train' | 'retain'>;

/** How a recovery is scored on its way: where steps normalise by the batch at hand, the session's own predictions are not those of the released model. */
export function scoringOf(engine: Engine, program: TrainingProgram, inputs: Inputs, held: Uint32Array, signal: AbortSignal): { readonly scoring: Scoring; readonly lossOf: Pick<EarlyStop, 'lossOf'> } {
  if (program.training === undefined) return { scoring: { score: (session, { dataset, records }) => evaluate(session, dataset, records, { signal }), others: 0 }, lossOf: {} };
  const scored = (most: number): Scoring['score'] => async (session, among) => scoreAsReleased(engine, await freshProgram(engine, program, await session.parameters(), inputs, signal, most), among, signal);
  const lossOf = async (session: Session): Promise<number> => (await scored(recordsToDecide)(session, { dataset: inputs.train, records: held })).loss;
  // The statistics of each layer take a prediction up to that layer, half of a whole one in the mean.
  return { scoring: { score: scored(recordsToLookAt), others: (inputs.statistics.length * recordsToLookAt) / 2 }, lossOf: { lossOf } };
}

/** Loss and accuracy on records by a program whose statistics are those that its parameters have on the retain set. */
async function scoreAsReleased(engine: Engine, program: TrainingProgram, { dataset, records }: { readonly dataset: Dataset; readonly records: Uint32Array }, signal: AbortSignal): Promise<EvaluationSummary> {
  const session = await engine.prepare(program);
  try {
    return await evaluate(session, dataset, records, { signal });
  } finally {
    await session.dispose();
  }
}
