import { roleByName } from './checkpoint/checkpoint';
import type { FloatType } from './floats';
import type { TensorSummary } from './model';
import { locateTensors } from './onnx/stored-tensors';
import { modelJson } from './tfjs/manifest';

/** TensorProto.DataType by its code. */
const onnxTypes = ['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16', 'float8_e4m3', 'float8_e4m3fnuz', 'float8_e5m2', 'float8_e5m2fnuz', 'uint4', 'int4', 'float4_e2m1'];

/**
 * The tensors that an ONNX or TensorFlow.js file lists, for models that can be looked at and not trained.
 * Undefined for any other file.
 */
export function listTensors(bytes: Uint8Array): { readonly format: string; readonly tensors: readonly TensorSummary[] } | undefined {
  return listTfjs(bytes) ?? listOnnx(bytes);
}

function listTfjs(bytes: Uint8Array): ReturnType<typeof listTensors> {
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

function listOnnx(bytes: Uint8Array): ReturnType<typeof listTensors> {
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
