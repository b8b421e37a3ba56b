import { z } from 'zod';
import type { Layer, LayerContext } from './layer';
import { isValue } from './call';
import { applyActivation } from './layers/activation';
import { unlike } from './masking';
import { choice, expandDimensions, getItem, joined, matrixProduct, squeeze, transpose } from './operations-on-axes';
import { setting } from './setting';
import type { Value } from './value';

/** Arithmetic of two tensors, or of a tensor and a number, in the order of the call. */
function arithmetic(operator: string): Layer {
  return (context) => {
    const [left, right] = [operand(context, ['x', 'x1', 'a'], 0), operand(context, ['y', 'x2', 'b'], 1)];
    const shape = broadcast(left.shape, right.shape);
    if (shape === undefined) throw context.refusal('inputs whose shapes do not fit');
    return { name: context.emit(operator, [left.name, right.name]), shape, channelsMovedFirst: false };
  };
}

/** A number is a tensor without axes. */
function operand(context: LayerContext, names: readonly string[], position: number): { readonly name: string; readonly shape: readonly number[] | undefined } {
  const argument = names.map((name) => context.argument(name, position)).find((found) => found !== undefined);
  if (isValue(argument)) return { name: context.emitter.asShaped(context.name, argument), shape: argument.shape };
  if (typeof argument === 'number') return { name: context.emitter.builder.scalar(argument), shape: undefined };
  throw context.refusal('an argument that is neither a tensor nor a number');
}

/** Shapes without the batch; undefined stands for a number. Tensors of fewer axes would be broadcast against the batch. */
function broadcast(left: readonly number[] | undefined, right: readonly number[] | undefined): readonly number[] | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.length !== right.length) return undefined;
  const shape = left.map((size, axis) => Math.max(size, right[axis] ?? 0));
  return [left, right].every((each) => each.every((size, axis) => size === 1 || size === shape[axis])) ? shape : undefined;
}

function elementwise(operator: string): Layer {
  return (context, inputs) => context.elementwise(operator, context.single(inputs));
}

/** Masks are numbers here: 1 for what counts, else 0. */
function comparison(compare: (context: LayerContext, left: string, right: string) => string): Layer {
  return (context) => {
    const [left, right] = [operand(context, ['x', 'x1'], 0), operand(context, ['y', 'x2'], 1)];
    const shape = broadcast(left.shape, right.shape);
    if (shape === undefined) throw context.refusal('inputs whose shapes do not fit');
    return { name: compare(context, left.name, right.name), shape, channelsMovedFirst: false };
  };
}

const asNumber = (operator: string): Layer => comparison((context, left, right) => context.emit('Cast', [context.emit(operator, [left, right])], { to: 1 }));

const logicalNot: Layer = (context, inputs) => {
  const value = context.single(inputs);
  return { ...value, name: context.emit('Sub', [context.emitter.builder.scalar(1), value.name]) };
};

const reciprocalRoot: Layer = (context, inputs) => {
  const value = context.single(inputs);
  return { ...value, name: context.emit('Div', [context.emitter.builder.scalar(1), context.emit('Sqrt', [value.name])]) };
};

/** Numbers stay float32 here, whatever they are called. */
const cast: Layer = (context, inputs) => {
  const type = setting(context, 'dtype', 1);
  if (typeof type !== 'string' || !['float32', 'bool'].includes(type)) throw context.refusal(`the type ${String(type)}`);
  const [value] = inputs;
  if (value === undefined) throw context.refusal('no inputs');
  return type === 'bool' ? { ...value, name: unlike(context, value.name, context.emitter.builder.scalar(0)) } : value;
};

/** The same number everywhere, in the shape of the input. */
function filled(one: boolean): Layer {
  return (context, inputs) => {
    const [value] = inputs;
    if (value === undefined) throw context.refusal('no inputs');
    return { ...value, name: one ? context.emit('Cast', [context.emit('Equal', [value.name, value.name])], { to: 1 }) : unlike(context, value.name, value.name) };
  };
}

const clip: Layer = (context, inputs) => {
  const [value] = inputs;
  const [least, most] = [setting(context, 'x_min', 1) ?? setting(context, 'clip_value_min', 1), setting(context, 'x_max', 2) ?? setting(context, 'clip_value_max', 2)];
  if (value === undefined || typeof least !== 'number' || typeof most !== 'number') throw context.refusal('bounds that are no numbers');
  const { builder } = context.emitter;
  return { ...value, name: context.emit('Clip', [value.name, builder.scalar(least), builder.scalar(most)]) };
};

/** A function of one value with a name among the activations. */
function activationOf(name: string): Layer {
  return (context, inputs) => applyActivation(context, name, context.single(inputs));
}

/** Keras's own has another form by default than TensorFlow's. */
const gelu: Layer = (context, inputs) => {
  const value = context.single(inputs);
  const approximate = setting(context, 'approximate', 1) ?? context.generation >= 3;
  if (approximate !== true) return applyActivation(context, 'gelu', value);
  const { builder } = context.emitter;
  const cube = context.emit('Mul', [context.emit('Mul', [value.name, value.name]), value.name]);
  const inner = context.emit('Mul', [context.emit('Add', [value.name, context.emit('Mul', [cube, builder.scalar(0.044715)])]), builder.scalar(Math.sqrt(2 / Math.PI))]);
  const curved = context.emit('Add', [context.emit('Tanh', [inner]), builder.scalar(1)]);
  return { ...value, name: context.emit('Mul', [context.emit('Mul', [value.name, curved]), builder.scalar(0.5)]) };
};

const leakyRelu: Layer = (context, inputs) => {
  const slope = setting(context, 'negative_slope', 1) ?? setting(context, 'alpha', 1) ?? 0.2;
  return context.elementwise('LeakyRelu', context.single(inputs), { alpha: Number(slope) });
};

const square: Layer = (context, inputs) => {
  const value = context.single(inputs);
  return { ...value, name: context.emit('Mul', [value.name, value.name]) };
};

const axes = z.union([z.number().int().transform((one) => [one]), z.array(z.number().int())]);

function reduction(operator: 'ReduceMean' | 'ReduceSum' | 'ReduceMax' | 'ReduceMin'): Layer {
  return (context, inputs) => {
    const value = context.single(inputs);
    const given = axes.safeParse(setting(context, 'axis', 1));
    const rank = value.shape.length + 1;
    const along = given.success ? given.data.map((axis) => (axis < 0 ? axis + rank : axis)) : [0];
    if (along.some((axis) => axis < 1 || axis >= rank)) throw context.refusal('a reduction over the batch');
    const keeps = setting(context, 'keepdims', 2) === true;
    const x = context.emitter.asShaped(context.name, value);
    const name = operator === 'ReduceSum'
      ? context.emit(operator, [x, context.emitter.builder.integers(along)], { keepdims: keeps ? 1 : 0 })
      : context.emit(operator, [x], { axes: along, keepdims: keeps ? 1 : 0 });
    const shape = value.shape.flatMap((size, axis) => (along.includes(axis + 1) ? (keeps ? [1] : []) : [size]));
    return { name, shape, channelsMovedFirst: false };
  };
}

const reshape: Layer = (context, inputs) => {
  const value = context.single(inputs);
  const target = z.array(z.number().int().nullable()).min(1).safeParse(setting(context, 'newshape', 1) ?? setting(context, 'shape', 1));
  const [batch, ...rest] = target.success ? target.data.map((size) => size ?? -1) : [];
  const size = value.shape.reduce((product, length) => product * length, 1);
  const known = rest.filter((length) => length !== -1).reduce((product, length) => product * length, 1);
  const shape = rest.map((length) => (length === -1 ? size / known : length));
  // Only the batch may be of any size, and only where the rest is known is the first axis the batch.
  if (batch !== -1 || shape.reduce((product, length) => product * length, 1) !== size || rest.filter((length) => length === -1).length > 0) throw context.refusal('a shape that does not keep the records apart');
  return context.emitter.reshape(context.name, value, shape);
};

const softmax: Layer = (context, inputs) => {
  const value: Value = context.single(inputs);
  if (![undefined, -1].includes(setting(context, 'axis', 1) as number | undefined)) throw context.refusal('another axis than the last');
  return { name: context.emit('Softmax', [context.emitter.asShaped(context.name, value)], { axis: -1 }), shape: value.shape, channelsMovedFirst: false };
};

/** Functions of `keras.ops` in a Functional model of Keras 3, by their class. */
export const operations: Readonly<Record<string, Layer>> = {
  Abs: elementwise('Abs'), Absolute: elementwise('Abs'), Add: arithmetic('Add'), Any: reduction('ReduceMax'), Cast: cast, Clip: clip, Concatenate: joined(false), ConvertToTensor: (context, inputs) => context.single(inputs), Divide: arithmetic('Div'), Elu: activationOf('elu'), Equal: asNumber('Equal'),
  Exp: elementwise('Exp'), ExpandDims: expandDimensions, Gelu: gelu, GetItem: getItem, Greater: asNumber('Greater'), GreaterEqual: asNumber('GreaterOrEqual'), LeakyRelu: leakyRelu, Less: asNumber('Less'), LessEqual: asNumber('LessOrEqual'), Log: elementwise('Log'), LogSoftmax: activationOf('log_softmax'),
  LogicalAnd: arithmetic('Mul'), LogicalNot: logicalNot, LogicalOr: arithmetic('Max'), Matmul: matrixProduct, Max: reduction('ReduceMax'),
  Maximum: arithmetic('Max'), Mean: reduction('ReduceMean'), Min: reduction('ReduceMin'), Minimum: arithmetic('Min'), Multiply: arithmetic('Mul'), Negative: elementwise('Neg'), NotEqual: comparison(unlike), OnesLike: filled(true), Power: arithmetic('Pow'),
  Relu: elementwise('Relu'), Relu6: activationOf('relu6'), Rsqrt: reciprocalRoot, Silu: activationOf('silu'), Squeeze: squeeze, Stack: joined(true), Transpose: transpose, Where: choice, ZerosLike: filled(false), Reshape: reshape, Sigmoid: elementwise('Sigmoid'), Softmax: softmax, Softplus: elementwise('Softplus'), Sqrt: elementwise('Sqrt'), Square: square,
  Subtract: arithmetic('Sub'), Sum: reduction('ReduceSum'), Tanh: elementwise('Tanh'), TrueDivide: arithmetic('Div'),
};

/** Functions of TensorFlow in a Functional model of Keras 2, by the name in their configuration. */
const functions: Readonly<Record<string, Layer>> = {
  '__operators__.add': arithmetic('Add'), '__operators__.getitem': getItem, cast, clip_by_value: clip, 'compat.v1.squeeze': squeeze, squeeze, 'compat.v1.transpose': transpose, transpose, concat: joined(false), expand_dims: expandDimensions, 'linalg.matmul': matrixProduct,
  'math.equal': asNumber('Equal'), 'math.greater': asNumber('Greater'), 'math.greater_equal': asNumber('GreaterOrEqual'), 'math.less': asNumber('Less'), 'math.less_equal': asNumber('LessOrEqual'), 'math.logical_and': arithmetic('Mul'), 'math.logical_not': logicalNot, 'math.logical_or': arithmetic('Max'),
  'math.not_equal': comparison(unlike), 'math.pow': arithmetic('Pow'), 'math.reduce_min': reduction('ReduceMin'), 'math.rsqrt': reciprocalRoot, 'nn.elu': activationOf('elu'), 'nn.gelu': gelu, 'nn.leaky_relu': leakyRelu, 'nn.relu6': activationOf('relu6'), 'nn.silu': activationOf('silu'), stack: joined(true), where: choice,
  'math.abs': elementwise('Abs'), 'math.add': arithmetic('Add'), 'math.divide': arithmetic('Div'), 'math.exp': elementwise('Exp'), 'math.log': elementwise('Log'),
  'math.maximum': arithmetic('Max'), 'math.minimum': arithmetic('Min'), 'math.multiply': arithmetic('Mul'), 'math.negative': elementwise('Neg'), 'math.reduce_max': reduction('ReduceMax'),
  'math.reduce_mean': reduction('ReduceMean'), 'math.reduce_sum': reduction('ReduceSum'), 'math.sigmoid': elementwise('Sigmoid'), 'math.sqrt': elementwise('Sqrt'), 'math.square': square,
  'math.subtract': arithmetic('Sub'), 'math.tanh': elementwise('Tanh'), 'math.truediv': arithmetic('Div'), 'nn.relu': elementwise('Relu'), 'nn.sigmoid': elementwise('Sigmoid'), 'nn.softmax': softmax,
  'nn.softplus': elementwise('Softplus'), 'nn.tanh': elementwise('Tanh'), reshape,
};

/** A function of TensorFlow that a model calls between its layers. */
export const tensorFlowFunction: Layer = (context, inputs) => {
  const { function: name } = context.config(z.object({ function: z.string() }));
  const apply = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (apply === undefined) throw context.refusal(`the function tf.${name}`);
  return apply(context, inputs);
};
