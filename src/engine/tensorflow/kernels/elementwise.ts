import type { Tensor } from '@tensorflow/tfjs';
import { float, integer } from '../../../graph/attributes';
import { positiveAxis } from '../../../graph/shapes';
import { comparison, extreme, select } from '../gradients';
import type { Kernel, KernelContext, KernelFamily, TensorFlow } from '../kernel';

const unary = (compute: (tf: TensorFlow, x: Tensor, context: KernelContext) => Tensor): Kernel => (context) => compute(context.tf, context.tensor(0), context);
const binary = (compute: (tf: TensorFlow, a: Tensor, b: Tensor) => Tensor): Kernel => ({ tf, tensor }) => compute(tf, tensor(0), tensor(1));

const compared = (operator: 'equal' | 'greater' | 'greaterEqual' | 'less' | 'lessEqual'): Kernel => binary((tf, left, right) => comparison(tf, (a, b) => tf[operator](a, b), left, right));
const isPositive = (tf: TensorFlow, x: Tensor): Tensor => comparison(tf, (a, b) => tf.greater(a, b), x, tf.scalar(0));

const attribute = (context: KernelContext, name: string, otherwise: number): number => float(context.rule.node, name, otherwise);

/** TensorFlow.js has softmax for the last axis alone; logSumExp subtracts the largest value first, so that the exponentials stay finite. */
function logSoftmax(tf: TensorFlow, x: Tensor, context: KernelContext): Tensor {
  return isLast(context) ? tf.logSoftmax(x) : tf.sub(x, tf.logSumExp(x, attribute(context, 'axis', -1), true));
}

const isLast = (context: KernelContext): boolean => positiveAxis(attribute(context, 'axis', -1), context.outputShape.length) === context.outputShape.length - 1;

const types = { 1: 'float32', 6: 'int32', 7: 'int32', 9: 'bool' } as const;

export const elementwise: KernelFamily = {
  Add: binary((tf, a, b) => tf.add(a, b)),
  Sub: binary((tf, a, b) => tf.sub(a, b)),
  Mul: binary((tf, a, b) => tf.mul(a, b)),
  Div: binary((tf, a, b) => tf.div(a, b)),
  Pow: binary((tf, a, b) => tf.pow(a, b)),
  Min: ({ tf, tensors }) => tensors.reduce((a, b) => extreme(tf, 'minimum', a, b)),
  Max: ({ tf, tensors }) => tensors.reduce((a, b) => extreme(tf, 'maximum', a, b)),
  Sum: ({ tf, tensors }) => tensors.reduce((a, b) => tf.add(a, b)),
  Neg: unary((tf, x) => tf.neg(x)),
  Abs: unary((tf, x) => tf.abs(x)),
  Exp: unary((tf, x) => tf.exp(x)),
  Log: unary((tf, x) => tf.log(x)),
  Sqrt: unary((tf, x) => tf.sqrt(x)),
  Reciprocal: unary((tf, x) => tf.reciprocal(x)),
  Erf: unary((tf, x) => tf.erf(x)),
  Sin: unary((tf, x) => tf.sin(x)),
  Cos: unary((tf, x) => tf.cos(x)),
  Sign: unary((tf, x) => tf.sign(x)),
  Floor: unary((tf, x) => tf.floor(x)),
  Ceil: unary((tf, x) => tf.ceil(x)),
  Round: unary((tf, x) => tf.round(x)),
  Equal: compared('equal'),
  Greater: compared('greater'),
  GreaterOrEqual: compared('greaterEqual'),
  Less: compared('less'),
  LessOrEqual: compared('lessEqual'),
  And: binary((tf, a, b) => tf.logicalAnd(a, b)),
  Or: binary((tf, a, b) => tf.logicalOr(a, b)),
  Not: unary((tf, x) => tf.logicalNot(x)),
  Cast: unary((tf, x, { rule }) => tf.cast(x, types[integer(rule.node, 'to', 1) as keyof typeof types])),
  Where: ({ tf, tensor }) => select(tf, tensor(0), tensor(1), tensor(2)),
  Relu: unary((tf, x) => tf.relu(x)),
  LeakyRelu: unary((tf, x, context) => tf.leakyRelu(x, attribute(context, 'alpha', 0.01))),
  Elu: unary((tf, x, context) => select(tf, isPositive(tf, x), x, tf.mul(tf.expm1(extreme(tf, 'minimum', x, tf.scalar(0))), attribute(context, 'alpha', 1)))),
  Selu: unary((tf, x, context) => {
    const left = tf.mul(tf.expm1(extreme(tf, 'minimum', x, tf.scalar(0))), attribute(context, 'alpha', 1.67326319217681884765625));
    return tf.mul(select(tf, isPositive(tf, x), x, left), attribute(context, 'gamma', 1.05070102214813232421875));
  }),
  Celu: unary((tf, x, context) => {
    const alpha = attribute(context, 'alpha', 1);
    return select(tf, isPositive(tf, x), x, tf.mul(tf.expm1(tf.div(extreme(tf, 'minimum', x, tf.scalar(0)), alpha)), alpha));
  }),
  PRelu: binary((tf, x, slope) => select(tf, isPositive(tf, x), x, tf.mul(x, slope))),
  Gelu: unary((tf, x) => tf.mul(x, tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5))),
  Sigmoid: unary((tf, x) => tf.sigmoid(x)),
  Tanh: unary((tf, x) => tf.tanh(x)),
  /** tf.softplus is coarse near its thresholds; this form is exact on both sides. */
  Softplus: unary((tf, x) => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))))),
  Softsign: unary((tf, x) => tf.div(x, tf.add(tf.abs(x), 1))),
  HardSigmoid: unary((tf, x, context) => tf.clipByValue(tf.add(tf.mul(x, attribute(context, 'alpha', 0.2)), attribute(context, 'beta', 0.5)), 0, 1)),
  Clip: unary((tf, x, { rule }) => tf.clipByValue(x, rule.constant(1) ?? -3.4e38, rule.constant(2) ?? 3.4e38)),
  Softmax: unary((tf, x, context) => (isLast(context) ? tf.softmax(x) : tf.exp(logSoftmax(tf, x, context)))),
  LogSoftmax: unary(logSoftmax),
};
