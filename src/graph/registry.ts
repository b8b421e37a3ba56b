import type { Node } from './graph';
import type { OperatorFamily, OperatorRule } from './operator';
import { activations } from './operators/activation';
import { convolutions } from './operators/convolution';
import { dense } from './operators/dense';
import { einsum } from './operators/einsum';
import { elementwise } from './operators/elementwise';
import { indexing } from './operators/indexing';
import { normalizations } from './operators/normalization';
import { pooling } from './operators/pooling';
import { recurrents } from './operators/recurrent';
import { reductions } from './operators/reduction';
import { resamplings } from './operators/resampling';
import { shaping } from './operators/shape';

const operators = new Map<string, OperatorRule>(
  [activations, convolutions, dense, { Einsum: einsum }, elementwise, indexing, normalizations, pooling, recurrents, reductions, resamplings, shaping].flatMap((family: OperatorFamily) => Object.entries(family)),
);

/** The rule of a standard operator; undefined where this program does not know it. */
export function operatorRule(node: Node): OperatorRule | undefined {
  return node.domain === undefined || node.domain === '' || node.domain === 'ai.onnx' ? operators.get(node.operator) : undefined;
}

/** Every operator that a model may contain. */
export const supportedOperators: readonly string[] = [...operators.keys()].sort();
