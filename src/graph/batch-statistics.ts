import { UserError } from '../error';
import { inferShapes } from './bind';
import { GraphBuilder } from './builder';
import type { Graph, Node } from './graph';
import { range } from './shapes';

/** A batch normalisation as a graph computes it with stored statistics: γ·(x − mean)/√(variance + ε) + β. */
export interface StoredStatistics {
  /** Names of the two stored tensors, one number a channel. */
  readonly mean: string;
  readonly variance: string;
  /** The value x that is normalised. */
  readonly input: string;
  /** Where its channels are, counted with the batch dimension. */
  readonly channelAxis: number;
  /** The value x − mean, where it is written out; undefined where an operator of its own normalises. */
  readonly centred: string | undefined;
}

/**
 * The training form of a graph: its normalisations take mean and variance from the batch at hand (S. Ioffe, C. Szegedy, ICML 2015), and gradients
 * go through both. Nothing stored is read or changed, so a step with it depends on the parameters and on its own batch alone.
 * Throws `UserError` `normalization-shared` where two normalisations have one pair of statistics.
 */
export function withBatchStatistics(graph: Graph, normalizations: readonly StoredStatistics[]): Graph {
  if (normalizations.length === 0) return graph;
  requireDistinct(normalizations);
  const types = inferShapes(graph, { batch: 2 });
  const build = new GraphBuilder(graph);
  const replaced = new Map<string, string>();
  for (const { mean, variance, input, channelAxis, centred } of normalizations) {
    if (centred === undefined) continue;
    const axes = range(types.get(input)?.shape.length ?? 0).filter((axis) => axis !== channelAxis);
    replaced.set(mean, build.node('ReduceMean', [input], { axes, keepdims: 0 }));
    replaced.set(variance, build.node('ReduceMean', [build.node('Mul', [centred, centred])], { axes, keepdims: 0 }));
  }
  const operators = new Set(normalizations.filter(({ centred }) => centred === undefined).map(({ mean }) => mean));
  const nodes = build.nodes.map((node): Node => {
    if (node.operator === 'BatchNormalization' && operators.has(node.inputs[3] ?? '')) return { ...node, attributes: { ...node.attributes, training_mode: 1 } };
    return { ...node, inputs: node.inputs.map((name) => replaced.get(name) ?? name) };
  });
  return { ...graph, nodes: inOrder(nodes), tensors: new Map(build.tensors) };
}

function requireDistinct(normalizations: readonly StoredStatistics[]): void {
  const seen = new Set<string>();
  for (const { mean } of normalizations) {
    if (seen.has(mean)) {
      throw new UserError('normalization-shared', `a batch normalisation is applied in two places ("${mean}"), and each would have statistics of its own in training`, { field: 'batchNormalization', remedy: 'Set "batchNormalization" to "fixed".' });
    }
    seen.add(mean);
  }
}

/** Every node after those that it reads, and otherwise in the order given: what was read from storage may now be computed late. */
function inOrder(nodes: readonly Node[]): readonly Node[] {
  const writer = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const ordered = new Set<Node>();
  // A stack of its own: a deep network must not exhaust the program's.
  for (const start of nodes) {
    const waiting = [start];
    for (let node = waiting.at(-1); node !== undefined; node = waiting.at(-1)) {
      const missing = node.inputs.flatMap((name) => writer.get(name) ?? []).find((source) => !ordered.has(source));
      if (missing !== undefined) {
        waiting.push(missing);
        continue;
      }
      ordered.add(node);
      waiting.pop();
    }
  }
  return [...ordered];
}
