import { float, integer } from '../attributes';
import type { GraphBuilder } from '../builder';
import type { CompositeOperator, OperatorFamily, PrimitiveOperator, RuleContext } from '../operator';
import { dimension, positiveAxis, range, sizeOf } from '../shapes';
import { sumTo } from './broadcasting';

const input = (context: RuleContext, index: number): string => context.node.inputs[index] ?? '';

/** (x − mean)/√(var + ε), mean and variance over `axes` of x itself. */
function standardized(build: GraphBuilder, x: string, axes: readonly number[], epsilon: number): string {
  const centred = build.node('Sub', [x, build.node('ReduceMean', [x], { axes, keepdims: 1 })]);
  const variance = build.node('ReduceMean', [build.node('Mul', [centred, centred])], { axes, keepdims: 1 });
  return build.node('Div', [centred, build.node('Sqrt', [build.node('Add', [variance, build.scalar(epsilon)])])]);
}

/** scale·x + bias, with both reshaped to `shape`; either may be absent. Writes the node's output. */
function affine(context: RuleContext, build: GraphBuilder, x: string, shape: readonly number[]): void {
  const outputs = context.node.outputs.slice(0, 1);
  const factors = [1, 2].map((index) => (context.has(index) ? build.node('Reshape', [input(context, index), build.integers(shape)]) : undefined));
  const [scale, bias] = factors;
  if (bias === undefined) build.node('Mul', [x, scale ?? build.scalar(1)], {}, { outputs });
  else build.node('Add', [scale === undefined ? x : build.node('Mul', [x, scale]), bias], {}, { outputs });
}

function onlyOutput(context: RuleContext): void {
  if (context.node.outputs.slice(1).some((name) => name !== '')) context.unsupported('only the first output is supported.');
}

/** Channels second, all other axes 1. */
const perChannel = (context: RuleContext): readonly number[] => context.input(0).shape.map((size, axis) => (axis === 1 ? size : 1));

/**
 * Inference form: a fixed affine map of every channel. Training form (`training_mode`): mean and variance are those of the batch at hand, population
 * form, and gradients go through both; the second and third output are the running statistics, which then no step reads.
 * Source: S. Ioffe, C. Szegedy, ICML 2015; ONNX operator set 15.
 */
const batchNormalization: CompositeOperator = {
  expand: (context, build) => {
    if (integer(context.node, 'training_mode', 0) === 1) {
      normalizeByBatch(context, build);
      return;
    }
    onlyOutput(context);
    const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => input(context, index));
    const deviation = build.node('Sqrt', [build.node('Add', [variance ?? '', build.scalar(float(context.node, 'epsilon', 1e-5))])]);
    const factor = build.node('Div', [scale ?? '', deviation]);
    const shift = build.node('Sub', [bias ?? '', build.node('Mul', [mean ?? '', factor])]);
    const shape = build.integers(perChannel(context));
    const scaled = build.node('Mul', [input(context, 0), build.node('Reshape', [factor, shape])]);
    build.node('Add', [scaled, build.node('Reshape', [shift, shape])], {}, { outputs: context.node.outputs.slice(0, 1) });
  },
};

function normalizeByBatch(context: RuleContext, build: GraphBuilder): void {
  const { node } = context;
  const x = input(context, 0);
  const axes = range(context.input(0).shape.length).filter((axis) => axis !== 1);
  const mean = build.node('ReduceMean', [x], { axes, keepdims: 1 });
  const centred = build.node('Sub', [x, mean]);
  const variance = build.node('ReduceMean', [build.node('Mul', [centred, centred])], { axes, keepdims: 1 });
  const deviation = build.node('Sqrt', [build.node('Add', [variance, build.scalar(float(node, 'epsilon', 1e-5))])]);
  affine(context, build, build.node('Div', [centred, deviation]), perChannel(context));
  const momentum = float(node, 'momentum', 0.9);
  [mean, variance].forEach((statistic, index) => {
    const name = node.outputs[1 + index] ?? '';
    if (name === '') return;
    const kept = build.node('Mul', [input(context, 3 + index), build.scalar(momentum)]);
    const current = build.node('Reshape', [statistic, build.integers([dimension(context.input(0).shape, 1)])]);
    build.node('Add', [kept, build.node('Mul', [current, build.scalar(1 - momentum)])], {}, { outputs: [name] });
  });
}

const firstAxis = (context: RuleContext): number => positiveAxis(integer(context.node, 'axis', -1), context.input(0).shape.length);

/** J. L. Ba, J. R. Kiros, G. E. Hinton, arXiv 1607.06450: over all axes from `axis` on. */
const layerNormalization: PrimitiveOperator = {
  types: (context) => {
    const { shape } = context.input(0);
    const reduced = { dataType: 'float32' as const, shape: shape.map((size, axis) => (axis < firstAxis(context) ? size : 1)) };
    if (sizeOf(context.input(1).shape) !== sizeOf(shape.slice(firstAxis(context)))) context.mismatch(`a scale of shape [${context.input(1).shape.join(', ')}] does not fit the axes from ${firstAxis(context)} of [${shape.join(', ')}].`);
    return [context.input(0), reduced, reduced];
  },
  /** With z the standardised input, s its inverse deviation and h = dy·scale: dx = s(h − mean(h) − z·mean(h·z)). */
  gradient: (context) => {
    const { build, gradient } = context;
    const { shape } = context.input(0);
    const axes = range(shape.length).slice(firstAxis(context));
    const output = context.node.outputs[0] ?? '';
    const [mean, inverse] = [build.extraOutput(output, 1), build.extraOutput(output, 2)];
    const z = build.node('Mul', [build.node('Sub', [context.name(0), mean]), inverse]);
    const average = (value: string): string => build.node('ReduceMean', [value], { axes, keepdims: 1 });
    const toInput = (): string => {
      const h = build.node('Mul', [gradient, context.name(1)]);
      const along = build.node('Mul', [z, average(build.node('Mul', [h, z]))]);
      return build.node('Mul', [build.node('Sub', [build.node('Sub', [h, average(h)]), along]), inverse]);
    };
    return [
      context.wanted(0) ? toInput() : undefined,
      context.wanted(1) ? sumTo(build, build.node('Mul', [gradient, z]), shape, context.input(1).shape) : undefined,
      context.wanted(2) ? sumTo(build, gradient, shape, context.input(2).shape) : undefined,
    ];
  },
};

const instanceNormalization: CompositeOperator = {
  expand: (context, build) => {
    const axes = range(context.input(0).shape.length).slice(2);
    affine(context, build, standardized(build, input(context, 0), axes, float(context.node, 'epsilon', 1e-5)), perChannel(context));
  },
};

/** Y. Wu, K. He, ECCV 2018. Scale and bias are per group before operator set 21 and per channel since; their length tells. */
const groupNormalization: CompositeOperator = {
  expand: (context, build) => {
    const { shape } = context.input(0);
    const groups = integer(context.node, 'num_groups', 1);
    const channels = dimension(shape, 1);
    if (channels % groups !== 0) context.mismatch(`${channels} channels do not divide into ${groups} groups.`);
    const grouped = build.node('Reshape', [input(context, 0), build.integers([dimension(shape, 0), groups, channels / groups, ...shape.slice(2)])]);
    const axes = range(shape.length + 1).slice(2);
    const normal = standardized(build, grouped, axes, float(context.node, 'epsilon', 1e-5));
    const spatial = shape.slice(2).map(() => 1);
    const perGroup = context.has(1) && sizeOf(context.input(1).shape) === groups && groups !== channels;
    const factors = [1, 2].map((index) => build.node('Reshape', [input(context, index), build.integers(perGroup ? [1, groups, 1, ...spatial] : [1, groups, channels / groups, ...spatial])]));
    const [scale = '', bias = ''] = factors;
    build.node('Reshape', [build.node('Add', [build.node('Mul', [normal, scale]), bias]), build.integers(shape)], {}, { outputs: context.node.outputs });
  },
};

/** x/‖x‖ along an axis. */
const lpNormalization: CompositeOperator = {
  expand: (context, build) => {
    const { node } = context;
    const norm = build.node(integer(node, 'p', 2) === 1 ? 'ReduceL1' : 'ReduceL2', [input(context, 0)], { axes: [integer(node, 'axis', -1)], keepdims: 1 });
    build.node('Div', [input(context, 0), norm], {}, { outputs: node.outputs });
  },
};

/** Normalisations. All but one are written with elementary operators, and their gradients follow from those. */
export const normalizations: OperatorFamily = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LpNormalization: lpNormalization,
};
