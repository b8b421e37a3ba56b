import { open, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../error';
import type { Checkpoint, CheckpointFile, FloatRegion } from '../model/checkpoint/checkpoint';
import { visitCheckpoint } from '../model/checkpoint/stream';
import { encodeFloats } from '../model/floats';
import type { CertifiedRun } from '../privacy/certified-run';
import type { GaussianRestart, Mechanism, OutputPerturbation } from '../privacy/mechanism';
import type { Written } from '../protocol/engine-protocol';
import { rewriteFile, type RegionChange } from './streaming/rewrite-file';
import { largestExtent } from './streaming/task';
import { WorkerPool } from './streaming/worker-pool';

/** Methods that need no gradients, and so no model around the numbers. */
export type GradientFree = OutputPerturbation | GaussianRestart;

export function isGradientFree(mechanism: Mechanism): mechanism is GradientFree {
  return mechanism.method === 'output-perturbation' || mechanism.method === 'gaussian-restart';
}

export interface Perturbation {
  /** The file that the checkpoint was opened from. */
  readonly path: string;
  readonly checkpoint: Checkpoint;
  /** Takes the new files, under the names of the old. */
  readonly folder: string;
  readonly run: CertifiedRun<GradientFree>;
  readonly signal: AbortSignal;
  readonly onWritten?: ((written: Written) => void) | undefined;
}

export interface Perturbed {
  /** The mechanism as it was applied. */
  readonly applied: GradientFree;
  /** SHA-256 in hex of each file of the original checkpoint. */
  readonly originals: readonly string[];
}

/** Running statistics as a fresh network has them: variances are 1, everything else is 0. */
const variance = /(running_var|moving_variance)($|[./_:])/;

/** Beyond these, the digest of one file in one thread is what takes longest. */
const mostThreads = 4;

/**
 * Writes a checkpoint anew with its parameters clipped as one vector and noised (or replaced by noise) and its statistics reset, as the numbers
 * stream by: memory does not grow with the file. The certified run is the only source of radius and noise. Files that exist are not overwritten.
 * @throws UserError `weights-not-finite`, `model-changed`, `noise-beyond-type`; Error of the file system, and the signal's reason
 */
export async function perturbCheckpoint({ path, checkpoint, folder, run, signal, onWritten }: Perturbation): Promise<Perturbed> {
  const { applied } = run;
  const sources = checkpoint.files.map((file) => join(dirname(path), file.path));
  const before = await statesOf(sources);
  // One more than there are processors: the digest of the original runs beside all else.
  const pool = new WorkerPool(Math.min(availableParallelism(), mostThreads) + 1);
  const abort = (): void => void pool.dispose(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    const scale = applied.method === 'gaussian-restart' ? 0 : Math.min(1, applied.initialRadius / (await parameterNorm(path, checkpoint, pool)));
    const originals = digestsOf(sources, pool);
    originals.catch(() => undefined);
    const change = (region: FloatRegion): RegionChange => (region.role === 'buffer' ? { pattern: freshStatistic(region) } : { scale, sigma: applied.sigma });
    for (const [index, file] of checkpoint.files.entries()) {
      await rewriteFile(file, { pool, source: sources[index] ?? '', target: join(folder, file.path), change, onWritten: (end) => onWritten?.({ staged: file.path, end }) });
    }
    const digests = await originals;
    // The norm that the scale came from, and the digest, must be of the numbers that were released.
    if ((await statesOf(sources)).some((state, index) => state !== before[index])) {
      throw new UserError('model-changed', 'the checkpoint was changed while it was read; nothing was released.', { file: path, remedy: 'Run again when nothing writes to it.' });
    }
    return { applied, originals: digests };
  } finally {
    signal.removeEventListener('abort', abort);
    await pool.dispose();
  }
}

function freshStatistic({ name, type }: FloatRegion): Uint8Array {
  return encodeFloats(Float32Array.of(variance.test(name) ? 1 : 0), type);
}

/** Size, and when contents and inode were last changed. */
function statesOf(paths: readonly string[]): Promise<readonly string[]> {
  return Promise.all(paths.map(async (path) => {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join();
  }));
}

/** One file after the other, so that other work gets threads too. */
async function digestsOf(paths: readonly string[], pool: WorkerPool): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const path of paths) digests.push((await pool.run({ kind: 'digest', path })).digest ?? '');
  return digests;
}

/** ‖x̂‖₂ over all parameters, summed in float64, always in the same order. It never leaves this file. */
async function parameterNorm(path: string, checkpoint: Checkpoint, pool: WorkerPool): Promise<number> {
  let sum = 0;
  for (const file of checkpoint.files) sum += await sumOfSquares(join(dirname(path), file.path), file, pool);
  if (!Number.isFinite(sum)) await refuseNotFinite(path, checkpoint);
  return Math.sqrt(sum);
}

async function sumOfSquares(source: string, file: CheckpointFile, pool: WorkerPool): Promise<number> {
  const handle = await open(source, 'r');
  try {
    const parts = file.regions.filter(({ role }) => role === 'parameter').flatMap(({ type, start, end }) => {
      const extents = Array.from({ length: Math.ceil((end - start) / largestExtent) }, (_, index) => start + index * largestExtent);
      return extents.map((from) => pool.run({ kind: 'sum', type, from: handle.fd, start: from, end: Math.min(end, from + largestExtent) }));
    });
    const results = await Promise.all(parts).catch(async (error: unknown) => {
      // Threads read through the descriptor: none may be at work when it is closed.
      await pool.dispose(error);
      throw error;
    });
    return results.reduce((total, { sum = NaN }) => total + sum, 0);
  } finally {
    await handle.close();
  }
}

async function refuseNotFinite(path: string, checkpoint: Checkpoint): Promise<never> {
  await visitCheckpoint(path, checkpoint, (region, values, first) => {
    const index = region.role === 'parameter' ? values.findIndex((value) => !Number.isFinite(value)) : -1;
    if (index >= 0) throw new UserError('weights-not-finite', `the tensor "${region.name}" has a value that is not a finite number, at position ${first + index}`, { file: path, remedy: 'Save the checkpoint from a training state whose weights are all finite.' });
  });
  throw new UserError('model-changed', 'the checkpoint was changed while it was read.', { file: path, remedy: 'Run again when nothing writes to it.' });
}
