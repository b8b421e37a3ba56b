import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../error';
import { noteInput } from '../../input-files';
import { parseJson } from '../parse-json';
import { isPickle, readTorchLegacy, readTorchZip } from '../pytorch/checkpoint';
import { refuseTorchPrograms } from '../pytorch/programs';
import { checkpointOf, readSafetensors, shardsIn } from '../safetensors/safetensors';
import { readDirectory, type Source } from '../zip/archive';
import type { Checkpoint } from './checkpoint';
import { piecesOf } from './pieces';

const largestIndex = 50_000_000;

/**
 * Opens a file of tensors: safetensors, sharded safetensors by their index, or a PyTorch checkpoint. Only headers are read.
 * @throws UserError model-missing, model-unreadable, model-damaged, model-truncated, model-format-unknown, pickle-refused, weights-…
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  return withSource(path, async (source) => {
    const checkpoint = await readCheckpoint(source, path);
    // A damaged archive may give two entries the same bytes, which no rewriting could do right by.
    for (const file of checkpoint.files) piecesOf(file, Infinity);
    return checkpoint;
  });
}

async function readCheckpoint(source: Source, path: string): Promise<Checkpoint> {
  const start = await source.read(0, Math.min(source.size, 16));
  if (startsWith(start, [0x50, 0x4b, 0x03, 0x04])) {
    const entries = await readDirectory(source);
    refuseTorchPrograms(entries, path);
    const pickle = entries.find((entry) => /^[^/]+\/data\.pkl$/.test(entry.name));
    if (pickle === undefined) throw new UserError('model-format-unknown', 'the ZIP archive is not a PyTorch checkpoint.', { file: path, remedy: 'Name a file that torch.save wrote, a safetensors file, or a model with its layers: Keras, TensorFlow.js or ONNX.' });
    return readTorchZip(source, entries, pickle, path);
  }
  // Before pickles: a header of 640 bytes begins as one does.
  if (isSafetensors(start, source.size)) return checkpointOf([await readSafetensors(source, path)]);
  if (isPickle(start)) return readTorchLegacy(source, path);
  if (start[0] === 0x7b && source.size <= largestIndex) {
    const shards = shardsIn(parseJson(new TextDecoder().decode(await source.read(0, source.size)), path));
    if (shards !== undefined) return openShards(path, source.size, shards);
  }
  throw new UserError('model-format-unknown', 'the file is neither safetensors nor a PyTorch checkpoint.', { file: path, remedy: 'Name a file that torch.save wrote, a safetensors file, or a model with its layers: Keras, TensorFlow.js or ONNX.' });
}

/** Eight bytes of length, then an object. */
export function isSafetensors(start: Uint8Array, size: number): boolean {
  if (start.length < 9 || start[8] !== 0x7b) return false;
  return new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true) <= BigInt(size);
}

async function openShards(path: string, size: number, shards: readonly string[]): Promise<Checkpoint> {
  const parts = [];
  for (const shard of shards) {
    if (basename(shard) !== shard || shard === '..') throw new UserError('weights-missing', `the index names the shard "${shard}", which is not beside it.`, { file: path, remedy: 'Put all shards into the folder of the index, and name them there without folders.' });
    const where = join(dirname(path), shard);
    parts.push(await withSource(where, (source) => readSafetensors(source, where), { code: 'weights-missing', message: `the shard that ${basename(path)} lists does not exist.` }));
  }
  const checkpoint = checkpointOf(parts);
  return { ...checkpoint, files: [{ path: basename(path), size, regions: [], opaque: [], erased: [], checked: [] }, ...checkpoint.files] };
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** Opens a file for reading in parts; what a damaged one makes the readers throw becomes an error for people. */
async function withSource<Result>(path: string, use: (source: Source) => Promise<Result>, missing = { code: 'model-missing', message: 'the model file does not exist.' }): Promise<Result> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw new UserError(missing.code, missing.message, { file: path, remedy: 'Check the path.', cause: error });
  }
  try {
    const status = await handle.stat({ bigint: true });
    if (!status.isFile()) throw new UserError('model-unreadable', 'this is a folder, not a file.', { file: path, remedy: 'Name the model file in it.' });
    noteInput(path, status);
    const size = Number(status.size);
    return await use({
      size,
      read: async (start, end) => {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        await handle.read(bytes, 0, bytes.length, start);
        return bytes;
      },
    });
  } catch (error) {
    if (error instanceof UserError || !(error instanceof RangeError)) throw error;
    throw new UserError('model-damaged', `the file is damaged: ${error.message}.`, { file: path, remedy: 'Copy or download it again.', cause: error });
  } finally {
    await handle.close();
  }
}
