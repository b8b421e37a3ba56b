import type { GraphBuilder } from '../../graph/builder';
import type { Node } from '../../graph/graph';
import type { Rewrite } from './normalize-node';

/**
 * Whether a node tells who runs the model to normalise by the batch at hand, as a model exported for training does: by an attribute since
 * operator set 14, before that by asking for the updated statistics.
 */
export function isInTrainingForm({ operator, attributes, outputs }: Node, version: number): boolean {
  if (operator !== 'BatchNormalization') return false;
  return version >= 14 ? attributes['training_mode'] === 1 : outputs.slice(1).some((name) => name !== '');
}

/**
 * y = s(x − μ)/√(σ² + ε) + b along axis 1, with stored statistics, written as the arithmetic that it is:
 * the same form that Keras models get, in which μ and σ² can be found and recomputed. Both forms of the operator are read so:
 * predictions must not depend on which records happen to share a batch.
 */
export const batchNormalization: Rewrite = (node, { build, rankOf }) => {
  const [x = '', scale = '', bias = '', mean = '', variance = ''] = node.inputs;
  const rank = rankOf(x);
  if (rank === undefined) return node;
  const write = writer(build, node);
  const shaped = (vector: string): string => (rank <= 2 ? vector : write('Reshape', [vector, build.integers([-1, ...Array<number>(rank - 2).fill(1)])]));
  const deviation = write('Sqrt', [write('Add', [variance, build.scalar(Number(node.attributes['epsilon'] ?? 1e-5))])]);
  const scaled = write('Mul', [write('Sub', [x, shaped(mean)]), shaped(write('Div', [scale, deviation]))]);
  return finish(node, 'Add', [scaled, shaped(bias)]);
};

type Writer = (operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, number | readonly number[]>>) => string;

function writer(build: GraphBuilder, node: Node): Writer {
  return (operator, inputs, attributes = {}) => build.node(operator, inputs, attributes, { label: node.name });
}

function finish(node: Node, operator: string, inputs: readonly string[]): Node {
  return { name: node.name, operator, inputs, outputs: node.outputs.slice(0, 1), attributes: {} };
}
