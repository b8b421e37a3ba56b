import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { encodeStatement } from '../certificate/statement';
import type { Engine, Session, TrainingProgram } from '../engine/engine';
import { chooseEngine, type EngineOptions } from '../engine/engines';
import { recover, recoveryStepCount } from '../engine/recovery';
import { unlearn, type TrainingProgress } from '../engine/unlearn';
import { requireNoInputAmong } from '../input-files';
import { certifyPlan } from '../plan/plan';
import { batchesOf } from '../privacy/stages';
import type { Progress, RunResult, Written } from '../protocol/engine-protocol';
import type { LoadedRequest } from '../request/load-request';
import { scoringOf, trainingForm } from './batch-normalization';
import { certifiedTensors } from './certified-tensors';
import { composeStatement } from './compose-statement';
import { finalValues, onOriginal, withFreshStatistics, type Prepared } from './fresh-statistics';
import { methodData } from './head';
import { measure, measuredRecords } from './measure';
import { openInputs, type RunInputs } from './open-inputs';
import { planInputs } from './plan-inputs';
import { factsOf } from './plan-request';
import { neutralStatistics } from './recompute-statistics';
import { originalFiles, stageModel, stagePrivate } from './stage';
import { TimeLeft, trainingWork } from './time-left';
import { classWeightsOf, earlyStopOf, withAugmentation } from './training-options';
import { watchOf } from './watch-recovery';

export interface UnlearnOptions {
  /** When the run began, as `Date.now()` said it. */
  readonly started: number;
  readonly engines: EngineOptions;
  readonly onProgress: (progress: Progress) => void;
  /** Told of files that are being written, so that their reader need not wait for the end. */
  readonly onWritten: (written: Written) => void;
  /** SHA-256 in hex of a staged file, as its reader finds it. */
  readonly digestOf: (staged: string) => Promise<string>;
  readonly signal: AbortSignal;
}

/** The whole run measures three times: the original, after the noise, after the recovery. */
const MEASUREMENTS = 3;

/**
 * The whole run of a request, in the engine's process: from opening the model to a statement that only needs its signature.
 * Everything is written into `staging` and nothing anywhere else. Throws `UserError`; also when aborted (`cancelled`).
 */
export async function unlearnRequest(loaded: LoadedRequest, staging: string, { started, onProgress, signal, engines }: UnlearnOptions): Promise<RunResult> {
  const inputs = await openInputs(loaded);
  await requireNoInputAmong([loaded.outputPath, loaded.certificatePath]);
  const plan = planInputs(inputs, await factsOf(inputs, engines));
  const run = certifyPlan(plan);
  const { request } = loaded;
  const { retain, train, model } = inputs;
  const batchSize = Math.min(plan.batchSize, retain.length);
  const recovery = { ...request.recovery, batchSize: Math.min(request.recovery.batchSize, retain.length) };
  const training = trainingForm(inputs, plan.mechanism.method, [{ size: batchSize, field: 'method.batchSize' }, { size: recovery.batchSize, field: 'recovery.batchSize' }]);
  const program: TrainingProgram = { graph: neutralStatistics(model.graph, inputs.statistics), ...training, loss: inputs.loss, trainable: inputs.trainable.map(({ name }) => name), batchSize, ...classWeightsOf(inputs, plan.mechanism) };
  const recoveryData = withAugmentation(train, inputs, request.seed + 3);
  const { earlyStop } = earlyStopOf(inputs);
  const recoverySteps = recoveryStepCount(recovery, retain.length);
  const time = new TimeLeft(MEASUREMENTS * measuredRecords(inputs) + trainingWork(batchesOf(plan.mechanism) * program.batchSize + recoverySteps * recovery.batchSize));
  const { engine, session, reason } = await chooseEngine(request.engine, program, inputs.centre === undefined ? engines : { ...engines, centre: inputs.centre.values });
  let prepared: Prepared = { program, session };
  try {
    const measured = (phase: 'measuring-original' | 'measuring-released') => (on: Session): ReturnType<typeof measure> => measure(on, inputs, (count) => {
      time.did(count);
      onProgress({ phase, step: 0, steps: 1, secondsLeft: time.seconds });
    }, signal);
    const epsilonAt = new Map(plan.schedule.map(({ step, epsilon }) => [step, epsilon]));
    const onStep = (batchSize: number) => ({ phase, step, steps, loss, accuracy }: TrainingProgress): void => {
      time.did(trainingWork(batchSize));
      onProgress({ phase, step, steps, loss, accuracy, epsilon: phase === 'noisy' ? epsilonAt.get(step) : undefined, secondsLeft: time.seconds });
    };

    const before = await onOriginal(engine, prepared, inputs, measured('measuring-original'));
    const records = await methodData(plan.mechanism, inputs, engine);
    // What a head reads are no images any more.
    const dataset = plan.mechanism.method === 'convex-head' ? records : withAugmentation(records, inputs, request.seed + 2);
    const { execution } = await unlearn({ engine, session, program, run, dataset, retain, centre: inputs.centre?.values, seed: request.seed, signal, borrowed: true, onProgress: onStep(program.batchSize) });
    prepared = await withFreshStatistics(engine, prepared, inputs, signal);
    // Recovery then trains under these statistics, as the released model will use them, or by the batch at hand.
    const afterNoise = await measured('measuring-released')(prepared.session);
    const { program: recovering } = prepared;
    const { scoring, lossOf } = scoringOf(engine, recovering, inputs, earlyStop?.records ?? retain, signal);
    const stop = earlyStop === undefined ? {} : { earlyStop: { ...earlyStop, ...lossOf } };
    const watch = watchOf(inputs, recoverySteps, recovery.batchSize, scoring);
    await withBatchSize(recovery.batchSize, engine, prepared, (fitting) => recover({ session: fitting, dataset: recoveryData, records: retain, settings: recovery, seed: request.seed + 1, ...stop, watch, signal, onProgress: onStep(recovery.batchSize) }));
    if (training.training !== undefined && recoverySteps > 0) prepared = await withFreshStatistics(engine, prepared, inputs, signal);
    const afterRecovery = await measured('measuring-released')(prepared.session);

    onProgress({ phase: 'writing', step: 0, steps: 1 });
    const released = await stageModel(model, await finalValues(prepared, inputs), loaded, staging);
    const statement = await composeStatement({ loaded, data: inputs, model: certifiedTensors(inputs, plan), plan, execution, metrics: afterRecovery, recoverySteps, released, original: await originalFiles(released, loaded) });
    const metrics = { before, afterNoise, afterRecovery };
    const seconds = (Date.now() - started) / 1000;
    const encoded = encodeStatement(statement.statement);
    const report = { statement: createHash('sha256').update(encoded).digest('hex'), requestFile: basename(loaded.file), request, plan: { target: plan.target, reference: plan.reference, costs: plan.costs, signal: plan.signal, advice: plan.advice }, metrics, engine: { name: engine.name, versions: engine.versions, reason }, records: recordsOf(inputs), seconds };
    const privateFiles = await stagePrivate(staging, { 'report.json': report, 'salts.json': statement.salts });
    return {
      statement: Buffer.from(encoded).toString('utf8'),
      released: released.map(({ staged, destination }) => ({ staged, destination })),
      certificate: loaded.certificatePath,
      privateFiles,
      metrics,
      engine: engine.name,
      engineReason: reason,
      guarantee: { ...plan.target, reference: plan.reference },
      seconds,
    };
  } finally {
    await prepared.session.dispose();
  }
}

/** A session is made for one batch size; work at another gets a session of its own, and its parameters come back. */
async function withBatchSize(batchSize: number, engine: Engine, { session, program }: Prepared, work: (session: Session) => Promise<unknown>): Promise<void> {
  if (batchSize === program.batchSize) {
    await work(session);
    return;
  }
  const other = await engine.prepare({ ...program, batchSize });
  try {
    await other.setParameters(await session.parameters({ borrowed: true }));
    await work(other);
    await session.setParameters(await other.parameters({ borrowed: true }));
  } finally {
    await other.dispose();
  }
}

/** For the private report alone: which records, by number, and what was found about them. */
function recordsOf({ train, forget, selection, duplicates, nearDuplicates, standardization, evaluation }: RunInputs): object {
  return {
    total: train.count,
    forgotten: Array.from(forget),
    duplicates: Array.from(duplicates.duplicates),
    nearDuplicates: nearDuplicates?.found,
    standardization,
    unmatchedIds: selection.unmatchedIds,
    forgottenInEvaluation: evaluation?.forgotten,
    requests: selection.requests.map(({ reference, records }) => ({ reference, records: Array.from(records) })),
  };
}
