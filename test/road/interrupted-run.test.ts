import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { passes } from '../../src/certificate/verify';
import type { Progress } from '../../src/protocol/engine-protocol';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun, type RunOptions } from '../../src/run/start-run';

/** The real engine process (dist/engine.js; `npm run build`) on the shipped example. */

const { privateKey, publicKey } = createKeyPair();
const signer = signerFromPem(privateKey);
const engineEntry = join('dist', 'engine.js');

let folder: string;
let request: string;
let before: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
  request = join(folder, 'forget-c17.unlearn.json');
  before = listing();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every file and folder with its size. */
function listing(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().map((name) => `${name} ${statSync(join(folder, name)).isFile() ? statSync(join(folder, name)).size : ''}`);
}

async function interruptedAt(phase: Progress['phase'], interrupt: (processId: number) => void, options: Partial<RunOptions> = {}): Promise<unknown> {
  let processId: number | undefined;
  let interrupted = false;
  const run = startRun(request, {
    signer,
    engineEntry,
    onEngine: (id) => (processId = id),
    onProgress: (progress) => {
      if (!interrupted && progress.phase === phase && processId !== undefined) {
        interrupted = true;
        interrupt(processId);
      }
    },
    ...options,
  });
  return run.then(() => 'completed', (error: unknown) => error);
}

describe('a run on the shipped example', () => {
  it.each(['loading', 'noisy', 'recovery'] as const)('whose engine process is killed while %s leaves the workspace as it was', async (phase) => {
    const outcome = await interruptedAt(phase, (processId) => process.kill(processId, 'SIGKILL'));
    expect(outcome).toMatchObject({ code: 'engine-died' });
    expect(listing()).toEqual(before);
  });

  it('that is cancelled leaves the workspace as it was', async () => {
    const abort = new AbortController();
    const outcome = await interruptedAt('noisy', () => abort.abort(), { signal: abort.signal });
    expect(outcome).toMatchObject({ code: 'cancelled' });
    expect(listing()).toEqual(before);
  });

  it('that was cancelled before it began does nothing', async () => {
    await expect(startRun(request, { signer, engineEntry, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(listing()).toEqual(before);
  });

  it('goes through after all that, keeps its private files to their owner, and its certificate verifies', async () => {
    const completed = await startRun(request, { signer, engineEntry });
    const verification = await checkCertificate(completed.certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    expect(verification.statement?.predicate.guarantee).toMatchObject({ epsilon: 1, delta: 1e-5, reference: 'retrained' });
    expect(verification.statement?.predicate.data).toMatchObject({ forget: { count: 100 }, retain: { count: 3900 } });
    expect(statSync(completed.privateFolder).mode & 0o777).toBe(0o700);
    expect(readdirSync(completed.privateFolder).sort()).toEqual(['course.json', 'report.json', 'salts.json']);
    expect(readdirSync(join(folder, '.certified-unlearning')).sort()).toEqual(['.gitignore', 'runs']);
    // The original is as it was.
    expect(listing()).toEqual(expect.arrayContaining(before));
  });

  it('does not replace an earlier result unasked', async () => {
    await expect(startRun(request, { signer, engineEntry })).rejects.toMatchObject({ code: 'output-exists' });
  });
});
