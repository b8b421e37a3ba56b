import { randomBytes } from 'node:crypto';
import { dirname, relative, sep } from 'node:path';
import { createStatement } from '../certificate/create-statement';
import type { ExecutedRun } from '../certificate/execution';
import { commitTo, commitToFiles, newSalt } from '../certificate/salted-commitment';
import type { Statement } from '../certificate/statement';
import { commitRecords, type SetCommitment } from '../data/commitment';
import { requireInputsUnchanged, requireNoInputAmong } from '../input-files';
import type { Plan } from '../plan/plan';
import type { MetricsBySet } from '../protocol/engine-protocol';
import type { LoadedRequest } from '../request/load-request';
import type { CertifiedTensors } from './certified-tensors';
import { limitsOfRun } from './limits-of-run';
import type { RunData } from './open-data';
import { software } from './software';

/** What opens the commitments on a certificate. Private: with a salt, whoever guesses a record can check the guess. */
export interface Salts {
  readonly inputModel: string;
  readonly request: string;
  /** Salts of single records are derived from these two; see `recordSalt`. */
  readonly forget: string;
  readonly retain: string;
}

export interface Finished {
  readonly loaded: LoadedRequest;
  readonly data: RunData;
  readonly model: CertifiedTensors;
  readonly plan: Plan;
  readonly execution: ExecutedRun;
  /** Of the released model, where it could be run here. */
  readonly metrics: MetricsBySet | undefined;
  readonly recoverySteps: number;
  /** Released files, the main one first: absolute destination and SHA-256 in hex. */
  readonly released: readonly { readonly destination: string; readonly sha256: string }[];
  /** The original model's files: name and SHA-256 in hex. */
  readonly original: readonly { readonly name: string; readonly sha256: string }[];
}

/** Puts the facts of a run into the statement of its certificate. Throws `UserError` where they do not add up (see `createStatement`), where an input was changed meanwhile (`input-changed`) or would be replaced (`output-is-input`). */
export async function composeStatement(finished: Finished): Promise<{ readonly statement: Statement; readonly salts: Salts }> {
  const { loaded, data, model, plan, execution, metrics, recoverySteps, released, original } = finished;
  const { train, forget, retain, duplicates, nearDuplicates, evaluation, selection } = data;
  const { recovery } = loaded.request;
  await requireNoInputAmong([...released.map(({ destination }) => destination), loaded.certificatePath]);
  await requireInputsUnchanged();
  const salts = { inputModel: newSalt(), request: newSalt(), forget: randomBytes(32), retain: randomBytes(32) };
  const committed = async (records: Uint32Array, salt: Uint8Array): Promise<Statement['predicate']['data']['forget']> => recordsOf(await commitRecords(train, records, salt));
  const folder = dirname(loaded.certificatePath);
  const statement = createStatement({
    files: released.map(({ destination, sha256 }) => ({ name: relative(folder, destination).split(sep).join('/'), sha256 })),
    target: { ...plan.target, reference: plan.reference },
    mechanism: plan.mechanism,
    centre: model.centre,
    run: execution,
    tensors: model.tensors,
    residues: model.residues,
    coverage: model.coverage,
    assumptions: model.assumptions,
    inputModel: commitToFiles(original, salts.inputModel),
    request: commitTo(Buffer.from(loaded.text, 'utf8'), salts.request),
    data: {
      forget: await committed(forget, salts.forget),
      retain: await committed(retain, salts.retain),
      duplicatesInRetain: { policy: duplicates.policy, keptCount: duplicates.kept, ...forgottenOf(duplicates.duplicates.length, duplicates) },
      ...(nearDuplicates === undefined ? {} : { nearDuplicatesInRetain: { policy: nearDuplicates.policy, keptCount: nearDuplicates.kept, ...forgottenOf(nearDuplicates.found.length, nearDuplicates) } }),
      evaluation: evaluation === undefined ? undefined : { count: evaluation.records.length, forgottenRecords: 0 },
    },
    forgetRequests: selection.requests.length === 0 ? undefined : selection.requests.map(({ reference, date, basis }) => ({ reference, date, basis })),
    recovery: recoverySteps === 0 ? undefined : {
      steps: recoverySteps,
      batchSize: recovery.batchSize,
      description: `${recovery.optimizer}, learning rate ${recovery.learningRate} (${recovery.schedule})${recovery.optimizer === 'sgd' ? `, momentum ${recovery.momentum}` : ''}, weight decay ${recovery.weightDecay}, gradients clipped at ${recovery.clipNorm}, ${recovery.epochs} epochs`,
    },
    software,
    arithmetic: { precision: 'float32', radiusMargin: 1e-6, noise: 'operating system cryptographic source, Box–Muller transform, float32, rounded up to at least the stated standard deviation' },
    metrics: { retain: metrics?.retain, evaluation: metrics?.evaluation },
    limits: [...limitsOfRun(data, loaded.request.data.train), ...model.limits],
    finishedOn: new Date(),
  });
  return { statement, salts: { inputModel: hex(salts.inputModel), request: hex(salts.request), forget: hex(salts.forget), retain: hex(salts.retain) } };
}

/** How many of those found were forgotten too, where any was. */
function forgottenOf(found: number, { kept }: { readonly kept: number }): { readonly forgottenCount?: number } {
  return found > kept ? { forgottenCount: found - kept } : {};
}

function recordsOf({ count, root }: SetCommitment): Statement['predicate']['data']['forget'] {
  return { count, commitment: { algorithm: 'rfc6962-sha256-salted', root: hex(root) } };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
