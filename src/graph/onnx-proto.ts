import { Root } from 'protobufjs';
import type { INamespace } from 'protobufjs';
import { onnxSchema } from './onnx-schema.generated';

/** The messages of an ONNX file (onnx-ml.proto), as plain objects. Absent fields are absent keys; 64-bit integers are numbers. */
export interface OnnxModel {
  irVersion?: number;
  opsetImport?: OnnxOperatorSet[];
  producerName?: string;
  graph?: OnnxGraph;
  /** Fields that this program only carries through. */
  [other: string]: unknown;
}

export interface OnnxOperatorSet {
  domain?: string;
  version?: number;
}

export interface OnnxGraph {
  node?: OnnxNode[];
  name?: string;
  initializer?: OnnxTensor[];
  input?: OnnxValueInfo[];
  output?: OnnxValueInfo[];
  valueInfo?: OnnxValueInfo[];
  [other: string]: unknown;
}

export interface OnnxNode {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  domain?: string;
  attribute?: OnnxAttribute[];
  [other: string]: unknown;
}

export interface OnnxAttribute {
  name?: string;
  /** A code of `attributeTypes`. */
  type?: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: OnnxTensor;
  g?: OnnxGraph;
  floats?: number[];
  ints?: number[];
  strings?: Uint8Array[];
  [other: string]: unknown;
}

export interface OnnxTensor {
  name?: string;
  dims?: number[];
  /** A code of `elementTypes`. */
  dataType?: number;
  rawData?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: number[];
  doubleData?: number[];
  externalData?: { key?: string; value?: string }[];
  /** 1 where the values are in a file of their own. */
  dataLocation?: number;
  [other: string]: unknown;
}

export interface OnnxValueInfo {
  name?: string;
  type?: { tensorType?: { elemType?: number; shape?: { dim?: { dimValue?: number; dimParam?: string }[] } }; [other: string]: unknown };
  [other: string]: unknown;
}

/** Codes of AttributeProto.type. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

/** Codes of TensorProto.data_type for the element types of a graph. */
export const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;

const modelType = Root.fromJSON(onnxSchema as unknown as INamespace).lookupType('onnx.ModelProto');

/** Throws what protobufjs throws where `bytes` are not a message. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  return modelType.toObject(modelType.decode(bytes), { longs: Number });
}

export function encodeModel(model: OnnxModel): Uint8Array {
  return modelType.encode(modelType.fromObject(model)).finish();
}
