import { UserError } from '../../error';
import { bind, inferShapes } from '../../graph/bind';
import { GraphBuilder } from '../../graph/builder';
import type { AttributeValue, DataType, Dimension, Graph, NamedTensor, Node } from '../../graph/graph';
import { decodeModel, type OnnxAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValueInfo } from '../../graph/onnx-proto';
import { finalOutputs } from '../final-outputs';
import { isInTrainingForm } from './batch-normalization';
import { normalizeNode } from './normalize-node';
import type { OnnxFloats } from './onnx-file';
import { roleOf } from './roles';

/** float16 and bfloat16 models are computed in float32. */
const dataTypes: Readonly<Record<number, DataType>> = { 1: 'float32', 6: 'int32', 7: 'int64', 9: 'bool', 10: 'float32', 11: 'float32', 16: 'float32' };

const oldest = 9;

export interface GraphOfFile {
  readonly graph: Graph;
  /** Batch normalisations that the file has in training form. */
  readonly inTrainingForm: number;
}

/**
 * The graph of an ONNX model, in operator set 17.
 * @throws UserError model-damaged, operator-set-unsupported, layer-unsupported, weights-quantized, shape-unknown
 */
export function toGraph(bytes: Uint8Array, floats: readonly OnnxFloats[], file: string): GraphOfFile {
  const model = decodeModel(bytes);
  const graph = model.graph ?? {};
  const version = model.opsetImport?.find(({ domain }) => domain === undefined || domain === '' || domain === 'ai.onnx')?.version ?? 1;
  if (version < oldest) throw new UserError('operator-set-unsupported', `the model uses ONNX operator set ${version}; ${oldest} and later are supported.`, { file, remedy: 'Convert it with onnx.version_converter.' });

  const build = new GraphBuilder();
  for (const name of namesIn(graph)) build.fresh(name);
  const nodes = graph.node ?? [];
  const calls = nodes.filter((node) => node.opType !== 'Constant').map((node) => readNode(node, file));
  for (const tensor of floats.filter(({ nested }) => !nested)) build.tensor({ name: tensor.name, dataType: 'float32', shape: tensor.shape, role: roleOf(tensor, calls), values: tensor.values });
  for (const tensor of [...(graph.initializer ?? []), ...nodes.flatMap(constantTensor)]) {
    if (!build.tensors.has(tensor.name ?? '')) build.tensor(integerTensor(tensor, file));
  }
  const stored = new Set(build.tensors.keys());
  for (const input of graph.input ?? []) {
    if (!stored.has(input.name ?? '')) build.inputs.push(readInput(input, file));
  }
  for (const node of calls) {
    build.nodes.push(normalizeNode(node, {
      version,
      build,
      constant: (name) => numbersOf(build.tensors.get(name)),
      rankOf: (name) => shapeOf(build, name)?.length,
      shapeOf: (name) => shapeOf(build, name),
      known: (name) => boundTo(build, name)?.known.get(name),
    }));
  }
  const statistics = updatedStatistics(calls, file);
  const outputs = (graph.output ?? []).map((output) => output.name ?? '').filter((name) => !statistics.has(name));
  for (const output of finalOutputs(build.nodes, outputs)) build.output(output);
  return { graph: withFreeBatch(build.build()), inTrainingForm: calls.filter((node) => isInTrainingForm(node, version)).length };
}

/**
 * What batch normalisations of a model exported for training give besides their result: their running statistics after one more batch.
 * Those are no predictions, and no node may compute with them. @throws UserError layer-unsupported
 */
function updatedStatistics(nodes: readonly Node[], file: string): ReadonlySet<string> {
  const statistics = new Set(nodes.filter(({ operator }) => operator === 'BatchNormalization').flatMap(({ outputs }) => outputs.slice(1)).filter((name) => name !== ''));
  const reader = nodes.find(({ inputs }) => inputs.some((name) => statistics.has(name)));
  if (reader !== undefined) throw new UserError('layer-unsupported', `node \`${reader.name}\` (${reader.operator}) computes with the running statistics that a batch normalisation has just updated.`, { file, remedy: 'Export the model for inference: model.eval() before torch.onnx.export.' });
  return statistics;
}

function namesIn(graph: OnnxGraph): ReadonlySet<string> {
  return new Set([
    ...(graph.initializer ?? []).map((tensor) => tensor.name ?? ''),
    ...(graph.input ?? []).map((input) => input.name ?? ''),
    ...(graph.node ?? []).flatMap((node) => [...(node.input ?? []), ...(node.output ?? [])]),
  ]);
}

function readNode(node: OnnxNode, file: string): Node {
  const operator = node.opType ?? '';
  const output = node.output?.[0] ?? '';
  const name = node.name === undefined || node.name === '' ? output : node.name;
  if (/[Qq]uantizeLinear|Integer$|^QLinear/.test(operator)) {
    throw new UserError('weights-quantized', `the model is quantised: node \`${name}\` (${operator}) computes with rounded integers, and noise of a certified size cannot be added to those.`, { file, remedy: 'Export the model again without quantisation.' });
  }
  if (node.attribute?.some((attribute) => attribute.g !== undefined || Array.isArray(attribute['graphs']))) {
    throw new UserError('layer-unsupported', `node \`${name}\` (${operator}) holds a graph of its own, which can be looked at and not be trained.`, { file, remedy: 'Export the model without If, Loop and Scan, with its shapes fixed.' });
  }
  const attributes: Record<string, AttributeValue> = {};
  for (const attribute of node.attribute ?? []) {
    const value = readAttribute(attribute);
    if (value !== undefined) attributes[attribute.name ?? ''] = value;
    if (operator === 'ConstantOfShape') attributes['elementType'] = attribute.t?.dataType ?? 1;
  }
  const domain = node.domain === undefined || node.domain === 'ai.onnx' ? '' : node.domain;
  return { operator, name, inputs: node.input ?? [], outputs: node.output ?? [], attributes, ...(domain === '' ? {} : { domain }) };
}

/** A tensor of one number, as ConstantOfShape has it, is given as that number. */
function readAttribute(attribute: OnnxAttribute): AttributeValue | undefined {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  if (attribute.f !== undefined) return attribute.f;
  if (attribute.i !== undefined) return attribute.i;
  if (attribute.s !== undefined) return text(attribute.s);
  if (attribute.t !== undefined) return numbersIn(attribute.t)[0];
  if (attribute.strings !== undefined && attribute.strings.length > 0) return attribute.strings.map(text);
  return attribute.floats !== undefined && attribute.floats.length > 0 ? attribute.floats : attribute.ints ?? attribute.floats;
}

/** Integer constants hold shapes and indices; those of Constant nodes go by the node's output. */
function constantTensor(node: OnnxNode): readonly OnnxTensor[] {
  const [attribute] = node.opType === 'Constant' ? node.attribute ?? [] : [];
  if (attribute === undefined) return [];
  const name = node.output?.[0] ?? '';
  if (attribute.t !== undefined) return [{ ...attribute.t, name }];
  if (attribute.name === 'value_int') return [{ name, dims: [], dataType: 7, int64Data: [attribute.i ?? 0] }];
  if (attribute.name === 'value_ints') return [{ name, dims: [attribute.ints?.length ?? 0], dataType: 7, int64Data: attribute.ints ?? [] }];
  return [];
}

function integerTensor(tensor: OnnxTensor, file: string): NamedTensor {
  const dataType = dataTypes[tensor.dataType ?? 0];
  const name = tensor.name ?? '';
  if (dataType === undefined || dataType === 'float32') {
    throw new UserError('weights-type', `the tensor \`${name}\` is of ONNX type ${tensor.dataType ?? 0}, which cannot be trained with: float32, float16, bfloat16 and float64 can.`, { file, remedy: 'Export the model with float32 parameters.' });
  }
  const numbers = numbersIn(tensor);
  const values = dataType === 'int64' ? longs(tensor, numbers) : dataType === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
  return { name, dataType, shape: tensor.dims ?? [], role: 'constant', values };
}

/** The end of an open slice is the largest of all whole numbers, which no double holds. */
function longs(tensor: OnnxTensor, numbers: readonly number[]): BigInt64Array {
  if (tensor.rawData !== undefined) return new BigInt64Array(new Uint8Array(tensor.rawData).buffer);
  return BigInt64Array.from(numbers, (value) => (value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value)));
}

function numbersIn(tensor: OnnxTensor): readonly number[] {
  const raw = tensor.rawData === undefined ? undefined : new Uint8Array(tensor.rawData).buffer;
  if (raw === undefined) return [tensor.floatData, tensor.int64Data, tensor.int32Data, tensor.doubleData].find((list) => list !== undefined && list.length > 0) ?? [];
  switch (tensor.dataType) {
    case 1: return [...new Float32Array(raw)];
    case 6: return [...new Int32Array(raw)];
    case 7: return Array.from(new BigInt64Array(raw), Number);
    case 11: return [...new Float64Array(raw)];
    default: return [...new Uint8Array(raw)];
  }
}

function numbersOf(tensor: NamedTensor | undefined): readonly number[] | undefined {
  return tensor === undefined ? undefined : Array.from(tensor.values, Number);
}

function readInput(input: OnnxValueInfo, file: string): { name: string; dataType: DataType; shape: Dimension[] } {
  const name = input.name ?? '';
  const type = input.type?.tensorType;
  const dataType = dataTypes[type?.elemType ?? 0];
  if (dataType === undefined) throw new UserError('input-unsupported', `the input \`${name}\` is of a type that is not supported.`, { file, remedy: 'Export the model with inputs of float32, or int32 or int64 for row numbers.' });
  const shape = (type?.shape?.dim ?? []).map((dimension, axis): Dimension => {
    if (dimension.dimValue !== undefined && dimension.dimValue > 0) return dimension.dimValue;
    if (axis === 0) return 'batch';
    throw new UserError('shape-unknown', `axis ${axis} of the input \`${name}\` has no fixed size, and a certified run needs one.`, { file, remedy: 'Export the model with a fixed shape but for the batch.' });
  });
  return { name, dataType, shape };
}

/** Many models are exported for one record at a time and work for any number: where shapes allow it, the batch is set free. */
function withFreeBatch(graph: Graph): Graph {
  if (graph.inputs.some((input) => input.shape[0] === undefined || input.shape[0] === 'batch')) return graph;
  const freed = { ...graph, inputs: graph.inputs.map((input) => ({ ...input, shape: ['batch' as const, ...input.shape.slice(1)] })) };
  return growsWithBatch(freed) ? freed : [withFreeReshapes(freed)].find(growsWithBatch) ?? graph;
}

function growsWithBatch(graph: Graph): boolean {
  try {
    const [two, three] = [inferShapes(graph, { batch: 2 }), inferShapes(graph, { batch: 3 })];
    return graph.outputs.every((output) => two.get(output)?.shape[0] === 2 && three.get(output)?.shape[0] === 3);
  } catch {
    return false;
  }
}

/** A model traced on one record reshapes to (1, …): where the first axis is the batch, it is copied instead. */
function withFreeReshapes(graph: Graph): Graph {
  const build = new GraphBuilder(graph, false);
  const known = knownIntegers(graph);
  const nodes = graph.nodes.map((node) => {
    const target = node.operator === 'Reshape' ? known.get(node.inputs[1] ?? '') : undefined;
    return target?.[0] === 1 ? { ...node, inputs: [node.inputs[0] ?? '', build.integers([0, ...target.slice(1)])], attributes: {} } : node;
  });
  return { ...graph, nodes, tensors: build.tensors };
}

/** Shapes are often computed by nodes of their own, from constants. */
function knownIntegers(graph: Graph): ReadonlyMap<string, readonly number[]> {
  try {
    return bind(graph, { batch: 1 }).known;
  } catch {
    return new Map();
  }
}

/** Undefined where the shape of a value cannot be worked out. */
function shapeOf(build: GraphBuilder, name: string): readonly number[] | undefined {
  return boundTo(build, name)?.types.get(name)?.shape;
}

function boundTo(build: GraphBuilder, name: string): ReturnType<typeof bind> | undefined {
  try {
    return bind({ ...build.build(), outputs: [name] }, { batch: 2 });
  } catch {
    return undefined;
  }
}
