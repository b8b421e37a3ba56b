import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';

type Activation = (context: LayerContext, value: Value) => Value;

const named: Readonly<Record<string, Activation>> = {
  linear: (_, value) => value,
  relu: (context, value) => context.elementwise('Relu', value),
  relu6: (context, value) => clip(context, value, 0, 6),
  sigmoid: (context, value) => context.elementwise('Sigmoid', value),
  tanh: (context, value) => context.elementwise('Tanh', value),
  elu: (context, value) => context.elementwise('Elu', value, { alpha: 1 }),
  selu: (context, value) => context.elementwise('Selu', value),
  softplus: (context, value) => context.elementwise('Softplus', value),
  softsign: (context, value) => context.elementwise('Softsign', value),
  exponential: (context, value) => context.elementwise('Exp', value),
  // Keras 3 changed the slope.
  hard_sigmoid: (context, value) => context.elementwise('HardSigmoid', value, { alpha: context.generation >= 3 ? 1 / 6 : 0.2, beta: 0.5 }),
  leaky_relu: (context, value) => context.elementwise('LeakyRelu', value, { alpha: 0.2 }),
  gelu: (context, value) => context.elementwise('Gelu', value),
  mish: (context, value) => context.elementwise('Mish', value),
  swish: swish,
  silu: swish,
  softmax: (context, value) => softmaxOver(context, value, -1),
};

/** The activation that a layer names in its configuration; null means none. */
export const activationName = z.union([z.string(), z.null()]).optional();

export function applyActivation(context: LayerContext, name: string | null | undefined, value: Value): Value {
  const activation = named[name ?? 'linear'];
  if (activation === undefined) throw context.refusal(`the activation ${name ?? ''}`);
  return activation(context, value);
}

export const activation: Layer = (context, inputs) => {
  const { activation: name } = context.config(z.object({ activation: activationName }));
  return applyActivation(context, name, context.single(inputs));
};

export const softmax: Layer = (context, inputs) => {
  const { axis } = context.config(z.object({ axis: z.union([z.number().int(), z.array(z.number().int()).length(1)]).default(-1) }));
  return softmaxOver(context, context.single(inputs), typeof axis === 'number' ? axis : axis[0] ?? -1);
};

export const relu: Layer = (context, inputs) => {
  const config = context.config(z.object({
    max_value: z.number().nullish(),
    negative_slope: z.number().nullish(),
    threshold: z.number().nullish(),
  }));
  const value = context.single(inputs);
  if ((config.threshold ?? 0) !== 0) throw context.refusal('a threshold');
  const slope = config.negative_slope ?? 0;
  const maximum = config.max_value ?? undefined;
  if (slope !== 0 && maximum !== undefined) throw context.refusal('both a slope and a maximum');
  if (maximum !== undefined) return clip(context, value, 0, maximum);
  return slope === 0 ? context.elementwise('Relu', value) : context.elementwise('LeakyRelu', value, { alpha: slope });
};

/** Keras 2 calls the slope `alpha`, Keras 3 `negative_slope`. */
export const leakyRelu: Layer = (context, inputs) => {
  const config = context.config(z.object({ alpha: z.number().optional(), negative_slope: z.number().optional() }));
  return context.elementwise('LeakyRelu', context.single(inputs), { alpha: config.negative_slope ?? config.alpha ?? 0.3 });
};

export const elu: Layer = (context, inputs) => {
  const { alpha } = context.config(z.object({ alpha: z.number().default(1) }));
  return context.elementwise('Elu', context.single(inputs), { alpha });
};

/** y = max(x, 0) + α·min(x, 0), with a learned α; axes may share one. */
export const prelu: Layer = (context, inputs) => {
  const { shared_axes } = context.config(z.object({ shared_axes: z.array(z.number().int().positive()).nullish() }));
  const input = context.single(inputs);
  const name = context.emitter.asShaped(context.name, input);
  const alpha = context.weight('alpha', input.shape.map((size, axis) => (shared_axes?.includes(axis + 1) === true ? 1 : size)));
  const positive = context.emit('Relu', [name]);
  const negative = context.emit('Sub', [name, positive]);
  return { name: context.emit('Add', [positive, context.emit('Mul', [alpha, negative])]), shape: input.shape, channelsMovedFirst: false };
};

function softmaxOver(context: LayerContext, value: Value, axis: number): Value {
  const rank = value.shape.length + 1;
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 1 || positive >= rank) throw context.refusal(`the axis ${axis}`);
  const name = context.emit('Softmax', [context.emitter.asShaped(context.name, value)], { axis: positive === rank - 1 ? -1 : positive });
  return { name, shape: value.shape, channelsMovedFirst: false };
}

function clip(context: LayerContext, value: Value, minimum: number, maximum: number): Value {
  return { ...value, name: context.emit('Clip', [value.name, context.emitter.builder.scalar(minimum), context.emitter.builder.scalar(maximum)]) };
}

function swish(context: LayerContext, value: Value): Value {
  return { ...value, name: context.emit('Mul', [value.name, context.emit('Sigmoid', [value.name])]) };
}
