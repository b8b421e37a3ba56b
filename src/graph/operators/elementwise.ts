import { integer } from '../attributes';
import type { DataType } from '../graph';
import type { GradientContext, OperatorFamily, PrimitiveOperator, RuleContext, TensorType } from '../operator';
import { broadcast } from '../shapes';
import { sumTo } from './broadcasting';

/** The type of an elementwise operator on the inputs from `first` on, broadcast together. */
function broadcastType(context: RuleContext, first: number, count: number, dataType?: DataType): readonly TensorType[] {
  let shape = context.input(first).shape;
  for (let index = first + 1; index < first + count; index++) {
    const other = context.input(index);
    if (dataType === undefined && other.dataType !== context.input(first).dataType) context.mismatch(`inputs are ${context.input(first).dataType} and ${other.dataType}.`);
    shape = broadcast(shape, other.shape) ?? context.mismatch(`shapes [${shape.join(', ')}] and [${other.shape.join(', ')}] do not broadcast.`);
  }
  return [{ shape, dataType: dataType ?? context.input(first).dataType }];
}

const reduced = (context: GradientContext, gradient: string, index: number): string => sumTo(context.build, gradient, context.output(0).shape, context.input(index).shape);

/** An operator on two broadcast inputs; `left` and `right` give the gradients before the sum over broadcast axes. */
function binary(left: (context: GradientContext) => string, right: (context: GradientContext) => string, integers?: (a: number, b: number) => number): PrimitiveOperator {
  return {
    types: (context) => broadcastType(context, 0, 2),
    gradient: (context) => [left, right].map((rule, index) => (context.wanted(index) ? reduced(context, rule(context), index) : undefined)),
    ...(integers === undefined ? {} : { fold: (context: RuleContext) => foldBinary(context, integers) }),
  };
}

function foldBinary(context: RuleContext, compute: (a: number, b: number) => number): readonly number[] | undefined {
  if (!context.input(0).dataType.startsWith("int")) return undefined;
  const [a, b] = [context.foldable(0), context.foldable(1)];
  if (a === undefined || b === undefined || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => compute(a[a.length === 1 ? 0 : index] ?? 0, b[b.length === 1 ? 0 : index] ?? 0));
}

/** An operator on one input; `slope` gives the name of its derivative, or nothing where it is zero everywhere it exists. */
export function unary(slope: ((context: GradientContext) => string) | undefined): PrimitiveOperator {
  return {
    types: (context) => [context.input(0)],
    gradient: (context) => [slope === undefined ? undefined : context.build.node('Mul', [context.gradient, slope(context)])],
  };
}

const broadcastShape = (context: RuleContext): readonly number[] =>
  broadcast(context.input(0).shape, context.input(1).shape) ?? context.mismatch(`shapes [${context.input(0).shape.join(', ')}] and [${context.input(1).shape.join(', ')}] do not broadcast.`);

const comparison: PrimitiveOperator = { types: (context) => broadcastType(context, 0, 2, 'bool') };
const x = (context: GradientContext): string => context.name(0);
export const y = (context: GradientContext): string => context.node.outputs[0] ?? '';

/** Of a Min or Max over any number of inputs: each element's gradient goes to the first input that attains the extreme. */
const extreme: PrimitiveOperator = {
  types: (context) => broadcastType(context, 0, context.node.inputs.length),
  gradient: (context) => {
    const { build } = context;
    let left = context.gradient;
    return context.node.inputs.map((name, index) => {
      const attained = build.node('Equal', [name, y(context)]);
      const part = build.node('Where', [attained, left, build.scalar(0)]);
      left = build.node('Where', [attained, build.scalar(0), left]);
      return context.wanted(index) ? reduced(context, part, index) : undefined;
    });
  },
};

const codes: Readonly<Record<number, DataType>> = { 1: 'float32', 6: 'int32', 7: 'int64', 9: 'bool', 11: 'float64' };
const cast: PrimitiveOperator = {
  types: (context) => {
    const code = integer(context.node, 'to', 0);
    return [{ shape: context.input(0).shape, dataType: codes[code] ?? context.unsupported(`casts to the element type ${code}.`) }];
  },
  gradient: (context) => [context.input(0).dataType === 'float32' && context.output(0).dataType === 'float32' ? context.gradient : undefined],
  fold: (context) => ((codes[integer(context.node, 'to', 0)] ?? '').startsWith("int") ? context.foldable(0) : undefined),
};

/** Pointwise arithmetic with broadcasting. */
export const elementwise: OperatorFamily = {
  Add: binary((c) => c.gradient, (c) => c.gradient, (a, b) => a + b),
  Sub: binary((c) => c.gradient, (c) => c.build.node('Neg', [c.gradient]), (a, b) => a - b),
  Mul: binary((c) => c.build.node('Mul', [c.gradient, c.name(1)]), (c) => c.build.node('Mul', [c.gradient, c.name(0)]), (a, b) => a * b),
  Div: binary(
    (c) => c.build.node('Div', [c.gradient, c.name(1)]),
    (c) => c.build.node('Neg', [c.build.node('Div', [c.build.node('Mul', [c.gradient, y(c)]), c.name(1)])]),
    (a, b) => Math.trunc(a / b),
  ),
  Pow: { ...binary(
    (c) => c.build.node('Mul', [c.gradient, c.build.node('Mul', [c.name(1), c.build.node('Pow', [x(c), c.build.node('Sub', [c.name(1), c.build.scalar(1)])])])]),
    (c) => c.build.node('Mul', [c.gradient, c.build.node('Mul', [y(c), c.build.node('Log', [x(c)])])]),
  ), types: (context) => [{ shape: broadcastShape(context), dataType: context.input(0).dataType }] },
  Min: extreme,
  Max: extreme,
  Sum: {
    types: (context) => broadcastType(context, 0, context.node.inputs.length),
    gradient: (context) => context.node.inputs.map((_, index) => (context.wanted(index) ? reduced(context, context.gradient, index) : undefined)),
  },
  Neg: { types: (context) => [context.input(0)], gradient: (context) => [context.build.node('Neg', [context.gradient])] },
  Abs: unary((c) => c.build.node('Sign', [x(c)])),
  Exp: unary(y),
  Log: unary((c) => c.build.node('Reciprocal', [x(c)])),
  Sqrt: unary((c) => c.build.node('Div', [c.build.scalar(0.5), y(c)])),
  Reciprocal: unary((c) => c.build.node('Neg', [c.build.node('Mul', [y(c), y(c)])])),
  /** d erf(x)/dx = 2/√π · exp(−x²). */
  Erf: unary((c) => c.build.node('Mul', [c.build.scalar(2 / Math.sqrt(Math.PI)), c.build.node('Exp', [c.build.node('Neg', [c.build.node('Mul', [x(c), x(c)])])])])),
  Sin: unary((c) => c.build.node('Cos', [x(c)])),
  Cos: unary((c) => c.build.node('Neg', [c.build.node('Sin', [x(c)])])),
  Sign: unary(undefined),
  Floor: unary(undefined),
  Ceil: unary(undefined),
  Round: unary(undefined),
  Equal: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Less: comparison,
  LessOrEqual: comparison,
  And: comparison,
  Or: comparison,
  Not: { types: (context) => [context.input(0)] },
  Cast: cast,
  Where: {
    types: (context) => {
      const [values] = broadcastType(context, 1, 2);
      const shape = broadcast(context.input(0).shape, values?.shape ?? []) ?? context.mismatch('the condition does not broadcast to the values.');
      return [{ shape, dataType: context.input(1).dataType }];
    },
    gradient: (context) => {
      const { build, gradient } = context;
      return [
        undefined,
        context.wanted(1) ? reduced(context, build.node('Where', [context.name(0), gradient, build.scalar(0)]), 1) : undefined,
        context.wanted(2) ? reduced(context, build.node('Where', [context.name(0), build.scalar(0), gradient]), 2) : undefined,
      ];
    },
  },
};
