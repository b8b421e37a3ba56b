import { basename } from 'node:path';
import type { Engine, TrainingProgram } from '../engine/engine';
import { evaluate } from '../engine/evaluate';
import { UserError } from '../error';
import { withBatchStatistics } from '../graph/batch-statistics';
import { inferShapes } from '../graph/bind';
import { sizeOf } from '../graph/shapes';
import type { Mechanism } from '../privacy/mechanism';
import { freshProgram } from './fresh-statistics';
import type { RunInputs } from './open-inputs';

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

/** Records that statistics are taken from when they only serve to decide when to stop. */
const RECORDS_OF_A_CHECK = 1024;

/** The mean loss on set-aside records, as the released model would have it: under the statistics that these parameters have on the retain set. */
export async function heldOutLoss(engine: Engine, program: TrainingProgram, parameters: Float32Array, inputs: Pick<RunInputs, 'statistics' | 'train' | 'retain'>, records: Uint32Array, signal: AbortSignal): Promise<number> {
  const session = await engine.prepare(await freshProgram(engine, program, parameters, inputs, signal, RECORDS_OF_A_CHECK));
  try {
    return (await evaluate(session, inputs.train, records, { signal })).loss;
  } finally {
    await session.dispose();
  }
}
