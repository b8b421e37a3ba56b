import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { encodeStatement } from '../certificate/statement';
import { UserError } from '../error';
import { requireNoInputAmong } from '../input-files';
import type { Checkpoint } from '../model/checkpoint/checkpoint';
import { certifyPlan, type Plan } from '../plan/plan';
import type { CertifiedRun } from '../privacy/certified-run';
import type { RunResult, Written } from '../protocol/engine-protocol';
import type { LoadedRequest } from '../request/load-request';
import { certifiedCheckpoint, openCheckpointInputs, type CheckpointInputs } from './checkpoint-inputs';
import { composeStatement } from './compose-statement';
import { CheckpointStream, isGradientFree, type GradientFree } from './perturb-checkpoint';
import { planInputs } from './plan-inputs';
import { stagePrivate, type StagedFile } from './stage';
import type { UnlearnOptions } from './unlearn-request';

/** A run on a checkpoint of any architecture and size: clipped and noised (or replaced by noise) as it streams from the original to the staging folder. */
export async function unlearnCheckpoint(loaded: LoadedRequest, checkpoint: Checkpoint, staging: string, options: UnlearnOptions): Promise<RunResult> {
  // Threads read the original while the data are opened here.
  const stream = new CheckpointStream(loaded.modelPath, checkpoint, options.signal);
  try {
    if (loaded.request.method.name === 'output-perturbation') stream.measure();
    return await released(await openCheckpointInputs(loaded, checkpoint), stream, staging, options);
  } finally {
    await stream.dispose();
  }
}

async function released(inputs: CheckpointInputs, stream: CheckpointStream, staging: string, { started, onProgress, onWritten, digestOf }: UnlearnOptions): Promise<RunResult> {
  const { loaded, checkpoint, data, facts } = inputs;
  await requireNoInputAmong([loaded.outputPath, loaded.certificatePath]);
  const plan = planInputs({ loaded }, facts);
  const run = certifyPlan(plan);
  if (!isMethodOf(run)) throw new UserError('method-needs-model', `${plan.mechanism.method} needs gradients`, { field: 'method.name', remedy: 'Choose output-perturbation or gaussian-restart, or put an ONNX export of the model beside the checkpoint.' });
  onProgress({ phase: 'noisy', step: 0, steps: 1 });
  const timeLeft = secondsLeft(checkpoint);
  const { applied, originals } = await stream.rewrite({ folder: staging, run, onWritten: (written) => {
    onWritten(written);
    onProgress({ phase: 'noisy', step: 0, steps: 1, secondsLeft: timeLeft(written) });
  } });
  onProgress({ phase: 'writing', step: 0, steps: 1 });
  const files = await stagedFiles(inputs, digestOf);
  const engine = { name: 'stream', versions: { node: process.versions.node } };
  // A restart puts fresh values in the place of everything, running statistics included.
  const trainable = (run.mechanism.method === 'gaussian-restart' ? checkpoint : facts).tensors.map(({ name }) => name);
  const { statement, salts } = await composeStatement({
    loaded,
    data,
    model: certifiedCheckpoint(inputs, run.mechanism),
    plan,
    execution: { mechanism: applied, trainable, batchSize: plan.batchSize, freshNoise: true, momentum: 'none', engine },
    metrics: undefined,
    recoverySteps: 0,
    released: files,
    original: checkpoint.files.map(({ path }, index) => ({ name: path, sha256: originals[index] ?? '' })),
  });
  const encoded = encodeStatement(statement);
  const seconds = (Date.now() - started) / 1000;
  const report = reportOf(inputs, plan, createHash('sha256').update(encoded).digest('hex'), seconds);
  return {
    statement: Buffer.from(encoded).toString('utf8'),
    released: files.map(({ staged, destination }) => ({ staged, destination })),
    certificate: loaded.certificatePath,
    privateFiles: await stagePrivate(staging, { 'report.json': report, 'salts.json': salts }),
    metrics: undefined,
    engine: engine.name,
    guarantee: { ...plan.target, reference: plan.reference },
    seconds,
  };
}

/** Seconds until all files are written, from how long it took to get as far as this. */
function secondsLeft({ files }: Checkpoint): (written: Written) => number {
  const started = performance.now();
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return ({ staged, end }) => {
    const before = files.slice(0, files.findIndex(({ path }) => path === staged)).reduce((sum, { size }) => sum + size, 0);
    const share = (before + end) / Math.max(1, total);
    return ((performance.now() - started) / 1000) * (1 / Math.max(share, 1e-3) - 1);
  };
}

function isMethodOf(run: CertifiedRun): run is CertifiedRun<GradientFree> {
  return isGradientFree(run.mechanism);
}

/** The written files under the names that they will have: the main file's own, and the others' as the main file refers to them. */
async function stagedFiles({ loaded, checkpoint }: CheckpointInputs, digestOf: UnlearnOptions['digestOf']): Promise<readonly StagedFile[]> {
  return Promise.all(checkpoint.files.map(async ({ path }, index) => ({
    staged: path,
    destination: index === 0 ? loaded.outputPath : join(dirname(loaded.outputPath), path),
    sha256: await digestOf(path),
  })));
}

function reportOf({ loaded, data }: CheckpointInputs, plan: Plan, statement: string, seconds: number): object {
  const { request } = loaded;
  return {
    statement,
    requestFile: basename(loaded.file),
    request,
    plan: { target: plan.target, reference: plan.reference, costs: plan.costs, signal: plan.signal, advice: plan.advice },
    records: { total: data.train.count, forgotten: Array.from(data.forget), duplicates: Array.from(data.duplicates.duplicates), unmatchedIds: data.selection.unmatchedIds },
    seconds,
  };
}
