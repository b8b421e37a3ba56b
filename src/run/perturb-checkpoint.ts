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
import { rewriteFile, type RegionChange, type Rewritten } from './streaming/rewrite-file';
import { largestSum } from './streaming/task';
import { WorkerPool } from './streaming/worker-pool';

/** Methods that need no gradients, and so no model around the numbers. */
export type GradientFree = OutputPerturbation | GaussianRestart;

export function isGradientFree(mechanism: Mechanism): mechanism is GradientFree {
  return mechanism.method === 'output-perturbation' || mechanism.method === 'gaussian-restart';
}

export interface Perturbation {
  /** Takes the new files, under the names of the old. */
  readonly folder: string;
  readonly run: CertifiedRun<GradientFree>;
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
 * A checkpoint that is read by many threads from the moment that this is made, for its digests and its norm, and then written anew with its
 * parameters clipped as one vector and noised (or replaced by noise) and its statistics reset, as the numbers stream by: memory does not grow with
 * the file. To be disposed of.
 */
export class CheckpointStream {
  private readonly path: string;
  private readonly checkpoint: Checkpoint;
  private readonly signal: AbortSignal;
  private readonly sources: readonly string[];
  private readonly pool: WorkerPool;
  private readonly before: Promise<readonly string[]>;
  private readonly originals: Promise<readonly string[]>;
  private norm: Promise<number> | undefined;

  /** `path` is the file that the checkpoint was opened from. */
  constructor(path: string, checkpoint: Checkpoint, signal: AbortSignal) {
    this.path = path;
    this.checkpoint = checkpoint;
    this.signal = signal;
    this.sources = checkpoint.files.map((file) => join(dirname(path), file.path));
    // One more than there are processors: the digest of the original runs beside all else.
    this.pool = new WorkerPool(Math.min(availableParallelism(), mostThreads) + 1);
    signal.addEventListener('abort', this.abort, { once: true });
    if (signal.aborted) this.abort();
    this.before = heard(statesOf(this.sources));
    this.originals = heard(this.before.then(() => digestsOf(this.sources, this.pool)));
  }

  /** Begins to read for the norm, which only output perturbation needs. */
  measure(): void {
    this.norm ??= heard(this.before.then(() => this.parameterNorm()));
  }

  /**
   * Writes the files. The certified run is the only source of radius and noise. Files that exist are not overwritten.
   * @throws UserError `weights-not-finite`, `model-changed`, `noise-beyond-type`; Error of the file system, and the signal's reason
   */
  async rewrite({ folder, run: { applied }, onWritten }: Perturbation): Promise<Perturbed> {
    this.signal.throwIfAborted();
    const scale = applied.method === 'gaussian-restart' ? 0 : Math.min(1, applied.initialRadius / (await this.measured()));
    const change = (region: FloatRegion): RegionChange => (region.role === 'buffer' ? { pattern: freshStatistic(region) } : { scale, sigma: applied.sigma });
    const written: Rewritten[] = [];
    for (const [index, file] of this.checkpoint.files.entries()) {
      written.push(await rewriteFile(file, { pool: this.pool, source: this.sources[index] ?? '', target: join(folder, file.path), change, onWritten: (end) => onWritten?.({ staged: file.path, end }) }));
    }
    const originals = await this.originals;
    await Promise.all(written.map(({ onDisk }) => onDisk));
    // The norm that the scale came from, and the digest, must be of the numbers that were released.
    const before = await this.before;
    if ((await statesOf(this.sources)).some((state, index) => state !== before[index])) {
      throw new UserError('model-changed', 'the checkpoint was changed while it was read; nothing was released.', { file: this.path, remedy: 'Run again when nothing writes to it.' });
    }
    return { applied, originals };
  }

  async dispose(): Promise<void> {
    this.signal.removeEventListener('abort', this.abort);
    await this.pool.dispose();
    // What was still reading has let go of its files when this is done.
    await Promise.allSettled([this.originals, this.norm]);
  }

  private readonly abort = (): void => void this.pool.dispose(this.signal.reason);

  private async measured(): Promise<number> {
    this.measure();
    return this.norm ?? NaN;
  }

  /** ‖x̂‖₂ over all parameters, summed in float64, always in the same order. It never leaves this file. */
  private async parameterNorm(): Promise<number> {
    let sum = 0;
    for (const [index, file] of this.checkpoint.files.entries()) sum += await sumOfSquares(this.sources[index] ?? '', file, this.pool);
    if (!Number.isFinite(sum)) await refuseNotFinite(this.path, this.checkpoint);
    return Math.sqrt(sum);
  }
}

/** A promise that is awaited later: until then nobody hears when it is rejected. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
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

/** One file after the other, so that other work gets threads too; but each as soon as a thread is free, since it is what takes longest. */
async function digestsOf(paths: readonly string[], pool: WorkerPool): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const path of paths) digests.push((await pool.runNext({ kind: 'digest', path })).digest ?? '');
  return digests;
}

async function sumOfSquares(source: string, file: CheckpointFile, pool: WorkerPool): Promise<number> {
  const handle = await open(source, 'r');
  try {
    const parts = file.regions.filter(({ role }) => role === 'parameter').flatMap(({ type, start, end }) => {
      const extents = Array.from({ length: Math.ceil((end - start) / largestSum) }, (_, index) => start + index * largestSum);
      return extents.map((from) => pool.run({ kind: 'sum', type, from: handle.fd, start: from, end: Math.min(end, from + largestSum) }));
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
