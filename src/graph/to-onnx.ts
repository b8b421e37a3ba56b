import { encodeModel, attributeTypes, elementTypes } from './onnx-proto';
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnx-proto';
import type { AttributeValue, DataType, Dimension, Graph, NamedTensor, Node } from './graph';

/** Attributes that ONNX declares as floats; a whole number there must not be written as an integer. */
const floatAttributes = new Set(['alpha', 'beta', 'gamma', 'epsilon', 'momentum', 'ratio', 'bias', 'lambd', 'clip', 'scale', 'mean', 'activation_alpha', 'activation_beta', 'cubic_coeff_a', 'extrapolation_value']);

const standardOperatorSet = 17;
/** IR version 8 goes with operator set 17. */
const irVersion = 8;

/**
 * The graph as the bytes of an ONNX model. Tensors named in `asInputs` become inputs of the model, in that order after its own inputs;
 * all others are stored in it. Tensors that no node reads are left out.
 */
export function encodeGraph(graph: Graph, asInputs: readonly string[] = []): Uint8Array {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  const fed = new Set(asInputs);
  const stored = [...graph.tensors.values()].filter((tensor) => read.has(tensor.name) && !fed.has(tensor.name));
  const fedTensors = asInputs.flatMap((name) => graph.tensors.get(name) ?? []);
  return encodeModel({
    irVersion,
    producerName: 'certified-unlearning',
    opsetImport: [{ domain: '', version: standardOperatorSet }, { domain: 'com.microsoft', version: 1 }],
    graph: {
      name: 'graph',
      node: graph.nodes.map(encodeNode),
      initializer: stored.map(encodeTensor),
      input: [...graph.inputs, ...fedTensors].map((input) => valueInfo(input.name, input.dataType, input.shape)),
      output: graph.outputs.map((name) => ({ name })),
    },
  });
}

function encodeNode(node: Node): OnnxNode {
  return {
    input: [...node.inputs],
    output: [...node.outputs],
    name: node.outputs.find((output) => output !== '') ?? node.name,
    opType: node.operator,
    domain: node.domain ?? '',
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
  };
}

function encodeAttribute(name: string, value: AttributeValue): OnnxAttribute {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const isFloat = floatAttributes.has(name);
  if (typeof value === 'string') return { name, type: attributeTypes.string, s: bytes(value) };
  if (typeof value === 'number') return isFloat ? { name, type: attributeTypes.float, f: value } : { name, type: attributeTypes.int, i: value };
  const numbers = value.filter((entry) => typeof entry === 'number');
  if (numbers.length < value.length) return { name, type: attributeTypes.strings, strings: value.map((entry) => bytes(String(entry))) };
  return isFloat ? { name, type: attributeTypes.floats, floats: numbers } : { name, type: attributeTypes.ints, ints: numbers };
}

function encodeTensor(tensor: NamedTensor): OnnxTensor {
  const { values } = tensor;
  return { name: tensor.name, dims: [...tensor.shape], dataType: elementTypes[tensor.dataType], rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function valueInfo(name: string, dataType: DataType, shape: readonly Dimension[]): OnnxValueInfo {
  return { name, type: { tensorType: { elemType: elementTypes[dataType], shape: { dim: shape.map((size) => (size === 'batch' ? { dimParam: 'batch' } : { dimValue: size })) } } } };
}
