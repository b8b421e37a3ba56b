import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../error';
import type { NamedTensor } from '../../graph/graph';
import { encodeFinite, requireFinite } from '../finite';
import { decodeFloats, narrowTypes } from '../floats';
import type { Model, ModelFile } from '../model';
import { openOnnx } from '../onnx/open-onnx';
import { readModelFile } from '../read-model-file';
import { crc32 } from '../zip/crc32';
import { isBatchCounter, withCountersErased, type CheckpointFile, type FloatRegion } from './checkpoint';
import { openCheckpoint } from './open-checkpoint';

interface Loaded {
  readonly file: CheckpointFile;
  readonly bytes: Uint8Array;
}

/**
 * Opens a checkpoint with the model that computes with it: an ONNX export beside it, under the same name. The graph is the export's,
 * the numbers are the checkpoint's, and they are written back into the checkpoint.
 * @param without what is thrown where there is no such export
 * @throws UserError weights-unexpected, weights-misshapen where the two are not of one model, and those of both formats
 */
export async function openWithGraphBeside(path: string, without: UserError): Promise<Model> {
  const exported = join(dirname(path), `${basename(path).replace(/(\.safetensors\.index\.json|\.[^.]+)$/, '')}.onnx`);
  if (!existsSync(exported)) throw without;
  const [checkpoint, model] = [await openCheckpoint(path), await openOnnx(await readModelFile(exported), exported)];
  const loaded = await Promise.all(checkpoint.files.map(async (file): Promise<Loaded> => ({ file, bytes: await readModelFile(join(dirname(path), file.path)) })));
  // Numbers that are not floating-point can be neither noised nor computed anew, and may hold whatever training put there.
  const uncovered = checkpoint.tensors.find(({ name, role }) => role === 'buffer' && !isBatchCounter(name) && !checkpoint.files.some(({ regions }) => regions.some((region) => region.name === name)));
  if (uncovered !== undefined) throw new UserError('tensor-uncovered', `the tensor \`${uncovered.name}\` cannot be noised or computed anew here, and it may hold what training left in it.`, { file: path, remedy: 'Save the checkpoint without it.' });
  const counters = checkpoint.tensors.filter(({ name }) => isBatchCounter(name));
  const shapes = new Map(checkpoint.tensors.map(({ name, shape }) => [name, shape]));
  const tensors = new Map<string, NamedTensor>(model.graph.tensors);
  for (const { name, shape } of tensors.values()) {
    const stored = shapes.get(name);
    if (stored !== undefined && stored.join() !== shape.join()) throw new UserError('weights-misshapen', `\`${name}\` has shape (${stored.join(', ')}), and the model beside it needs (${shape.join(', ')}).`, { file: path, remedy: 'Export the model to ONNX again from this very checkpoint.' });
  }
  for (const { file, bytes } of loaded) {
    for (const region of file.regions) tensors.set(region.name, { ...matching(region, tensors, path), values: valuesOf(region, bytes, path) });
  }
  const stored = new Set(loaded.flatMap(({ file }) => file.regions.map((region) => region.name)));
  const missing = [...tensors.values()].find(({ name, role }) => role !== 'constant' && !stored.has(name));
  if (missing !== undefined) throw unrelated(`the model beside it trains \`${missing.name}\`, which the checkpoint does not hold`, path);
  return {
    format: `${checkpoint.format} with ONNX`,
    graph: { ...model.graph, tensors },
    residues: [...checkpoint.residues, ...counters.map(({ name }) => ({ name, kind: 'buffer', treatment: 'dropped' }) as const)],
    roundedTo: narrowTypes(checkpoint.files.flatMap(({ regions }) => regions)),
    write: (values) => Promise.resolve(loaded.map((part) => rewritten(part, values, path))),
  };
}

function matching(region: FloatRegion, tensors: ReadonlyMap<string, NamedTensor>, path: string): NamedTensor {
  const tensor = tensors.get(region.name);
  if (tensor === undefined) throw unrelated(`the model beside it does not use the tensor \`${region.name}\``, path);
  if (!region.isTensor) throw new UserError('weights-layout-unsupported', `the tensor \`${region.name}\` shares its storage or is not in row-major order.`, { file: path, remedy: 'Save it with .contiguous(), or as safetensors.' });
  return tensor;
}

function unrelated(why: string, file: string): UserError {
  return new UserError('weights-unexpected', `${why}.`, { file, remedy: 'Export the model to ONNX without constant folding, so that it keeps the names of the checkpoint.' });
}

function valuesOf(region: FloatRegion, bytes: Uint8Array, file: string): Float32Array {
  const values = decodeFloats(bytes.subarray(region.start, region.end), region.type);
  requireFinite(region.name, values, file);
  return values;
}

function rewritten({ file, bytes }: Loaded, values: ReadonlyMap<string, Float32Array>, path: string): ModelFile {
  const written = bytes.slice();
  for (const { name, type, start } of file.regions) {
    const replacement = values.get(name);
    if (replacement !== undefined) written.set(encodeFinite(name, replacement, type, path), start);
  }
  // Where nothing is replaced, it is the same file.
  for (const { start, end } of values.size === 0 ? file.erased : withCountersErased(file).erased) written.fill(0, start, end);
  for (const { start, end, checksums } of file.checked) {
    const checksum = crc32(written.subarray(start, end));
    for (const at of checksums) new DataView(written.buffer).setUint32(at, checksum, true);
  }
  return { path: file.path, bytes: written };
}
