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

/** The rule of an operator, standard or one of onnxruntime's own; undefined where this program does not know it. */
export function operatorRule(node: Node): OperatorRule | undefined {
  const standard = node.domain === undefined || node.domain === '' || node.domain === 'ai.onnx';
  return operators.get(standard ? node.operator : `${node.domain ?? ''}.${node.operator}`);
}

/** Every standard operator that a model may contain. */
export const supportedOperators: readonly string[] = [...operators.keys()].filter((name) => !name.includes('.')).sort();
