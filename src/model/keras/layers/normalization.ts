import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { sizeOf, type Value } from '../value';
import { unitVectors } from './merge';

const oneAxis = z.union([z.number().int(), z.array(z.number().int()).length(1).transform(([axis]) => axis ?? -1)]).default(-1);

/** The position of a Keras axis (batch is 0) in `value.shape`. */
function shapeAxis(context: LayerContext, value: Value, axis: number): number {
  const at = axis < 0 ? axis + value.shape.length : axis - 1;
  if (at < 0 || at >= value.shape.length) throw context.refusal(`the axis ${axis}`);
  return at;
}

/** A vector along one axis, reshaped so that it broadcasts over the value as it is laid out. */
function along(context: LayerContext, vector: string, length: number, value: Value, at: number): string {
  const last = value.shape.length - 1;
  const stored = value.channelsMovedFirst ? (at === last ? 0 : at + 1) : at;
  return stored === last ? vector : context.emit('Reshape', [vector, context.emitter.builder.integers([length, ...Array<number>(last - stored).fill(1)])]);
}

/**
 * y = γ(x − μ)/√(σ² + ε) + β with the moving statistics, as the released model computes it.
 * μ and σ² were averaged over training data: they are buffers, which no gradient reaches.
 */
export const batchNormalization: Layer = (context, inputs) => {
  const config = context.config(z.object({
    axis: oneAxis,
    epsilon: z.number().positive().default(1e-3),
    center: z.boolean().default(true),
    scale: z.boolean().default(true),
    renorm: z.boolean().default(false),
  }));
  if (config.renorm) throw context.refusal('renorm');
  const value = context.single(inputs);
  const at = shapeAxis(context, value, config.axis);
  const length = value.shape[at] ?? 0;
  const gamma = config.scale ? context.weight('gamma', [length]) : context.emitter.builder.scalar(1);
  const beta = config.center ? context.weight('beta', [length]) : undefined;
  const mean = context.weight('moving_mean', [length], 'buffer');
  const variance = context.weight('moving_variance', [length], 'buffer');
  const deviation = context.emit('Sqrt', [context.emit('Add', [variance, context.emitter.builder.scalar(config.epsilon)])]);
  const factor = context.emit('Div', [gamma, deviation]);
  const centred = context.emit('Sub', [value.name, along(context, mean, length, value, at)]);
  const scaled = context.emit('Mul', [centred, along(context, factor, length, value, at)]);
  return { ...value, name: beta === undefined ? scaled : context.emit('Add', [scaled, along(context, beta, length, value, at)]) };
};

/** y = γ(x − mean)/√(variance + ε) + β, with mean and variance of the record itself, over the last axes. */
export const layerNormalization: Layer = (context, inputs) => {
  const config = context.config(z.object({
    axis: z.union([z.number().int().transform((one) => [one]), z.array(z.number().int()).min(1)]).default([-1]),
    epsilon: z.number().positive().default(1e-3),
    center: z.boolean().default(true),
    scale: z.boolean().default(true),
    rms_scaling: z.boolean().default(false),
  }));
  if (config.rms_scaling) throw context.refusal('rms_scaling');
  const input = context.single(inputs);
  const axes = config.axis.map((axis) => shapeAxis(context, input, axis)).sort((a, b) => a - b);
  const count = axes.length;
  if (axes.some((axis, at) => axis !== input.shape.length - count + at)) throw context.refusal(`the axes ${config.axis.join(', ')}`);
  const { builder } = context.emitter;
  const shape = input.shape.slice(-count);
  const x = context.emitter.asShaped(context.name, input);
  const gamma = config.scale ? context.weight('gamma', shape) : builder.constant(new Float32Array(sizeOf(shape)).fill(1), shape);
  const beta = config.center ? context.weight('beta', shape) : undefined;
  if (count === 1) {
    const name = context.emit('LayerNormalization', beta === undefined ? [x, gamma] : [x, gamma, beta], { axis: -1, epsilon: config.epsilon });
    return { name, shape: input.shape, channelsMovedFirst: false };
  }
  const scaled = context.emit('Mul', [standardized(context, x, axes.map((axis) => axis + 1), config.epsilon), gamma]);
  return { name: beta === undefined ? scaled : context.emit('Add', [scaled, beta]), shape: input.shape, channelsMovedFirst: false };
};

/** (x − mean)/√(variance + ε) over some axes of the record itself. */
function standardized(context: LayerContext, x: string, axes: readonly number[], epsilon: number): string {
  const { builder } = context.emitter;
  const centred = context.emit('Sub', [x, context.emit('ReduceMean', [x], { axes, keepdims: 1 })]);
  const variance = context.emit('ReduceMean', [context.emit('Mul', [centred, centred])], { axes, keepdims: 1 });
  return context.emit('Div', [centred, context.emit('Sqrt', [context.emit('Add', [variance, builder.scalar(epsilon)])])]);
}

/** Y. Wu, K. He, 2018: each group of channels is standardised over its channels and all pixels. */
export const groupNormalization: Layer = (context, inputs) => {
  const config = context.config(z.object({
    groups: z.number().int().default(32),
    axis: oneAxis,
    epsilon: z.number().positive().default(1e-3),
    center: z.boolean().default(true),
    scale: z.boolean().default(true),
  }));
  const value = context.single(inputs);
  const at = shapeAxis(context, value, config.axis);
  const length = value.shape[at] ?? 0;
  const groups = config.groups === -1 ? length : config.groups;
  if (length % groups !== 0) throw context.refusal(`${groups} groups of ${length} channels`);
  const { builder } = context.emitter;
  const x = context.emitter.asShaped(context.name, value);
  const apart = context.emit('Reshape', [x, builder.integers([0, ...value.shape.slice(0, at), groups, length / groups, ...value.shape.slice(at + 1)])]);
  const axes = Array.from({ length: value.shape.length + 1 }, (_, axis) => axis + 1).filter((axis) => axis !== at + 1);
  const together = context.emit('Reshape', [standardized(context, apart, axes, config.epsilon), builder.integers([0, ...value.shape])]);
  const shaped = { ...value, name: together, channelsMovedFirst: false };
  const scaled = config.scale ? context.emit('Mul', [together, along(context, context.weight('gamma', [length]), length, shaped, at)]) : together;
  return { ...shaped, name: config.center ? context.emit('Add', [scaled, along(context, context.weight('beta', [length]), length, shaped, at)]) : scaled };
};

/** Vectors along the axes divided by their length. */
export const unitNormalization: Layer = (context, inputs) => {
  const { axis } = context.config(z.object({ axis: z.union([z.number().int().transform((one) => [one]), z.array(z.number().int())]).default([-1]) }));
  const value = context.single(inputs);
  const axes = axis.map((each) => shapeAxis(context, value, each) + 1);
  return { name: unitVectors(context, context.emitter.asShaped(context.name, value), axes), shape: value.shape, channelsMovedFirst: false };
};

/** B. Zhang, R. Sennrich, 2019: y = γx/√(mean of x² + ε) over the last axis. */
export const rmsNormalization: Layer = (context, inputs) => {
  const { axis, epsilon } = context.config(z.object({ axis: oneAxis, epsilon: z.number().positive().default(1e-6) }));
  const value = context.single(inputs);
  if (shapeAxis(context, value, axis) !== value.shape.length - 1) throw context.refusal(`the axis ${axis}`);
  const x = context.emitter.asShaped(context.name, value);
  const { builder } = context.emitter;
  const squares = context.emit('ReduceMean', [context.emit('Mul', [x, x])], { axes: [-1], keepdims: 1 });
  const unit = context.emit('Div', [x, context.emit('Sqrt', [context.emit('Add', [squares, builder.scalar(epsilon)])])]);
  return { name: context.emit('Mul', [unit, context.weight('scale', [value.shape.at(-1) ?? 1])]), shape: value.shape, channelsMovedFirst: false };
};

/**
 * y = (x − μ)/max(√σ², 10⁻⁷), with mean and variance that `adapt` took from data, or that the configuration states.
 * The latter stay as they are: the file's weights are written back, and not its configuration.
 * @throws UserError layer-unsupported for statistics of more than one axis
 */
export const normalization: Layer = (context, inputs) => {
  const config = context.config(z.object({ axis: z.union([oneAxis, z.null(), z.array(z.number()).length(0).transform(() => null)]), mean: z.unknown().optional(), variance: z.unknown().optional(), invert: z.boolean().default(false) }));
  const value = context.single(inputs);
  // Without an axis there is one mean of everything.
  const at = config.axis === null ? value.shape.length - 1 : shapeAxis(context, value, config.axis);
  const length = config.axis === null ? 1 : value.shape[at] ?? 0;
  const stated = (config.mean ?? undefined) !== undefined;
  const shape = config.axis === null ? [] : [length];
  const mean = stated ? context.configured('mean', repeated(context, config.mean, length)) : context.weight('mean', shape, 'buffer');
  const variance = stated ? context.configured('variance', repeated(context, config.variance, length)) : context.weight('variance', shape, 'buffer');
  if (!stated) context.weight('count', [], 'buffer');
  const { builder } = context.emitter;
  const deviation = context.emit('Max', [context.emit('Sqrt', [variance]), builder.scalar(1e-7)]);
  if (config.invert) {
    const spread = context.emit('Mul', [value.name, along(context, deviation, length, value, at)]);
    return { ...value, name: context.emit('Add', [spread, along(context, mean, length, value, at)]) };
  }
  const centred = context.emit('Sub', [value.name, along(context, mean, length, value, at)]);
  return { ...value, name: context.emit('Div', [centred, along(context, deviation, length, value, at)]) };
};

/** The numbers of a setting, at whatever depth of lists; one number stands for all. */
function repeated(context: LayerContext, setting: unknown, length: number): readonly number[] {
  const numbers = z.array(z.number()).safeParse([setting].flat(8));
  if (!numbers.success || (numbers.data.length !== 1 && numbers.data.length !== length)) throw context.refusal('statistics of another shape than its input');
  return numbers.data.length === length ? numbers.data : Array<number>(length).fill(numbers.data[0] ?? 0);
}

export const rescaling: Layer = (context, inputs) => {
  const { scale, offset } = context.config(z.object({ scale: z.number(), offset: z.number().default(0) }));
  const value = context.single(inputs);
  const { builder } = context.emitter;
  const scaled = context.emit('Mul', [value.name, builder.scalar(scale)]);
  return { ...value, name: offset === 0 ? scaled : context.emit('Add', [scaled, builder.scalar(offset)]) };
};
