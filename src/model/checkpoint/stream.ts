import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesOf, decodeFloats } from '../floats';
import type { Checkpoint, FloatRegion } from './checkpoint';

/** Small enough to be no burden, large enough that the disk is kept busy. */
const chunkBytes = 8 * 1024 * 1024;

/**
 * Sees a run of numbers of one region. The array is only valid during the call.
 * @param first the index in the region of `values[0]`
 */
export type Visitor = (region: FloatRegion, values: Float32Array, first: number) => void;

/**
 * Shows every floating-point number of a checkpoint once, in order, holding no more than a chunk.
 * @param path the file that the checkpoint was opened from
 */
export async function visitCheckpoint(path: string, checkpoint: Checkpoint, visit: Visitor): Promise<void> {
  const buffer = new Uint8Array(chunkBytes);
  for (const file of checkpoint.files) {
    const source = await open(join(dirname(path), file.path), 'r');
    try {
      for (const region of file.regions) {
        for (let at = region.start; at < region.end; at += chunkBytes) {
          const bytes = buffer.subarray(0, Math.min(chunkBytes, region.end - at));
          await fill(source, bytes, at);
          visit(region, decodeFloats(bytes, region.type), (at - region.start) / bytesOf[region.type]);
        }
      }
    } finally {
      await source.close();
    }
  }
}

async function fill(source: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const { bytesRead } = await source.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read');
    filled += bytesRead;
  }
}
