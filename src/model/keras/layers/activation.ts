import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { unlike } from '../masking';
import { softmaxOfCounted } from './softmax';
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
  celu: (context, value) => context.elementwise('Celu', value, { alpha: 1 }),
  hard_tanh: (context, value) => clip(context, value, -1, 1),
  hard_silu: hardSwish,
  hard_swish: hardSwish,
  log_sigmoid: (context, value) => negated(context, context.elementwise('Softplus', negated(context, value))),
  log_softmax: (context, value) => ({ name: context.emit('LogSoftmax', [context.emitter.asShaped(context.name, value)], { axis: -1 }), shape: value.shape, channelsMovedFirst: false }),
  tanh_shrink: (context, value) => ({ ...value, name: context.emit('Sub', [value.name, context.emit('Tanh', [value.name])]) }),
  /** x − min(max(x, −½), ½). */
  soft_shrink: (context, value) => ({ ...value, name: context.emit('Sub', [value.name, clip(context, value, -0.5, 0.5).name]) }),
  squareplus: (context, value) => {
    const { builder } = context.emitter;
    const root = context.emit('Sqrt', [context.emit('Add', [context.emit('Mul', [value.name, value.name]), builder.scalar(4)])]);
    return { ...value, name: context.emit('Mul', [context.emit('Add', [value.name, root]), builder.scalar(0.5)]) };
  },
};

/** The activation that a layer names in its configuration, which may be a layer itself; null means none. */
export const activationName = z.union([z.string(), z.null(), z.object({ class_name: z.string(), config: z.unknown() })]).optional();

export function applyActivation(context: LayerContext, name: z.output<typeof activationName>, value: Value): Value {
  if (typeof name === 'object' && name !== null) {
    const layer = Object.hasOwn(asLayers, name.class_name) ? asLayers[name.class_name] : undefined;
    if (layer === undefined) throw context.refusal(`the activation ${name.class_name}`);
    return layer(context.wrapped(name.class_name, name.config), value);
  }
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
  const value = context.single(inputs.slice(0, 1));
  const along = typeof axis === 'number' ? axis : axis[0] ?? -1;
  const mask = maskOf(context, value);
  if (mask === undefined) return softmaxOver(context, value, along);
  if (along !== -1 && along !== value.shape.length) throw context.refusal(`a mask and the axis ${along}`);
  return { name: softmaxOfCounted(context, context.emitter.asShaped(context.name, value), [mask], context.generation >= 3), shape: value.shape, channelsMovedFirst: false };
};

/** The mask of a call, which says of every number whether it counts. */
function maskOf(context: LayerContext, value: Value): string | undefined {
  const given = context.tensorArgument('mask', 1);
  if (given === undefined && value.mask !== undefined && value.shape.length === 1) return value.mask;
  if (given === undefined && value.mask === undefined) return undefined;
  if (given?.shape.join() !== value.shape.join()) throw context.refusal('a mask of another shape than its input');
  return unlike(context, context.emitter.asShaped(context.name, given), context.emitter.builder.scalar(0));
}

/** min(x⁺, maximum) − slope·(threshold − x)⁺, where x⁺ is x above the threshold, else zero. */
const rectified: Activation = (context, value) => {
  const config = context.config(z.object({
    max_value: z.number().nullish(),
    negative_slope: z.number().nullish(),
    threshold: z.number().nullish(),
  }));
  const threshold = config.threshold ?? 0;
  const slope = config.negative_slope ?? 0;
  const maximum = config.max_value ?? undefined;
  if (maximum === undefined && threshold === 0) return slope === 0 ? context.elementwise('Relu', value) : context.elementwise('LeakyRelu', value, { alpha: slope });
  const { builder } = context.emitter;
  const above = threshold === 0 ? context.elementwise('Relu', value) : aboveThreshold(context, value, threshold);
  const bounded = maximum === undefined ? above : clip(context, above, 0, maximum);
  if (slope === 0) return bounded;
  const below = context.emit('Relu', [context.emit('Sub', [builder.scalar(threshold), value.name])]);
  return { ...bounded, name: context.emit('Sub', [bounded.name, context.emit('Mul', [below, builder.scalar(slope)])]) };
};

function aboveThreshold(context: LayerContext, value: Value, threshold: number): Value {
  const counts = context.emit('Cast', [context.emit('Greater', [value.name, context.emitter.builder.scalar(threshold)])], { to: 1 });
  return { ...value, name: context.emit('Mul', [value.name, counts]) };
}

/** Keras 2 calls the slope `alpha`, Keras 3 `negative_slope`. */
const leaky: Activation = (context, value) => {
  const config = context.config(z.object({ alpha: z.number().optional(), negative_slope: z.number().optional() }));
  return context.elementwise('LeakyRelu', value, { alpha: config.negative_slope ?? config.alpha ?? 0.3 });
};

const exponential: Activation = (context, value) => context.elementwise('Elu', value, { alpha: context.config(z.object({ alpha: z.number().default(1) })).alpha });

/** Layers that can stand for an activation. */
const asLayers: Readonly<Record<string, Activation>> = { ReLU: rectified, LeakyReLU: leaky, ELU: exponential };

export const relu: Layer = (context, inputs) => rectified(context, context.single(inputs));
export const leakyRelu: Layer = (context, inputs) => leaky(context, context.single(inputs));
export const elu: Layer = (context, inputs) => exponential(context, context.single(inputs));
export const thresholdedRelu: Layer = (context, inputs) => aboveThreshold(context, context.single(inputs), context.config(z.object({ theta: z.number().default(1) })).theta);

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

/** x·min(max(x/6 + ½, 0), 1). */
function hardSwish(context: LayerContext, value: Value): Value {
  return { ...value, name: context.emit('Mul', [value.name, context.emit('HardSigmoid', [value.name], { alpha: 1 / 6, beta: 0.5 })]) };
}

function negated(context: LayerContext, value: Value): Value {
  return context.elementwise('Neg', value);
}
