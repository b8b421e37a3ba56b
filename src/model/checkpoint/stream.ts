import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesOf, decodeFloats, encodeFloats } from '../floats';
import { crc32 } from '../zip/crc32';
import type { ByteRange, Checkpoint, CheckpointFile, FloatRegion } from './checkpoint';

/** Small enough that a few of them are no burden, large enough that the disk is kept busy. */
const chunkBytes = 8 * 1024 * 1024;

/**
 * Sees, and may change, a run of numbers of one region. The array is only valid during the call.
 * @param first the index in the region of `values[0]`
 */
export type Visitor = (region: FloatRegion, values: Float32Array, first: number) => void;

/**
 * Shows every floating-point number of a checkpoint once, in order, holding no more than two chunks.
 * @param path the file that the checkpoint was opened from
 */
export async function visitCheckpoint(path: string, checkpoint: Checkpoint, visit: Visitor, signal?: AbortSignal): Promise<void> {
  for (const file of checkpoint.files) {
    const source = await open(join(dirname(path), file.path), 'r');
    try {
      const pieces = file.regions.map((region) => ({ start: region.start, end: region.end, treatment: region }));
      await readAhead(source, pieces, signal, ({ treatment, bytes, start }) => {
        if (typeof treatment !== 'string') treat(treatment, bytes, start, visit);
        return Promise.resolve();
      });
    } finally {
      await source.close();
    }
  }
}

/**
 * Writes the files of a checkpoint anew into a folder: numbers as `change` leaves them (rounded to nearest where the file is narrower than float32),
 * optimiser state as zeros, everything else byte for byte. Files that are there already are not overwritten.
 * @param path the file that the checkpoint was opened from
 * @returns the paths written
 */
export async function rewriteCheckpoint(path: string, checkpoint: Checkpoint, folder: string, change: Visitor, signal?: AbortSignal): Promise<readonly string[]> {
  const written: string[] = [];
  for (const file of checkpoint.files) {
    const target = join(folder, file.path);
    const source = await open(join(dirname(path), file.path), 'r');
    try {
      const sink = await open(target, 'wx');
      try {
        await rewriteFile(file, source, sink, change, signal);
      } finally {
        await sink.close();
      }
    } finally {
      await source.close();
    }
    written.push(target);
  }
  return written;
}

async function rewriteFile(file: CheckpointFile, source: FileHandle, sink: FileHandle, change: Visitor, signal: AbortSignal | undefined): Promise<void> {
  const checksums = file.checked.map(() => 0);
  await readAhead(source, piecesOf(file), signal, async ({ treatment, bytes, start }) => {
    if (treatment === 'zero') bytes.fill(0);
    else if (treatment !== 'keep') treat(treatment, bytes, start, change);
    file.checked.forEach((part, index) => {
      const [from, to] = [Math.max(part.start, start), Math.min(part.end, start + bytes.length)];
      if (from < to) checksums[index] = crc32(bytes.subarray(from - start, to - start), checksums[index]);
    });
    await write(sink, bytes, start);
  });
  for (const [index, part] of file.checked.entries()) {
    const checksum = new Uint8Array(4);
    new DataView(checksum.buffer).setUint32(0, checksums[index] ?? 0, true);
    for (const at of part.checksums) await write(sink, checksum, at);
  }
}

interface Piece extends ByteRange {
  readonly treatment: FloatRegion | 'zero' | 'keep';
}

interface Chunk {
  readonly treatment: Piece['treatment'];
  readonly start: number;
  readonly bytes: Uint8Array;
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

/** Hands out chunks in order; while one is in use, the next is read into the other of two buffers. */
async function readAhead(source: FileHandle, pieces: readonly Piece[], signal: AbortSignal | undefined, use: (chunk: Chunk) => Promise<void>): Promise<void> {
  const buffers = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)] as const;
  let turn = 0;
  let next: Promise<Chunk> | undefined;
  const chunks = chunksOf(pieces);
  const fetch = (): Promise<Chunk> | undefined => {
    const following = chunks.next();
    if (following.done === true) return undefined;
    const { treatment, start, end } = following.value;
    const bytes = buffers[turn === 0 ? 0 : 1].subarray(0, end - start);
    turn = 1 - turn;
    return fill(source, bytes, start).then(() => ({ treatment, start, bytes }));
  };
  next = fetch();
  while (next !== undefined) {
    signal?.throwIfAborted();
    const chunk = await next;
    next = fetch();
    // Awaited together with the next read: a failure there must not go unheard.
    await Promise.all([use(chunk), next]);
  }
}

function* chunksOf(pieces: readonly Piece[]): Generator<Piece> {
  for (const { start, end, treatment } of pieces) {
    for (let at = start; at < end; at += chunkBytes) yield { start: at, end: Math.min(at + chunkBytes, end), treatment };
  }
}

/** Chunks begin at a region's start, in memory of their own: float32 is aligned there and changed in place. */
function treat(region: FloatRegion, bytes: Uint8Array, start: number, visit: Visitor): void {
  const first = (start - region.start) / bytesOf[region.type];
  if (region.type === 'float32') {
    visit(region, new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), first);
    return;
  }
  const values = decodeFloats(bytes, region.type);
  visit(region, values, first);
  bytes.set(encodeFloats(values, region.type));
}

async function fill(source: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const { bytesRead } = await source.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read');
    filled += bytesRead;
  }
}

async function write(sink: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await sink.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}
