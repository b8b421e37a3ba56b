import type { TensorValues } from '../graph/graph';
import type { Checkpoint, FloatRegion } from './checkpoint/checkpoint';
import { visitCheckpoint } from './checkpoint/stream';
import { bytesOf } from './floats';
import type { TensorSummary } from './model';

/** Checkpoints up to this size in bytes are read for their norms; of larger ones only the headers are. */
const largestRead = 256 * 1024 * 1024;

/** Euclidean norm, summed in float64. Undefined for what is not floating-point, and where a number is not finite. */
export function normOf(values: TensorValues): number | undefined {
  return values instanceof Float32Array || values instanceof Float64Array ? rootOf(sumOfSquares(values)) : undefined;
}

/**
 * The tensors of a checkpoint, with norms if it is small enough. A view of a part of a storage gets none: storages are what is read.
 * @param path the file that the checkpoint was opened from
 */
export async function withNorms(path: string, checkpoint: Checkpoint): Promise<readonly TensorSummary[]> {
  if (checkpoint.files.reduce((total, { size }) => total + size, 0) > largestRead) return checkpoint.tensors;
  const squares = new Map<FloatRegion, number>();
  await visitCheckpoint(path, checkpoint, (region, values) => squares.set(region, (squares.get(region) ?? 0) + sumOfSquares(values)));
  const known = new Map([...squares].map(([region, sum]) => [region.name, { count: (region.end - region.start) / bytesOf[region.type], norm: rootOf(sum) }]));
  return checkpoint.tensors.map((tensor) => {
    const found = known.get(tensor.name);
    return found?.count === tensor.count && found.norm !== undefined ? { ...tensor, norm: found.norm } : tensor;
  });
}

function sumOfSquares(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

function rootOf(sum: number): number | undefined {
  return Number.isFinite(sum) ? Math.sqrt(sum) : undefined;
}
