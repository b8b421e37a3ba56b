import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../error';
import type { Checkpoint, NamedRange } from './checkpoint/checkpoint';
import { openCheckpoint } from './checkpoint/open-checkpoint';
import { bytesOf, decodeFloats, type FloatType } from './floats';
import { openModel } from './open-model';

/** How one tensor of a model relates to the public model that it was made from. */
export interface BaseComparison {
  readonly name: string;
  /** `identical`: bit for bit, so no private data is in it. `moved`: same shape. `unlike`: another shape or type. `absent`: not in the base. */
  readonly relation: 'identical' | 'moved' | 'unlike' | 'absent';
  /** Euclidean norm of the difference; undefined where there is none to speak of. */
  readonly distance: number | undefined;
}

/** Tensors by name, each read in parts. */
interface TensorReader {
  readonly tensors: readonly TensorHandle[];
  close(): Promise<void>;
}

interface TensorHandle {
  readonly name: string;
  readonly shape: readonly number[];
  /** `bytes` for what is not floating-point. */
  readonly type: FloatType | 'bytes';
  readonly count: number;
  read(from: number, to: number): Promise<Float32Array | Uint8Array>;
}

const chunk = 2 ** 20;

/**
 * Compares a model with the public base that it was fine-tuned from, tensor by tensor, holding a megabyte of each.
 * @throws UserError as `openModel` and `openCheckpoint` do; base-unrelated where no tensor has a name in common
 */
export async function compareWithBase(path: string, basePath: string): Promise<readonly BaseComparison[]> {
  const [own, base] = [await openReader(path), await openReader(basePath)];
  try {
    const byName = new Map(base.tensors.map((tensor) => [tensor.name, tensor]));
    if (!own.tensors.some(({ name }) => byName.has(name))) {
      throw new UserError('base-unrelated', 'no tensor of the base has the name of a tensor of the model.', { file: basePath, remedy: 'Name the checkpoint that this model was fine-tuned from, in the same naming.' });
    }
    const comparisons: BaseComparison[] = [];
    for (const tensor of own.tensors) comparisons.push(await compare(tensor, byName.get(tensor.name)));
    return comparisons;
  } finally {
    await Promise.all([own.close(), base.close()]);
  }
}

async function compare(tensor: TensorHandle, base: TensorHandle | undefined): Promise<BaseComparison> {
  const { name } = tensor;
  if (base === undefined) return { name, relation: 'absent', distance: undefined };
  if (tensor.type !== base.type || tensor.count !== base.count || tensor.shape.join() !== base.shape.join()) return { name, relation: 'unlike', distance: undefined };
  let identical = true;
  let squares = 0;
  for (let from = 0; from < tensor.count; from += chunk) {
    const to = Math.min(from + chunk, tensor.count);
    const [ours, theirs] = [await tensor.read(from, to), await base.read(from, to)];
    for (let index = 0; index < ours.length; index += 1) {
      const difference = (ours[index] ?? 0) - (theirs[index] ?? 0);
      squares += difference * difference;
    }
    identical &&= bytesEqual(ours, theirs);
  }
  return { name, relation: identical ? 'identical' : 'moved', distance: tensor.type === 'bytes' ? undefined : Math.sqrt(squares) };
}

/** Bits, not values: −0 and 0 are not the same file, and NaN may equal NaN. */
function bytesEqual(one: Float32Array | Uint8Array, other: Float32Array | Uint8Array): boolean {
  return Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(Buffer.from(other.buffer, other.byteOffset, other.byteLength));
}

async function openReader(path: string): Promise<TensorReader> {
  try {
    const { graph } = await openModel(path);
    const tensors = [...graph.tensors.values()].flatMap(({ name, shape, values }): TensorHandle[] => (
      values instanceof Float32Array ? [{ name, shape, type: 'float32', count: values.length, read: (from, to) => Promise.resolve(values.subarray(from, to)) }] : []
    ));
    return { tensors, close: () => Promise.resolve() };
  } catch (error) {
    if (!(error instanceof UserError) || !['model-without-graph', 'model-too-large'].includes(error.code)) throw error;
    return checkpointReader(path, await openCheckpoint(path));
  }
}

async function checkpointReader(path: string, checkpoint: Checkpoint): Promise<TensorReader> {
  const shapes = new Map(checkpoint.tensors.map(({ name, shape }) => [name, shape]));
  const opened = await Promise.all(checkpoint.files.map(async (file) => ({ file, handle: await open(join(dirname(path), file.path), 'r') })));
  const tensors = opened.flatMap(({ file, handle }) => {
    const part = (range: NamedRange, type: FloatType | 'bytes'): TensorHandle => {
      const size = type === 'bytes' ? 1 : bytesOf[type];
      const read = async (from: number, to: number): Promise<Float32Array | Uint8Array> => {
        const bytes = new Uint8Array((to - from) * size);
        await handle.read(bytes, 0, bytes.length, range.start + from * size);
        return type === 'bytes' ? bytes : decodeFloats(bytes, type);
      };
      return { name: range.name, shape: shapes.get(range.name) ?? [], type, count: (range.end - range.start) / size, read };
    };
    return [...file.regions.map((region) => part(region, region.type)), ...file.opaque.map((range) => part(range, 'bytes'))];
  });
  return { tensors, close: async () => {
    for (const { handle } of opened) await handle.close();
  } };
}
