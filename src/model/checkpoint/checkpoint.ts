import type { Role } from '../../graph/graph';
import type { FloatType } from '../floats';
import type { Residue, TensorSummary } from '../model';

/**
 * A file of named tensors without a model around them: any architecture, any size.
 * It cannot be trained here, but its numbers can be clipped and noised as they stream by.
 */
export interface Checkpoint {
  /** For people: `safetensors`, `PyTorch`. */
  readonly format: string;
  readonly tensors: readonly TensorSummary[];
  readonly residues: readonly Residue[];
  /** The file that the user named first. */
  readonly files: readonly CheckpointFile[];
}

export interface CheckpointFile {
  /** Relative to the folder of the file that the user named. */
  readonly path: string;
  readonly size: number;
  /** Floating-point numbers, in the order of the file, without overlap. */
  readonly regions: readonly FloatRegion[];
  /** Tensors of other types, which stay as they are. */
  readonly opaque: readonly NamedRange[];
  /** What must not survive: the state of an optimiser. It is overwritten with zeros. */
  readonly erased: readonly ByteRange[];
  /** Parts of the file whose CRC-32 is written down elsewhere in it. */
  readonly checked: readonly (ByteRange & { readonly checksums: readonly number[] })[];
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface NamedRange extends ByteRange {
  readonly name: string;
}

/** A run of numbers that is one tensor, or the storage that several tensors are views of. */
export interface FloatRegion extends NamedRange {
  readonly type: FloatType;
  readonly role: Role;
  /** True where the region is exactly one tensor in row-major order. */
  readonly isTensor: boolean;
}

/** Running statistics of normalisation layers, by the names that PyTorch, TensorFlow and Flax give them. */
const statistics = /(^|[./_])(running_(mean|var)|moving_(mean|variance)|num_batches_tracked|batch_stats)($|[./_:])/;

/**
 * The role of a tensor that only its name speaks for. Whatever is not floating-point may hold anything that training put there:
 * it counts as a buffer, until a public base proves it a constant.
 */
export function roleByName(name: string, type: FloatType | undefined): Role {
  return type === undefined || statistics.test(name) ? 'buffer' : 'parameter';
}

const batchCounter = /(^|\.)num_batches_tracked$/;

/** How many batches a normalisation has seen was counted during the original training: it starts again at zero. */
export function withCountersErased(file: CheckpointFile): CheckpointFile {
  const counters = file.opaque.filter(({ name }) => isBatchCounter(name));
  return { ...file, opaque: file.opaque.filter(({ name }) => !isBatchCounter(name)), erased: [...file.erased, ...counters] };
}

export function isBatchCounter(name: string): boolean {
  return batchCounter.test(name);
}
