/**
 * The one representation that every model format becomes: ONNX operators as a typed graph, with named tensors.
 * Operator names, attributes and semantics are those of ONNX (opset 17 unless an operator says otherwise).
 */

/** Element types that a tensor may have. Parameters are float32; the rest occur as shapes, indices and masks. */
export type DataType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool';

export type TensorValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** `parameter`: trained. `buffer`: not trained by gradients, but computed from training data. `constant`: never saw data. */
export type Role = 'parameter' | 'buffer' | 'constant';

/** A tensor stored in the model, in row-major order, in the layout of the model's own file. */
export interface NamedTensor {
  /** Unique in the graph, and the name that its file gives it where the file gives one. */
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly role: Role;
  readonly values: TensorValues;
  /** True where the file states the numbers in a way that is not written back: in the configuration of a layer. */
  readonly isFixed?: boolean;
}

/** A dimension is a number, or `batch`: the one size that is bound when a graph is used. */
export type Dimension = number | 'batch';

export interface GraphInput {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly Dimension[];
}

export type AttributeValue = number | string | readonly number[] | readonly string[];

/** One ONNX operator. An omitted optional input is the empty string, as in ONNX. */
export interface Node {
  readonly operator: string;
  /** Operator set: the empty string for the standard one, `com.microsoft` for onnxruntime's own. */
  readonly domain?: string;
  /** For messages to people: the layer or node name in the model's file. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Nodes are in topological order; every value is written once. */
export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}
