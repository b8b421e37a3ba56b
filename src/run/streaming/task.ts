import type { FloatType } from '../../model/floats';

/** Bytes of an open file; file descriptors are shared by all threads of a process. */
interface Extent {
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

interface Target extends Extent {
  /** Descriptor of the file that takes the result, in the same place. */
  readonly to: number;
  /** Whether the CRC-32 of what was written is wanted. */
  readonly checked: boolean;
}

/** A piece of work for one thread. Extents hold whole numbers, and at most `largestExtent` bytes, or `largestSum` where they are summed. */
export type Task =
  /** SHA-256 of a whole file. */
  | { readonly kind: 'digest'; readonly path: string }
  /** Σ v² of stored numbers. */
  | Extent & { readonly kind: 'sum'; readonly type: FloatType }
  /** x ← scale·x + sigma·noise. With scale 0 the original is not read. */
  | Target & { readonly kind: 'perturb'; readonly type: FloatType; readonly scale: number; readonly sigma: number }
  /** The same bytes. */
  | Target & { readonly kind: 'copy' }
  /** A pattern over and over. */
  | Target & { readonly kind: 'fill'; readonly pattern: Uint8Array };

export interface TaskResult {
  readonly digest?: string | undefined;
  readonly sum?: number | undefined;
  readonly checksum?: number | undefined;
  /** False where a perturbed number is beyond the largest of its type. */
  readonly fits?: boolean | undefined;
}

/** What a thread answers, in the order of its tasks. */
export type Reply = { readonly result: TaskResult } | { readonly failure: Error };

/** Small enough to stay near the processor, large enough that handing it out costs nothing. */
export const largestExtent = 2 * 1024 * 1024;

/** Sums are quick: a thread is to have work for a while, whatever else the one that hands it out is doing. */
export const largestSum = 8 * largestExtent;
