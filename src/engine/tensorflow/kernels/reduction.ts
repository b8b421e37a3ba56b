import { integer } from '../../../graph/attributes';
import { reducedAxes } from '../../../graph/operators/reduction';
import type { Kernel, KernelFamily } from '../kernel';

const reduction = (operator: 'sum' | 'mean' | 'max' | 'min'): Kernel => ({ tf, rule, tensor }) => tf[operator](tensor(0), [...reducedAxes(rule)], integer(rule.node, 'keepdims', 1) === 1);

export const reductions: KernelFamily = {
  ReduceSum: reduction('sum'),
  ReduceMean: reduction('mean'),
  ReduceMax: reduction('max'),
  ReduceMin: reduction('min'),
};
