import { inferShapes } from '../graph/bind';
import type { Graph, Node } from '../graph/graph';
import { sizeOf } from '../graph/shapes';

/** How a tensor is usually initialised: N(value, deviation²) on every coordinate. A function of the architecture alone. */
export interface UsualStart {
  /** 1 for the gains of normalisations, 0.25 for the slopes of PReLU, else 0. */
  readonly value: number;
  /** √(2/(fan-in + fan-out)) for weights (X. Glorot, Y. Bengio, AISTATS 2010), 0 for all others. */
  readonly deviation: number;
  /** How many inputs one output is a weighted sum of; undefined for what is no weight. */
  readonly fanIn: number | undefined;
}

/** Nodes that hand a tensor on as it is, but for its shape, or the first of its parts. */
const REARRANGE = new Set(['Transpose', 'Reshape', 'Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Flatten', 'Expand', 'Split']);
const NORMALIZE = new Set(['BatchNormalization', 'LayerNormalization', 'GroupNormalization', 'InstanceNormalization']);

/** By the operator that reads the tensor. Throws `RangeError` where the graph has no such tensor. */
export function usualStart(graph: Graph, name: string): UsualStart {
  const tensor = graph.tensors.get(name);
  if (tensor === undefined) throw new RangeError(`the graph has no tensor ${name}`);
  const { node, position, value } = readerOf(graph, name);
  const shape = typesOf(graph).get(value)?.shape ?? tensor.shape;
  const fans = node === undefined ? undefined : fansOf(node, position, shape);
  if (fans !== undefined) return { value: 0, deviation: Math.sqrt(2 / (fans.in + fans.out)), fanIn: fans.in };
  return { value: node === undefined ? 0 : startValue(node, position), deviation: 0, fanIn: undefined };
}

/** Every tensor of a graph is asked about in turn, and working out the shapes of a large one takes a while. */
const known = new WeakMap<Graph, ReturnType<typeof inferShapes>>();

function typesOf(graph: Graph): ReturnType<typeof inferShapes> {
  const types = known.get(graph) ?? inferShapes(graph, { batch: 1 });
  known.set(graph, types);
  return types;
}

/** The first node that computes with the tensor, and under which name it reads it. */
function readerOf(graph: Graph, name: string): { readonly node: Node | undefined; readonly position: number; readonly value: string } {
  let value = name;
  for (;;) {
    const node = graph.nodes.find(({ inputs }) => inputs.includes(value));
    const position = node?.inputs.indexOf(value) ?? 0;
    const [output] = node?.outputs ?? [];
    if (node === undefined || output === undefined || position !== 0 || !REARRANGE.has(node.operator)) return { node, position, value };
    value = output;
  }
}

/** Fan-in and fan-out of a weight in the layout in which its operator reads it. */
function fansOf(node: Node, position: number, shape: readonly number[]): { readonly in: number; readonly out: number } | undefined {
  const at = (index: number): number => shape.at(index) ?? 1;
  const flag = (name: string): boolean => node.attributes[name] === 1;
  switch (node.operator) {
    case 'Conv':
      return position === 1 ? { in: sizeOf(shape.slice(1)), out: at(0) * sizeOf(shape.slice(2)) } : undefined;
    case 'ConvTranspose':
      return position === 1 ? { in: at(0) * sizeOf(shape.slice(2)), out: sizeOf(shape.slice(1)) } : undefined;
    case 'Gemm':
      if (position > 1) return undefined;
      return (position === 1) === flag(position === 1 ? 'transB' : 'transA') ? { in: at(1), out: at(0) } : { in: at(0), out: at(1) };
    case 'MatMul':
      if (shape.length < 2) return undefined;
      return position === 1 ? { in: at(-2), out: at(-1) } : { in: at(-1), out: at(-2) };
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return position === 1 || position === 2 ? { in: at(-1), out: Number(node.attributes['hidden_size'] ?? at(-2)) } : undefined;
    case 'Gather':
      return shape.length < 2 ? undefined : { in: at(-1), out: at(-1) };
    case 'Einsum':
      return shape.length < 2 ? undefined : { in: sizeOf(shape) / at(-1), out: at(-1) };
    default:
      return undefined;
  }
}

function startValue({ operator }: Node, position: number): number {
  if (NORMALIZE.has(operator)) return position === 1 ? 1 : 0;
  if (operator === 'Mul' || (operator === 'Div' && position === 0)) return 1;
  return operator === 'PRelu' && position === 1 ? 0.25 : 0;
}
