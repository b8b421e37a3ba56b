import type { GraphBuilder } from '../../graph/builder';
import type { Node } from '../../graph/graph';
import type { Rewrite } from './normalize-node';

/**
 * y = s(x − μ)/√(σ² + ε) + b along axis 1, with stored statistics, written as the arithmetic that it is:
 * the same form that Keras models get, in which μ and σ² can be found and recomputed.
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
