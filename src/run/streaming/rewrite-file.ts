import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '../../error';
import type { CheckpointFile, FloatRegion } from '../../model/checkpoint/checkpoint';
import { piecesOf, type Piece } from '../../model/checkpoint/pieces';
import { combineCrc32 } from '../../model/zip/crc32';
import { Frontier } from './frontier';
import { largestExtent, type TaskResult } from './task';
import type { WorkerPool } from './worker-pool';

/** What becomes of the numbers of a region: moved, with scale and σ, or replaced by one value. */
export type RegionChange = { readonly scale: number; readonly sigma: number } | { readonly pattern: Uint8Array };

export interface Rewriting {
  readonly pool: WorkerPool;
  readonly source: string;
  readonly target: string;
  readonly change: (region: FloatRegion) => RegionChange;
  /** Told how much of the target, from its beginning, is as it will stay. */
  readonly onWritten?: ((end: number) => void) | undefined;
}

export interface Rewritten {
  /** When all of the file is on the disk. Until then it is still open. */
  readonly onDisk: Promise<void>;
}

const tellEvery = 8 * 1024 * 1024;

/** Bytes after which what was written is sent on to the disk, so that little is left to wait for at the end. */
const syncEvery = 128 * 1024 * 1024;

/**
 * Writes a file of a checkpoint anew, in pieces by many threads: numbers as `change` says, optimiser state as zeros, checksums to match,
 * everything else byte for byte. A file that is there already is not overwritten. The file is complete when this resolves, and on its way to the disk.
 * @throws UserError `noise-beyond-type`; Error of the file system
 */
export async function rewriteFile(file: CheckpointFile, { pool, source, target, change, onWritten }: Rewriting): Promise<Rewritten> {
  const pieces = piecesOf(file, largestExtent);
  const frontier = new Frontier(pieces);
  const from = await open(source, 'r');
  try {
    const to = await open(target, 'wx');
    try {
      const flush = flusher(to);
      let told = 0;
      const done = (index: number, { start, end }: Piece): void => {
        const complete = frontier.finish(index);
        if (complete - told >= tellEvery || complete === file.size) onWritten?.(told = complete);
        flush.written(end - start);
      };
      const checksums = file.checked.map(() => Promise.resolve(0));
      const work: Promise<void>[] = [];
      for (const [index, piece] of pieces.entries()) {
        if (piece.treatment === 'checksum') continue;
        const result = perform(piece, pool, from.fd, to.fd, change).then((found) => {
          done(index, piece);
          return found;
        });
        work.push(result.then(() => undefined));
        const before = piece.part === undefined ? undefined : checksums[piece.part];
        if (before === undefined || piece.part === undefined) continue;
        checksums[piece.part] = Promise.all([before, result]).then(([sum, { checksum = 0 }]) => combineCrc32(sum, checksum, piece.end - piece.start));
      }
      for (const [index, piece] of pieces.entries()) {
        if (piece.treatment !== 'checksum') continue;
        work.push((checksums[piece.part ?? -1] ?? Promise.resolve(0)).then(async (checksum) => {
          const bytes = new Uint8Array(4);
          new DataView(bytes.buffer).setUint32(0, checksum, true);
          await to.write(bytes, 0, 4, piece.start);
          done(index, piece);
        }));
      }
      await Promise.all([...work, ...checksums]).catch(async (error: unknown) => {
        // Threads write through the descriptors: none may be at work when these are closed.
        await pool.dispose(error);
        throw error;
      });
      const onDisk = flush.finish().finally(() => to.close());
      // Heard where it is awaited.
      onDisk.catch(() => undefined);
      return { onDisk };
    } catch (error) {
      await to.close();
      throw error;
    }
  } finally {
    await from.close();
  }
}

async function perform({ start, end, treatment, part }: Piece, pool: WorkerPool, from: number, to: number, change: Rewriting['change']): Promise<TaskResult> {
  const target = { from, to, start, end, checked: part !== undefined };
  if (treatment === 'keep' || treatment === 'checksum') return pool.run({ ...target, kind: 'copy' });
  if (treatment === 'zero') return pool.run({ ...target, kind: 'fill', pattern: new Uint8Array(1) });
  const changed = change(treatment);
  if ('pattern' in changed) return pool.run({ ...target, ...changed, kind: 'fill' });
  const result = await pool.run({ ...target, ...changed, kind: 'perturb', type: treatment.type });
  if (result.fits === false) {
    throw new UserError('noise-beyond-type', `a number of the tensor "${treatment.name}" with its noise is larger than ${treatment.type} can hold.`, { remedy: 'Use a smaller initial radius, or save the checkpoint in a wider type.' });
  }
  return result;
}

/** Sends what was written on to the disk in the background, one request at a time. */
function flusher(file: FileHandle): { written(bytes: number): void; finish(): Promise<void> } {
  let waiting = 0;
  let running: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    waiting = 0;
    await file.datasync();
    running = undefined;
  };
  return {
    written: (bytes) => {
      waiting += bytes;
      if (waiting < syncEvery || running !== undefined) return;
      running = start();
      // Heard where it is awaited.
      running.catch(() => undefined);
    },
    finish: () => (running ?? Promise.resolve()).then(() => file.datasync()),
  };
}
