import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { encodeBundle } from '../certificate/bundle';
import { signEnvelope } from '../certificate/dsse';
import type { Signer } from '../certificate/keys';
import { passes, verifyCertificate } from '../certificate/verify';
import { reportIt, UserError } from '../error';
import type { Progress, RunResult } from '../protocol/engine-protocol';
import type { EngineSettings } from '../protocol/engine-settings';
import { loadRequest } from '../request/load-request';
import { startEngine } from './engine-client';
import { createStaging, ensurePrivateFolder, removeStaging } from './private-folder';
import { publish, refuseExisting, refuseForeign } from './publish';
import { CourseRecorder } from './run-course';
import { StagedDigests } from './staged-digests';

export interface RunOptions {
  /** Signs the certificate, in the host: the engine process never sees the key. */
  readonly signer: Signer;
  /** Replace an earlier result. */
  readonly overwrite?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** What the engines may use here. */
  readonly engines?: EngineSettings | undefined;
  /** The engine's program; beside this one unless given. */
  readonly engineEntry?: string | undefined;
  /** Told the engine's process id once it runs. */
  readonly onEngine?: ((processId: number | undefined) => void) | undefined;
}

export interface Completed extends RunResult {
  /** The unlearned model's main file. */
  readonly model: string;
  /** Owner-only folder with the private run report and the salts. */
  readonly privateFolder: string;
}

/**
 * Runs a request from beginning to end: engine process, signature, and only then the files in their places.
 * Whatever goes wrong before that (an error, cancellation, the death of the engine) leaves the workspace as it was.
 */
export async function startRun(requestPath: string, options: RunOptions): Promise<Completed> {
  const { folder, outputPath, certificatePath } = await loadRequest(requestPath);
  await refuseExisting([outputPath, certificatePath], options.overwrite === true);
  await refuseForeign(certificatePath);
  const staging = await createStaging(folder);
  const engine = startEngine(options.engineEntry);
  options.onEngine?.(engine.processId);
  const digests = new StagedDigests(staging);
  const course = new CourseRecorder();
  try {
    const result = await engine.run({ request: requestPath, staging, engines: options.engines }, { signal: options.signal, onProgress: course.listening(options.onProgress), digests });
    if (result.certificate !== certificatePath) throw new UserError('request-changed', 'the request was changed while the run began; nothing was released', { file: basename(requestPath), remedy: 'Run again.' });
    await refuseExisting(result.released.map(({ destination }) => destination), options.overwrite === true);
    const envelope = await signEnvelope(Buffer.from(result.statement, 'utf8'), options.signer);
    const bundle = encodeBundle(envelope, options.signer.fingerprint);
    await requireVerified(bundle, options.signer, result, digests);
    const certificate = join(staging, 'certificate.json');
    await writeFile(certificate, bundle);
    // The salts are kept first: a certificate whose commitments nobody could open must not exist.
    const privateFolder = await keepPrivate(folder, staging, [...result.privateFiles, await course.write(staging)]);
    try {
      await publish([
        ...result.released.map(({ staged, destination }) => ({ staged: join(staging, staged), destination })),
        { staged: certificate, destination: result.certificate },
      ], options.overwrite === true);
    } catch (error) {
      await rm(privateFolder, { recursive: true, force: true });
      throw error;
    }
    return { ...result, model: outputPath, privateFolder };
  } finally {
    engine.dispose();
    await removeStaging(staging);
  }
}

/** Nothing is published that a verifier would not accept: the host checks the engine's word against the staged files. */
async function requireVerified(bundle: Uint8Array, signer: Signer, { released, certificate }: RunResult, digests: StagedDigests): Promise<void> {
  const folder = dirname(certificate);
  const names = new Map(released.map(({ staged, destination }) => [relative(folder, destination).split(sep).join('/'), staged]));
  const verification = await verifyCertificate(bundle, {
    trustedKeys: [signer.publicKey],
    modelFiles: async (name) => {
      const staged = names.get(name);
      return staged === undefined ? undefined : digests.of(staged);
    },
  });
  if (!passes(verification)) {
    const reasons = [verification.signature, verification.model, verification.accounting].filter(({ status }) => status !== 'pass').map(({ detail }) => detail);
    throw new UserError('certificate-unverifiable', `the certificate of this run would not verify, so nothing was released: ${reasons.join(' ')}`, { remedy: reportIt });
  }
}

/** Moves the private report, the salts and how the run went to a folder of the run's own. */
async function keepPrivate(folder: string, staging: string, files: readonly string[]): Promise<string> {
  const runs = join(await ensurePrivateFolder(folder), 'runs');
  const path = join(runs, `${new Date().toISOString().replaceAll(':', '-')}-${basename(staging).slice(-6)}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const name of files) {
    await rename(join(staging, name), join(path, name));
  }
  return path;
}
