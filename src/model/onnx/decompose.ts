import type { GraphBuilder } from '../../graph/builder';
import type { Node } from '../../graph/graph';
import type { Rewrite } from './normalize-node';

/**
 * y = s(x − μ)/√(σ² + ε) + b along axis 1, with stored statistics, as a released model computes it.
 * The operator itself would hide μ and σ², which training data made, inside a node that cannot be differentiated.
 */
const batchNormalization: Rewrite = (node, { build, rankOf }) => {
  const [x = '', scale = '', bias = '', mean = '', variance = ''] = node.inputs;
  const rank = rankOf(x);
  if (rank === undefined) return node;
  const write = writer(build, node);
  const shaped = (vector: string): string => (rank <= 2 ? vector : write('Reshape', [vector, build.integers([-1, ...Array<number>(rank - 2).fill(1)])]));
  const deviation = write('Sqrt', [write('Add', [variance, build.scalar(Number(node.attributes['epsilon'] ?? 1e-5))])]);
  const scaled = write('Mul', [write('Sub', [x, shaped(mean)]), shaped(write('Div', [scale, deviation]))]);
  return finish(node, 'Add', [scaled, shaped(bias)]);
};

/** y = s(x − mean)/√(variance + ε) + b, with mean and variance of the record itself from `axis` on. */
const layerNormalization: Rewrite = (node, { build, rankOf }) => {
  const [x = '', scale = '', bias = ''] = node.inputs;
  const axis = Number(node.attributes['axis'] ?? -1);
  const rank = axis === -1 ? 1 : rankOf(x);
  if (rank === undefined || node.outputs.length > 1) return node;
  const axes = axis === -1 ? [-1] : Array.from({ length: axis < 0 ? -axis : rank - axis }, (_, index) => -1 - index);
  const write = writer(build, node);
  const meanOf = (value: string): string => write('ReduceMean', [value], { axes, keepdims: 1 });
  const centred = write('Sub', [x, meanOf(x)]);
  const variance = meanOf(write('Mul', [centred, centred]));
  const deviation = write('Sqrt', [write('Add', [variance, build.scalar(Number(node.attributes['epsilon'] ?? 1e-5))])]);
  const normal = write('Div', [centred, deviation]);
  return bias === '' ? finish(node, 'Mul', [normal, scale]) : finish(node, 'Add', [write('Mul', [normal, scale]), bias]);
};

/** x·Φ(x), or its approximation by tanh. */
const gelu: Rewrite = (node, { build }) => {
  const [x = ''] = node.inputs;
  const write = writer(build, node);
  const half = write('Mul', [x, build.scalar(0.5)]);
  if (node.attributes['approximate'] !== 'tanh') {
    return finish(node, 'Mul', [half, write('Add', [write('Erf', [write('Mul', [x, build.scalar(Math.SQRT1_2)])]), build.scalar(1)])]);
  }
  const cube = write('Mul', [write('Mul', [x, x]), write('Mul', [x, build.scalar(0.044715)])]);
  const inner = write('Mul', [write('Add', [x, cube]), build.scalar(Math.sqrt(2 / Math.PI))]);
  return finish(node, 'Mul', [half, write('Add', [write('Tanh', [inner]), build.scalar(1)])]);
};

const mish: Rewrite = (node, { build }) => {
  const [x = ''] = node.inputs;
  const write = writer(build, node);
  return finish(node, 'Mul', [x, write('Tanh', [write('Softplus', [x])])]);
};

const swish: Rewrite = (node, { build }) => {
  const [x = ''] = node.inputs;
  const write = writer(build, node);
  const alpha = Number(node.attributes['alpha'] ?? 1);
  return finish(node, 'Mul', [x, write('Sigmoid', [alpha === 1 ? x : write('Mul', [x, build.scalar(alpha)])])]);
};

/** Operators that are formulas of simpler ones, and that operator set 17 lacks or that hide what must be seen. */
export const decompositions: Readonly<Record<string, Rewrite>> = {
  BatchNormalization: batchNormalization,
  Gelu: gelu,
  LayerNormalization: layerNormalization,
  Mish: mish,
  Swish: swish,
};

type Writer = (operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, number | readonly number[]>>) => string;

function writer(build: GraphBuilder, node: Node): Writer {
  return (operator, inputs, attributes = {}) => build.node(operator, inputs, attributes, { label: node.name });
}

function finish(node: Node, operator: string, inputs: readonly string[]): Node {
  return { name: node.name, operator, inputs, outputs: node.outputs.slice(0, 1), attributes: {} };
}
