import { integer, integers } from '../attributes';
import type { GraphBuilder } from '../builder';
import type { CompositeOperator, GradientContext, OperatorFamily, PrimitiveOperator, RuleContext, TensorType } from '../operator';
import { positiveAxis, range, sameShape, sizeOf } from '../shapes';
import { reshapeTo } from './broadcasting';
import { y } from './elementwise';

/** Axes come as an attribute or as the second input, depending on the operator and its version; none means all. */
export function reducedAxes(context: RuleContext): readonly number[] {
  const rank = context.input(0).shape.length;
  const given = integers(context.node, 'axes') ?? (context.has(1) ? context.integers(1) : []);
  if (given.length > 0) return given.map((axis) => positiveAxis(axis, rank));
  return integer(context.node, 'noop_with_empty_axes', 0) === 1 ? [] : range(rank);
}

function reducedType(context: RuleContext): readonly TensorType[] {
  const axes = reducedAxes(context);
  const { shape, dataType } = context.input(0);
  if (axes.some((axis) => axis < 0 || axis >= shape.length)) context.mismatch(`an axis is out of range for [${shape.join(', ')}].`);
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return [{ dataType, shape: integer(context.node, 'keepdims', 1) === 1 ? kept : kept.filter((_, axis) => !axes.includes(axis)) }];
}

/** A value of the output's shape, with the reduced axes kept as 1, so that it broadcasts against the input. */
function kept(context: GradientContext, value: string): string {
  const axes = reducedAxes(context);
  return reshapeTo(context.build, value, context.output(0).shape, context.input(0).shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
}

const count = (context: RuleContext): number => sizeOf(reducedAxes(context).map((axis) => context.input(0).shape[axis] ?? 1));

function spread(context: GradientContext, gradient: string): string {
  return sameShape(context.output(0).shape, context.input(0).shape) ? gradient : context.build.node('Expand', [kept(context, gradient), context.build.integers(context.input(0).shape)]);
}

const reduction = (gradient: (context: GradientContext) => string): PrimitiveOperator => ({ types: reducedType, gradient: (context) => [gradient(context)] });

/** Elements that attain the extreme share its gradient equally. */
const extreme = reduction((context) => {
  const { build } = context;
  const attained = build.node('Cast', [build.node('Equal', [context.name(0), kept(context, y(context))])], { to: 1 });
  const ties = build.node('ReduceSum', [attained, build.integers(reducedAxes(context))], { keepdims: 1 });
  return build.node('Mul', [attained, build.node('Div', [kept(context, context.gradient), ties])]);
});

/** A reduction written as ReduceSum of `before`, then `after`. */
function throughSum(before: (build: GraphBuilder, value: string) => string, after: ((build: GraphBuilder, sum: string, outputs: readonly string[]) => void) | undefined): CompositeOperator {
  return {
    expand: (context, build) => {
      const inner = before(build, context.node.inputs[0] ?? '');
      const reduce = (outputs?: readonly string[]): string =>
        build.node('ReduceSum', [inner, build.integers(reducedAxes(context))], { keepdims: integer(context.node, 'keepdims', 1) }, outputs === undefined ? {} : { outputs });
      if (after === undefined) reduce(context.node.outputs);
      else after(build, reduce(), context.node.outputs);
    },
  };
}

const square = (build: GraphBuilder, value: string): string => build.node('Mul', [value, value]);

/** Sums, means and extremes over axes. */
export const reductions: OperatorFamily = {
  ReduceSum: reduction((context) => spread(context, context.gradient)),
  ReduceMean: reduction((context) => spread(context, context.build.node('Mul', [context.gradient, context.build.scalar(1 / count(context))]))),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceSumSquare: throughSum(square, undefined),
  ReduceL1: throughSum((build, value) => build.node('Abs', [value]), undefined),
  ReduceL2: throughSum(square, (build, sum, outputs) => void build.node('Sqrt', [sum], {}, { outputs })),
  ReduceLogSum: throughSum((_, value) => value, (build, sum, outputs) => void build.node('Log', [sum], {}, { outputs })),
};
