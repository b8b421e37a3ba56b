import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesOf, decodeFloats, encodeFloats } from '../floats';
import { crc32 } from '../zip/crc32';
import type { Checkpoint, CheckpointFile, FloatRegion } from './checkpoint';

/** Small enough that a few of them are no burden, large enough that the disk is kept busy. */
const chunkBytes = 8 * 1024 * 1024;

/** Sees, and may change, a run of numbers of one region. @param first the index in the region of `values[0]` */
export type Visitor = (region: FloatRegion, values: Float32Array, first: number) => void;

/** Shows every floating-point number of a checkpoint once, in order, holding no more than one chunk. */
export async function visitCheckpoint(path: string, checkpoint: Checkpoint, visit: Visitor, signal?: AbortSignal): Promise<void> {
  for (const file of checkpoint.files) {
    const source = await open(join(dirname(path), file.path), 'r');
    try {
      for (const region of file.regions) {
        for (const { start, end } of chunksOf(region.start, region.end)) {
          signal?.throwIfAborted();
          visit(region, decodeFloats(await read(source, start, end), region.type), (start - region.start) / bytesOf[region.type]);
        }
      }
    } finally {
      await source.close();
    }
  }
}

/**
 * Writes the files of a checkpoint anew into a folder: numbers as `change` leaves them (rounded to nearest where the file is narrower than float32),
 * optimiser state as zeros, everything else byte for byte.
 * @returns the paths written
 */
export async function rewriteCheckpoint(path: string, checkpoint: Checkpoint, folder: string, change: Visitor, signal?: AbortSignal): Promise<readonly string[]> {
  const written: string[] = [];
  for (const file of checkpoint.files) {
    const target = join(folder, file.path);
    const [source, sink] = [await open(join(dirname(path), file.path), 'r'), await open(target, 'wx')];
    try {
      await rewriteFile(file, source, sink, change, signal);
    } finally {
      await Promise.all([source.close(), sink.close()]);
    }
    written.push(target);
  }
  return written;
}

async function rewriteFile(file: CheckpointFile, source: FileHandle, sink: FileHandle, change: Visitor, signal: AbortSignal | undefined): Promise<void> {
  const checksums = file.checked.map(() => 0);
  let writing: Promise<unknown> = Promise.resolve();
  for (const piece of piecesOf(file)) {
    for (const { start, end } of chunksOf(piece.start, piece.end)) {
      signal?.throwIfAborted();
      const bytes = treated(piece, await read(source, start, end), start, change);
      file.checked.forEach((part, index) => {
        const [from, to] = [Math.max(part.start, start), Math.min(part.end, end)];
        if (from < to) checksums[index] = crc32(bytes.subarray(from - start, to - start), checksums[index]);
      });
      // The next chunk is read and changed while this one is written.
      await writing;
      writing = write(sink, bytes, start);
    }
  }
  await writing;
  for (const [index, part] of file.checked.entries()) {
    const checksum = new Uint8Array(4);
    new DataView(checksum.buffer).setUint32(0, checksums[index] ?? 0, true);
    for (const at of part.checksums) await write(sink, checksum, at);
  }
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly treatment: FloatRegion | 'zero' | 'keep';
}

/** The whole file as consecutive pieces. */
function piecesOf(file: CheckpointFile): readonly Piece[] {
  const special: Piece[] = [
    ...file.regions.map((region) => ({ start: region.start, end: region.end, treatment: region })),
    ...file.erased.map(({ start, end }) => ({ start, end, treatment: 'zero' as const })),
  ].sort((one, other) => one.start - other.start);
  const pieces: Piece[] = [];
  let at = 0;
  for (const piece of special) {
    if (piece.start < at) throw new RangeError(`bytes ${piece.start} to ${at} have two owners`);
    if (piece.start > at) pieces.push({ start: at, end: piece.start, treatment: 'keep' });
    pieces.push(piece);
    at = piece.end;
  }
  if (at < file.size) pieces.push({ start: at, end: file.size, treatment: 'keep' });
  return pieces;
}

function treated({ start, treatment }: Piece, bytes: Uint8Array, at: number, change: Visitor): Uint8Array {
  if (treatment === 'keep') return bytes;
  if (treatment === 'zero') return bytes.fill(0);
  const first = (at - start) / bytesOf[treatment.type];
  if (treatment.type === 'float32') {
    // Chunks begin at a region's start in memory of their own: aligned, and changed in place.
    change(treatment, new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), first);
    return bytes;
  }
  const values = decodeFloats(bytes, treatment.type);
  change(treatment, values, first);
  return encodeFloats(values, treatment.type);
}

function* chunksOf(start: number, end: number): Generator<{ start: number; end: number }> {
  for (let at = start; at < end; at += chunkBytes) yield { start: at, end: Math.min(at + chunkBytes, end) };
}

async function read(source: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  for (let filled = 0; filled < bytes.length;) {
    const { bytesRead } = await source.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read');
    filled += bytesRead;
  }
  return bytes;
}

async function write(sink: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await sink.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}
