import { inferShapes } from '../graph/bind';
import type { Graph, Node } from '../graph/graph';
import type { Loss } from './engine';

/** One linear layer, p = W·a + b, that is all that is trained, between inputs that do not depend on it and the loss. */
export interface LinearHead {
  /** Tensor of W. */
  readonly weight: string;
  /** Tensor of b, where there is one. */
  readonly bias: string | undefined;
  /** Whether W is stored with one row for each output. */
  readonly transposed: boolean;
  /** Numbers in a, without the entry of the bias. */
  readonly features: number;
  readonly outputs: number;
  /** Name of the value a in the graph. */
  readonly input: string;
  /** Whether a is the record itself, in the order of its features. */
  readonly inputIsData: boolean;
}

/** Nodes that change the shape and not the order of what they are given. */
const RESHAPE = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);
/** What the loss itself takes in. */
const FINAL: Readonly<Record<Loss, string | undefined>> = { 'softmax-cross-entropy': 'Softmax', 'binary-cross-entropy': 'Sigmoid', 'mean-squared-error': undefined };

/**
 * The linear head of a model whose trained tensors are exactly its W and b, or undefined: then a loss in the trained tensors need not be convex.
 * Everything is read off the graph; nothing is assumed.
 */
export function linearHead(graph: Graph, trainable: readonly string[], loss: Loss): LinearHead | undefined {
  if (graph.inputs.length !== 1 || graph.outputs.length !== 1 || trainable.length === 0 || trainable.length > 2) return undefined;
  const types = inferShapes(graph, { batch: 2 });
  const readers = (value: string): readonly Node[] => graph.nodes.filter(({ inputs }) => inputs.includes(value));
  for (const weight of trainable) {
    const bias = trainable.find((name) => name !== weight);
    const layer = layerOf(weight, bias, readers);
    if (layer === undefined) continue;
    const input = types.get(layer.input)?.shape ?? [];
    const [features = 0, outputs = 0] = layer.transposed ? [...(graph.tensors.get(weight)?.shape ?? [])].reverse() : (graph.tensors.get(weight)?.shape ?? []);
    const biasCount = bias === undefined ? outputs : graph.tensors.get(bias)?.values.length;
    if (input.length !== 2 || input[1] !== features || biasCount !== outputs || !leadsToLoss(layer.output, graph, loss, readers)) return undefined;
    return { weight, bias, transposed: layer.transposed, features, outputs, input: layer.input, inputIsData: isData(layer.input, graph) };
  }
  return undefined;
}

interface Layer {
  readonly input: string;
  readonly output: string;
  readonly transposed: boolean;
}

/** Gemm, or MatMul and then Add; W may pass through one Transpose. Each tensor has one reader, so nothing else depends on it. */
function layerOf(weight: string, bias: string | undefined, readers: (value: string) => readonly Node[]): Layer | undefined {
  const only = (value: string): Node | undefined => (readers(value).length === 1 ? readers(value)[0] : undefined);
  let value = weight;
  let transposed = false;
  let node = only(value);
  if (node?.operator === 'Transpose') {
    transposed = true;
    value = node.outputs[0] ?? '';
    node = only(value);
  }
  const [input = '', second, third = ''] = node?.inputs ?? [];
  const [output = ''] = node?.outputs ?? [];
  if (node === undefined || second !== value || input === value || !isPlain(node)) return undefined;
  if (node.operator === 'Gemm') {
    if (third !== (bias ?? '') || (bias !== undefined && only(bias) !== node)) return undefined;
    return { input, output, transposed: transposed !== (node.attributes['transB'] === 1) };
  }
  if (node.operator !== 'MatMul') return undefined;
  if (bias === undefined) return { input, output, transposed };
  const add = only(output);
  if (add?.operator !== 'Add' || only(bias) !== add || !add.inputs.includes(bias)) return undefined;
  return { input, output: add.outputs[0] ?? '', transposed };
}

/** No scaling, no transposed input. */
function isPlain({ attributes }: Node): boolean {
  return (attributes['alpha'] ?? 1) === 1 && (attributes['beta'] ?? 1) === 1 && (attributes['transA'] ?? 0) === 0;
}

function leadsToLoss(from: string, graph: Graph, loss: Loss, readers: (value: string) => readonly Node[]): boolean {
  let value = from;
  while (value !== graph.outputs[0]) {
    const [node, another] = readers(value);
    const [output] = node?.outputs ?? [];
    if (node === undefined || another !== undefined || output === undefined) return false;
    const absorbed = node.operator === FINAL[loss] && output === graph.outputs[0];
    if (!absorbed && !RESHAPE.has(node.operator)) return false;
    value = output;
  }
  return readers(value).length === 0;
}

function isData(input: string, graph: Graph): boolean {
  let value = input;
  while (value !== graph.inputs[0]?.name) {
    const node = graph.nodes.find(({ outputs }) => outputs.includes(value));
    if (node === undefined || !RESHAPE.has(node.operator)) return false;
    value = node.inputs[0] ?? '';
  }
  return true;
}
