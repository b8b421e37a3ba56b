import type { StoredStatistics } from '../graph/batch-statistics';
import { inferShapes } from '../graph/bind';
import type { Graph, NamedTensor, Node } from '../graph/graph';

/** A batch normalisation's running statistics: computed from training data, and recomputable from any other. */
export type NormalizationStatistics = StoredStatistics;

/**
 * The batch normalisations of a graph, in the order in which they run: the operator itself, or γ·(x − mean)/√(variance + ε) + β written out.
 * A buffer that is in none of them is not found here, and no certificate can cover it.
 */
export function findNormalizations(graph: Graph): readonly NormalizationStatistics[] {
  const producer = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const isBuffer = (name: string | undefined): name is string => name !== undefined && graph.tensors.get(name)?.role === 'buffer';
  const rankOf = ranks(graph);
  return graph.nodes.flatMap((node): NormalizationStatistics[] => {
    if (node.operator === 'BatchNormalization') {
      const [input, , , mean, variance] = node.inputs;
      return input !== undefined && isBuffer(mean) && isBuffer(variance) ? [{ mean, variance, input, channelAxis: 1, centred: undefined }] : [];
    }
    if (node.operator !== 'Sub') return [];
    const [input = '', subtracted = ''] = node.inputs;
    const mean = unshaped(subtracted, producer);
    if (!isBuffer(mean)) return [];
    const variance = varianceBeside(node, graph.nodes, producer);
    const channelAxis = rankOf(input) - trailing(subtracted, producer, graph.tensors);
    return isBuffer(variance) ? [{ mean, variance, input, channelAxis, centred: node.outputs[0] }] : [];
  });
}

/** The buffer under the square root that divides what multiplies the centred value. */
function varianceBeside(centred: Node, nodes: readonly Node[], producer: ReadonlyMap<string, Node>): string | undefined {
  const product = nodes.find((node) => node.operator === 'Mul' && node.inputs.some((input) => centred.outputs.includes(input)));
  const factor = product?.inputs.find((input) => !centred.outputs.includes(input));
  const quotient = factor === undefined ? undefined : producer.get(unshaped(factor, producer));
  const root = quotient?.operator === 'Div' ? producer.get(quotient.inputs[1] ?? '') : undefined;
  const sum = root?.operator === 'Sqrt' ? producer.get(root.inputs[0] ?? '') : undefined;
  return sum?.operator === 'Add' ? sum.inputs[0] : undefined;
}

/** A vector before it was reshaped to broadcast. */
export function unshaped(name: string, producer: ReadonlyMap<string, Node>): string {
  const node = producer.get(name);
  return node?.operator === 'Reshape' ? (node.inputs[0] ?? name) : name;
}

/** How many dimensions, the channels' own included, a vector's reshaping puts from the channels on. */
export function trailing(name: string, producer: ReadonlyMap<string, Node>, tensors: ReadonlyMap<string, NamedTensor>): number {
  const node = producer.get(name);
  return node?.operator === 'Reshape' ? (tensors.get(node.inputs[1] ?? '')?.values.length ?? 1) : 1;
}

function ranks(graph: Graph): (name: string) => number {
  let types: ReturnType<typeof inferShapes> | undefined;
  return (name) => (types ??= inferShapes(graph, { batch: 2 })).get(name)?.shape.length ?? 0;
}
