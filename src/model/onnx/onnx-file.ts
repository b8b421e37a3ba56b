import { basename, normalize } from 'node:path';
import { UserError } from '../../error';
import { encodeFinite } from '../finite';
import { bytesOf, decodeFloats, type FloatType } from '../floats';
import type { ModelFile } from '../model';
import { readBeside } from '../read-model-file';
import { locateTensors, type TensorPlace } from './stored-tensors';

const floatTypes: Readonly<Record<number, FloatType>> = { 1: 'float32', 10: 'float16', 11: 'float64', 16: 'bfloat16' };

/** A floating-point tensor of an ONNX file. */
export interface OnnxFloats {
  readonly name: string;
  readonly origin: TensorPlace['origin'];
  readonly nested: boolean;
  readonly shape: readonly number[];
  readonly type: FloatType;
  readonly values: Float32Array;
}

/** An ONNX file as stored numbers, each at a known place; nothing is assumed of the operators. */
export interface OnnxFile {
  readonly floats: readonly OnnxFloats[];
  /** The same bytes with new numbers in the same places; tensors that are not given stay bit for bit. @throws UserError noise-beyond-type */
  readonly write: (values: ReadonlyMap<string, Float32Array>) => readonly ModelFile[];
}

/**
 * @throws UserError weights-missing, model-truncated, weights-layout-unsupported
 * @throws RangeError where the bytes are not an ONNX file
 */
export async function openOnnxFile(bytes: Uint8Array, file: string): Promise<OnnxFile> {
  const externals = new Map<string, Uint8Array>();
  const placed: { tensor: OnnxFloats; runs: readonly Run[] }[] = [];
  for (const place of locateTensors(bytes)) {
    const type = floatTypes[place.elementType];
    if (type === undefined) continue;
    if (place.varints) {
      throw new UserError('weights-layout-unsupported', `the tensor \`${place.name}\` stores its ${type} numbers one by one as integers, which is not supported yet.`, { file, remedy: 'Export the model again with raw data: numpy_helper.from_array.' });
    }
    const runs = place.external === undefined ? place.inFile.map((range) => ({ ...range, external: undefined })) : [await externalRun(place, place.external, file, externals)];
    const pieces = runs.map((run) => (run.external === undefined ? bytes : externals.get(run.external) ?? new Uint8Array()).subarray(run.start, run.end));
    const stored = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    const count = place.shape.reduce((size, dimension) => size * dimension, 1);
    if (stored.length !== count * bytesOf[type]) {
      throw new UserError('model-damaged', `the tensor \`${place.name}\` of shape (${place.shape.join(', ')}) has ${stored.length} bytes instead of ${count * bytesOf[type]}.`, { file, remedy: 'Copy or download the model again, or export it anew.' });
    }
    placed.push({ tensor: { name: place.name, origin: place.origin, nested: place.nested, shape: place.shape, type, values: decodeFloats(stored, type) }, runs });
  }
  return {
    floats: placed.map(({ tensor }) => tensor),
    write: (values) => {
      const main = bytes.slice();
      const others = new Map([...externals].map(([path, content]) => [path, content.slice()]));
      for (const { tensor, runs } of placed) {
        const replacement = values.get(tensor.name);
        if (replacement === undefined) continue;
        if (replacement.length !== tensor.values.length) throw new RangeError(`${tensor.name} holds ${tensor.values.length} numbers and is given ${replacement.length}`);
        const encoded = encodeFinite(tensor.name, replacement, tensor.type, file);
        let from = 0;
        for (const { start, end, external } of runs) {
          (external === undefined ? main : others.get(external))?.set(encoded.subarray(from, from + end - start), start);
          from += end - start;
        }
      }
      return [{ path: basename(file), bytes: main }, ...[...others].map(([path, content]) => ({ path, bytes: content }))];
    },
  };
}

interface Run {
  readonly start: number;
  readonly end: number;
  /** Path of the file that holds the numbers, where it is not the model's own. */
  readonly external: string | undefined;
}

async function externalRun(place: TensorPlace, entries: ReadonlyMap<string, string>, file: string, loaded: Map<string, Uint8Array>): Promise<Run> {
  const location = entries.get('location') ?? '';
  const path = normalize(location);
  const content = loaded.get(path) ?? (await readBeside(file, location)).bytes;
  loaded.set(path, content);
  const start = Number(entries.get('offset') ?? 0);
  const end = start + Number(entries.get('length') ?? content.length - start);
  if (!(start >= 0 && end >= start && end <= content.length)) {
    throw new UserError('model-truncated', `the weight file ${path} ends before the tensor \`${place.name}\` does.`, { file, remedy: 'Copy or download it again.' });
  }
  return { start, end, external: path };
}
