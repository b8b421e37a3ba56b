import { float, integer } from '../attributes';
import type { GradientContext, OperatorFamily, OperatorRule, PrimitiveOperator } from '../operator';
import { positiveAxis } from '../shapes';
import { sumTo } from './broadcasting';
import { unary, y } from './elementwise';

/** 1 where `value` is positive, 0 elsewhere; one fast kernel instead of a comparison and a cast. */
const positive = (context: GradientContext, value: string): string => context.build.node('HardSigmoid', [value], { alpha: 1e38, beta: 0 });

/** The gradient where `condition` holds, else the gradient times `otherwise`. */
const slopes = (context: GradientContext, condition: string, otherwise: string): string =>
  context.build.node('Where', [condition, context.gradient, context.build.node('Mul', [context.gradient, otherwise])]);

const isPositive = (context: GradientContext, value: string): string => context.build.node('Greater', [value, context.build.scalar(0)]);

const axisOf = (context: GradientContext): readonly number[] => [positiveAxis(integer(context.node, 'axis', -1), context.input(0).shape.length)];

const pointwise = (gradient: (context: GradientContext) => string): PrimitiveOperator => ({ types: (context) => [context.input(0)], gradient: (context) => [gradient(context)] });

/** Passes the gradient where the value lies strictly between two bounds. */
function between(context: GradientContext, value: string, lower: string | undefined, upper: string | undefined): string {
  const { build } = context;
  let gradient = context.gradient;
  if (lower !== undefined) gradient = build.node('Where', [build.node('Greater', [value, lower]), gradient, build.scalar(0)]);
  if (upper !== undefined) gradient = build.node('Where', [build.node('Less', [value, upper]), gradient, build.scalar(0)]);
  return gradient;
}

const seluAlpha = 1.67326319217681884765625;
const seluGamma = 1.05070102214813232421875;

const composite = (expand: Extract<OperatorRule, { expand: unknown }>['expand']): OperatorRule => ({ expand });

/** x·sigmoid(alpha·x), also known as SiLU. */
const swish = composite(({ node }, build) => {
  const value = node.inputs[0] ?? '';
  const alpha = float(node, 'alpha', 1);
  const scaled = alpha === 1 ? value : build.node('Mul', [value, build.scalar(alpha)]);
  build.node('Mul', [value, build.node('Sigmoid', [scaled])], {}, { outputs: node.outputs });
});

/** Activation functions. Definitions and defaults are those of ONNX. */
export const activations: OperatorFamily = {
  Relu: unary((c) => positive(c, y(c))),
  LeakyRelu: pointwise((c) => slopes(c, isPositive(c, c.name(0)), c.build.scalar(float(c.node, 'alpha', 0.01)))),
  Elu: pointwise((c) => slopes(c, isPositive(c, y(c)), c.build.node('Add', [y(c), c.build.scalar(float(c.node, 'alpha', 1))]))),
  Selu: pointwise((c) => {
    const gamma = float(c.node, 'gamma', seluGamma);
    const left = c.build.node('Add', [y(c), c.build.scalar(gamma * float(c.node, 'alpha', seluAlpha))]);
    return c.build.node('Mul', [c.gradient, c.build.node('Where', [isPositive(c, y(c)), c.build.scalar(gamma), left])]);
  }),
  Celu: pointwise((c) => slopes(c, isPositive(c, y(c)), c.build.node('Exp', [c.build.node('Div', [c.name(0), c.build.scalar(float(c.node, 'alpha', 1))])]))),
  PRelu: {
    types: (context) => [context.input(0)],
    gradient: (context) => {
      const { build, gradient } = context;
      const negative = build.node('Mul', [gradient, build.node('Min', [context.name(0), build.scalar(0)])]);
      return [
        context.wanted(0) ? slopes(context, isPositive(context, context.name(0)), context.name(1)) : undefined,
        context.wanted(1) ? sumTo(build, negative, context.input(0).shape, context.input(1).shape) : undefined,
      ];
    },
  },
  Sigmoid: unary((c) => c.build.node('Mul', [y(c), c.build.node('Sub', [c.build.scalar(1), y(c)])])),
  Tanh: unary((c) => c.build.node('Sub', [c.build.scalar(1), c.build.node('Mul', [y(c), y(c)])])),
  Softplus: unary((c) => c.build.node('Sigmoid', [c.name(0)])),
  /** d x/(1+|x|) = 1/(1+|x|)². */
  Softsign: unary((c) => {
    const inverse = c.build.node('Reciprocal', [c.build.node('Add', [c.build.scalar(1), c.build.node('Abs', [c.name(0)])])]);
    return c.build.node('Mul', [inverse, inverse]);
  }),
  HardSigmoid: pointwise((c) => c.build.node('Mul', [between(c, y(c), c.build.scalar(0), c.build.scalar(1)), c.build.scalar(float(c.node, 'alpha', 0.2))])),
  Clip: {
    types: (context) => [context.input(0)],
    gradient: (c) => [between(c, c.name(0), c.has(1) ? c.name(1) : undefined, c.has(2) ? c.name(2) : undefined)],
  },
  Softmax: pointwise((c) => {
    const inner = c.build.node('ReduceSum', [c.build.node('Mul', [c.gradient, y(c)]), c.build.integers(axisOf(c))], { keepdims: 1 });
    return c.build.node('Mul', [y(c), c.build.node('Sub', [c.gradient, inner])]);
  }),
  LogSoftmax: pointwise((c) => {
    const sum = c.build.node('ReduceSum', [c.gradient, c.build.integers(axisOf(c))], { keepdims: 1 });
    return c.build.node('Sub', [c.gradient, c.build.node('Mul', [c.build.node('Exp', [y(c)]), sum])]);
  }),
  /** x·max(0, min(1, x/6 + ½)). */
  HardSwish: composite(({ node }, build) => {
    const value = node.inputs[0] ?? '';
    build.node('Mul', [value, build.node('HardSigmoid', [value], { alpha: 1 / 6, beta: 0.5 })], {}, { outputs: node.outputs });
  }),
  Swish: swish,
  /** x·Φ(x), for which onnxruntime has an operator of its own, or its tanh approximation ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
  Gelu: composite(({ node }, build) => {
    const value = node.inputs[0] ?? '';
    if (node.attributes['approximate'] !== 'tanh') {
      build.node('Gelu', [value], {}, { outputs: node.outputs, domain: 'com.microsoft' });
      return;
    }
    const square = build.node('Mul', [value, value]);
    const factor = build.node('Add', [build.scalar(1), build.node('Mul', [square, build.scalar(0.044715)])]);
    const curve = build.node('Tanh', [build.node('Mul', [build.node('Mul', [value, factor]), build.scalar(Math.sqrt(2 / Math.PI))])]);
    build.node('Mul', [build.node('Mul', [value, build.scalar(0.5)]), build.node('Add', [build.scalar(1), curve])], {}, { outputs: node.outputs });
  }),
  /** d xΦ(x)/dx = Φ(x) + x·φ(x), with Φ(x) = ½ + ½erf(u), φ(x) = exp(ln(1/√2π) − u²) and u = x/√2. */
  'com.microsoft.Gelu': unary((c) => {
    const { build } = c;
    const u = build.node('Mul', [c.name(0), build.scalar(Math.SQRT1_2)]);
    // ½ + ½e in one operator: erf stays within the bounds of HardSigmoid.
    const distribution = build.node('HardSigmoid', [build.node('Erf', [u])], { alpha: 0.5, beta: 0.5 });
    const density = build.node('Exp', [build.node('Sub', [build.scalar(-0.5 * Math.log(2 * Math.PI)), build.node('Mul', [u, u])])]);
    return build.node('Add', [distribution, build.node('Mul', [c.name(0), density])]);
  }),
  /** x·tanh(softplus(x)). */
  Mish: composite(({ node }, build) => {
    const value = node.inputs[0] ?? '';
    build.node('Mul', [value, build.node('Tanh', [build.node('Softplus', [value])])], {}, { outputs: node.outputs });
  }),
};
