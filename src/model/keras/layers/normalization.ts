import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';

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

/** y = γ(x − mean)/√(variance + ε) + β, with mean and variance of the record itself over the last axis. */
export const layerNormalization: Layer = (context, inputs) => {
  const config = context.config(z.object({
    axis: oneAxis,
    epsilon: z.number().positive().default(1e-3),
    center: z.boolean().default(true),
    scale: z.boolean().default(true),
    rms_scaling: z.boolean().default(false),
  }));
  if (config.rms_scaling) throw context.refusal('rms_scaling');
  const input = context.single(inputs);
  if (shapeAxis(context, input, config.axis) !== input.shape.length - 1) throw context.refusal(`the axis ${config.axis}`);
  const length = input.shape.at(-1) ?? 0;
  const gamma = config.scale ? context.weight('gamma', [length]) : context.emitter.builder.constant(new Float32Array(length).fill(1), [length]);
  const parameters = config.center ? [gamma, context.weight('beta', [length])] : [gamma];
  const name = context.emit('LayerNormalization', [context.emitter.asShaped(context.name, input), ...parameters], { axis: -1, epsilon: config.epsilon });
  return { name, shape: input.shape, channelsMovedFirst: false };
};

/**
 * y = (x − μ)/max(√σ², 10⁻⁷), with mean and variance that `adapt` took from data, or that the configuration states.
 * @throws UserError layer-unsupported for statistics of more than one axis
 */
export const normalization: Layer = (context, inputs) => {
  const config = context.config(z.object({ axis: oneAxis, mean: z.unknown().optional(), variance: z.unknown().optional(), invert: z.boolean().default(false) }));
  if (config.invert) throw context.refusal('invert');
  if ((config.mean ?? undefined) !== undefined) throw context.refusal('statistics in its configuration');
  const value = context.single(inputs);
  const at = shapeAxis(context, value, config.axis);
  const length = value.shape[at] ?? 0;
  const mean = context.weight('mean', [length], 'buffer');
  const variance = context.weight('variance', [length], 'buffer');
  context.weight('count', [], 'buffer');
  const { builder } = context.emitter;
  const deviation = context.emit('Max', [context.emit('Sqrt', [variance]), builder.scalar(1e-7)]);
  const centred = context.emit('Sub', [value.name, along(context, mean, length, value, at)]);
  return { ...value, name: context.emit('Div', [centred, along(context, deviation, length, value, at)]) };
};

export const rescaling: Layer = (context, inputs) => {
  const { scale, offset } = context.config(z.object({ scale: z.number(), offset: z.number().default(0) }));
  const value = context.single(inputs);
  const { builder } = context.emitter;
  const scaled = context.emit('Mul', [value.name, builder.scalar(scale)]);
  return { ...value, name: offset === 0 ? scaled : context.emit('Add', [scaled, builder.scalar(offset)]) };
};
