import type { Role } from '../graph/graph';
import { roleByName } from './checkpoint/checkpoint';
import type { FloatType } from './floats';
import { isHdf5 } from './hdf5/container';
import { partsOfArchive } from './keras/keras-archive';
import { readWeightsFile } from './keras/weights-file';
import type { TensorSummary } from './model';
import { normOf } from './norms';
import { locateTensors } from './onnx/stored-tensors';
import { modelJson } from './tfjs/manifest';

/** TensorProto.DataType by its code. */
const onnxTypes = ['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16', 'float8_e4m3', 'float8_e4m3fnuz', 'float8_e5m2', 'float8_e5m2fnuz', 'uint4', 'int4', 'float4_e2m1'];

/** What a file lists of its tensors, without the model that computes with them. */
export interface Listing {
  readonly format: string;
  readonly tensors: readonly TensorSummary[];
}

/**
 * The tensors that an ONNX, TensorFlow.js or Keras file lists, for models that can be looked at and not trained.
 * Undefined for any other file.
 */
export async function listTensors(bytes: Uint8Array, file: string): Promise<Listing | undefined> {
  return listTfjs(bytes) ?? await listKeras(bytes, file) ?? listOnnx(bytes);
}

async function listKeras(bytes: Uint8Array, file: string): Promise<Listing | undefined> {
  try {
    const archive = isHdf5(bytes) ? undefined : await partsOfArchive(bytes);
    if (archive === undefined && !isHdf5(bytes)) return undefined;
    const contents = await readWeightsFile(archive?.weights ?? bytes, file);
    const words = [...archive?.texts ?? []].map(([name, text]): TensorSummary => ({ ...summaryOf(name, [text.replace(/\n+$/, '').split('\n').length], 'string'), role: 'buffer' }));
    const tensors = contents.weights.map(({ name, path, shape, values }) => ({ ...summaryOf(name, shape, 'float32'), role: roleByPath(path, contents.weights), norm: normOf(values) }));
    return { format: archive === undefined ? `Keras ${contents.generation} HDF5` : `Keras ${archive.generation} archive`, tensors: [...tensors, ...words] };
  } catch {
    return undefined;
  }
}

/** Keras 3 numbers the variables of a layer: the moving statistics of a batch normalisation are its last two. */
function roleByPath(path: string, weights: readonly { readonly path: string }[]): Role {
  const [, layer, number] = /^(.*)\/vars\/(\d+)$/.exec(path) ?? [];
  if (layer === undefined) return /\/(mean|variance|count)(:0)?$/.test(path) ? 'buffer' : roleByName(path.replace(/:0$/, ''), 'float32');
  const count = weights.filter((other) => other.path.startsWith(`${layer}/vars/`)).length;
  if (/(^|\/)normalization(_\d+)?$/.test(layer)) return 'buffer';
  return /(^|\/)batch_normalization(_\d+)?$/.test(layer) && Number(number) >= count - 2 ? 'buffer' : 'parameter';
}

function listTfjs(bytes: Uint8Array): Listing | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    const { modelTopology, format, weightsManifest } = modelJson.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const isGraph = format === 'graph-model' || Array.isArray(modelTopology['node']);
    const tensors = weightsManifest.flatMap((group) => group.weights).map(({ name, shape, dtype, quantization }) => summaryOf(name, shape, quantization === undefined ? dtype : 'quantised'));
    return { format: isGraph ? 'TensorFlow.js graph model' : 'TensorFlow.js layers', tensors };
  } catch {
    return undefined;
  }
}

function listOnnx(bytes: Uint8Array): Listing | undefined {
  try {
    const tensors = locateTensors(bytes).map(({ name, shape, elementType }) => summaryOf(name, shape, onnxTypes[elementType] ?? `type ${elementType}`));
    return { format: 'ONNX', tensors };
  } catch {
    return undefined;
  }
}

function summaryOf(name: string, shape: readonly number[], dataType: string): TensorSummary {
  const isFloat = ['float32', 'float16', 'bfloat16', 'float64'].includes(dataType);
  return { name, shape, dataType, role: roleByName(name, isFloat ? dataType as FloatType : undefined), count: shape.reduce((count, dimension) => count * dimension, 1) };
}
