import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';

/** Element by element; inputs in different layouts are brought back to Keras's order first. */
function merging(operator: 'Add' | 'Sub' | 'Mul' | 'Max' | 'Min', finish: (context: LayerContext, merged: string, count: number) => string = (_, merged) => merged): Layer {
  return (context, inputs) => {
    const [first, ...others] = aligned(context, inputs);
    if (first === undefined || others.length === 0) throw context.refusal('fewer than two inputs');
    const shape = broadcast(inputs.map((value) => value.shape));
    if (shape === undefined) throw context.refusal('inputs whose shapes do not fit');
    if (operator === 'Sub' && others.length !== 1) throw context.refusal('more than two inputs');
    const merged = others.reduce((name, value) => context.emit(operator, [name, value.name]), first.name);
    return { ...first, shape, name: finish(context, merged, inputs.length) };
  };
}

/** A size of one is repeated; undefined where sizes differ otherwise. */
function broadcast(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const [first = [], ...others] = shapes;
  const largest = first.map((size, axis) => Math.max(size, ...others.map((shape) => shape[axis] ?? 0)));
  return shapes.every((shape) => shape.length === largest.length && shape.every((size, axis) => size === 1 || size === largest[axis])) ? largest : undefined;
}

export const add = merging('Add');
export const subtract = merging('Sub');
export const multiply = merging('Mul');
export const maximum = merging('Max');
export const minimum = merging('Min');
export const average = merging('Add', (context, merged, count) => context.emit('Mul', [merged, context.emitter.builder.scalar(1 / count)]));

export const concatenate: Layer = (context, inputs) => {
  const { axis } = context.config(z.object({ axis: z.number().int().default(-1) }));
  const values = aligned(context, inputs);
  const [first] = values;
  if (first === undefined) throw context.refusal('no inputs');
  const rank = first.shape.length + 1;
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 1 || positive >= rank) throw context.refusal(`the axis ${axis}`);
  const along = positive - 1;
  if (values.some((value) => value.shape.length + 1 !== rank || value.shape.some((size, at) => at !== along && size !== first.shape[at]))) {
    throw context.refusal('inputs whose shapes do not fit');
  }
  const shape = first.shape.map((size, at) => (at === along ? values.reduce((sum, value) => sum + (value.shape[at] ?? 0), 0) : size));
  let stored = positive;
  if (first.channelsMovedFirst) stored = positive === rank - 1 ? 1 : positive + 1;
  const name = values.length === 1 ? first.name : context.emit('Concat', values.map((value) => value.name), { axis: stored });
  return { name, shape, channelsMovedFirst: first.channelsMovedFirst };
};

function aligned(context: LayerContext, inputs: readonly Value[]): readonly Value[] {
  if (inputs.every((value) => value.channelsMovedFirst)) return inputs;
  return inputs.map((value) => ({ name: context.emitter.asShaped(context.name, value), shape: value.shape, channelsMovedFirst: false }));
}

const twoAxes = z.union([z.number().int().transform((both) => [both, both] as const), z.tuple([z.number().int(), z.number().int()])]);

/** Products of vectors along one axis of each input, for each record. */
export const dot: Layer = (context, inputs) => {
  const { axes, normalize } = context.config(z.object({ axes: twoAxes, normalize: z.boolean().default(false) }));
  const sides = inputs.map((input, side) => {
    const rank = input.shape.length + 1;
    const axis = axes[side] ?? -1;
    const positive = axis < 0 ? axis + rank : axis;
    if (rank < 2 || rank > 3 || positive < 1 || positive >= rank) throw context.refusal(`the axis ${axis} of an input of shape (${input.shape.join(', ')})`);
    const name = context.emitter.asShaped(context.name, input);
    const rows = rank === 2 || positive === 2 ? name : context.emit('Transpose', [name], { perm: [0, 2, 1] });
    const unit = normalize ? unitVectors(context, rows) : rows;
    const count = rank === 2 ? [] : [input.shape[positive === 1 ? 1 : 0] ?? 1];
    return { rows: rank === 2 ? context.emit('Unsqueeze', [unit, context.emitter.builder.integers([1])]) : unit, count };
  });
  const [left, right] = sides;
  if (left === undefined || right === undefined || sides.length > 2) throw context.refusal(`${sides.length} inputs given to it`);
  const product = context.emit('MatMul', [left.rows, context.emit('Transpose', [right.rows], { perm: [0, 2, 1] })]);
  const shape = [...left.count, ...right.count];
  return { name: context.emit('Reshape', [product, context.emitter.builder.integers([0, ...(shape.length === 0 ? [1] : shape)])]), shape: shape.length === 0 ? [1] : shape, channelsMovedFirst: false };
};

/** Vectors along the last axis divided by their length, of which the square is at least 10⁻¹². */
export function unitVectors(context: LayerContext, rows: string, axes: readonly number[] = [-1]): string {
  const { builder } = context.emitter;
  const squares = context.emit('ReduceSum', [context.emit('Mul', [rows, rows]), builder.integers(axes)], { keepdims: 1 });
  return context.emit('Div', [rows, context.emit('Sqrt', [context.emit('Max', [squares, builder.scalar(1e-12)])])]);
}
