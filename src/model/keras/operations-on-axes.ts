import { z } from 'zod';
import { isValue } from './call';
import type { Layer, LayerContext } from './layer';
import { setting } from './setting';
import type { Value } from './value';

/** A slice of one axis, in Python's way. */
interface Range {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
}

const ends = z.object({ start: z.number().int().nullable(), stop: z.number().int().nullable(), step: z.number().int().nullable() });
const range = z.union([ends, z.object({ class_name: z.literal('__slice__'), config: ends }).transform(({ config }) => config)]);
/** `value[:, 1:3, ..., -1]`: a range, one place, or all axes that are not named. */
const pieces = z.array(z.union([z.number().int(), range, z.object({ class_name: z.literal('__ellipsis__') }).transform(() => 'rest' as const)]));

/** Parts of a tensor, as `value[:, 0]` takes them. Records are never parted. */
export const getItem: Layer = (context, inputs) => {
  const [value] = inputs;
  const spec = pieces.safeParse(context.argument('slice_spec', 1) ?? context.argument('key', 1));
  if (value === undefined || !spec.success) throw context.refusal('parts that are not slices');
  const rank = value.shape.length + 1;
  const named = spec.data.filter((piece) => piece !== 'rest').length;
  const all: Range = { start: null, stop: null, step: null };
  const gap = Array<Range>(Math.max(0, rank - named)).fill(all);
  const at = spec.data.indexOf('rest');
  const [batch, ...parts] = (at < 0 ? [...spec.data, ...gap] : [...spec.data.slice(0, at), ...gap, ...spec.data.slice(at + 1)]).filter((piece) => piece !== 'rest');
  if (parts.length !== rank - 1 || typeof batch !== 'object' || [batch.start, batch.stop].some((end) => end !== null) || ![null, 1].includes(batch.step)) throw context.refusal('parts that do not keep the records apart');
  const ranges = parts.map((part, axis) => resolved(part, value.shape[axis] ?? 0));
  if (ranges.some(({ count, step }) => count < 1 || step < 1)) throw context.refusal('parts that are empty or backwards');
  const { builder } = context.emitter;
  const cut = ranges.flatMap((along, axis) => (along.count === value.shape[axis] ? [] : [{ ...along, axis: axis + 1 }]));
  const x = context.emitter.asShaped(context.name, value);
  const taken = cut.length === 0 ? x : context.emit('Slice', [x, builder.integers(cut.map(({ start }) => start)), builder.integers(cut.map(({ start, count, step }) => start + (count - 1) * step + 1)), builder.integers(cut.map(({ axis }) => axis)), builder.integers(cut.map(({ step }) => step))]);
  const lost = parts.flatMap((part, axis) => (typeof part === 'number' ? [axis + 1] : []));
  const name = lost.length === 0 ? taken : context.emit('Squeeze', [taken, builder.integers(lost)]);
  return { name, shape: ranges.flatMap(({ count }, axis) => (lost.includes(axis + 1) ? [] : [count])), channelsMovedFirst: false };
};

function resolved(part: number | Range, size: number): { readonly start: number; readonly count: number; readonly step: number } {
  const place = (end: number): number => Math.min(Math.max(end < 0 ? end + size : end, 0), size);
  if (typeof part === 'number') return { start: part < 0 ? part + size : part, count: part >= -size && part < size ? 1 : 0, step: 1 };
  const [start, stop, step] = [place(part.start ?? 0), place(part.stop ?? size), part.step ?? 1];
  return { start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
}

/** An axis behind the batch, counted from the front. @param rank with the batch */
function axisOf(context: LayerContext, rank: number, position = 1): number {
  const given = setting(context, 'axis', position);
  const axis = typeof given === 'number' ? given : Array.isArray(given) && given.length === 1 ? Number(given[0]) : NaN;
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(positive) || positive < 1 || positive >= rank) throw context.refusal(`the axis ${JSON.stringify(given ?? null)}`);
  return positive;
}

export const expandDimensions: Layer = (context, inputs) => {
  const value = context.single(inputs);
  const axis = axisOf(context, value.shape.length + 2);
  const name = context.emit('Unsqueeze', [context.emitter.asShaped(context.name, value), context.emitter.builder.integers([axis])]);
  return { name, shape: value.shape.toSpliced(axis - 1, 0, 1), channelsMovedFirst: false };
};

export const squeeze: Layer = (context, inputs) => {
  const value = context.single(inputs);
  const axis = axisOf(context, value.shape.length + 1);
  if (value.shape[axis - 1] !== 1) throw context.refusal(`the axis ${axis} of an input of shape (${value.shape.join(', ')})`);
  const name = context.emit('Squeeze', [context.emitter.asShaped(context.name, value), context.emitter.builder.integers([axis])]);
  return { name, shape: value.shape.toSpliced(axis - 1, 1), channelsMovedFirst: false };
};

export const transpose: Layer = (context, inputs) => {
  const value = context.single(inputs);
  const axes = z.array(z.number().int().nonnegative()).safeParse(setting(context, 'axes', 1) ?? setting(context, 'perm', 1));
  const [batch, ...rest] = axes.success ? axes.data : [];
  const shape = rest.map((axis) => value.shape[axis - 1]).filter((size) => size !== undefined);
  if (batch !== 0 || new Set(rest).size !== value.shape.length || shape.length !== value.shape.length) throw context.refusal('axes that do not keep the records apart');
  return { name: context.emit('Transpose', [context.emitter.asShaped(context.name, value)], { perm: [0, ...rest] }), shape, channelsMovedFirst: false };
};

/** Tensors one behind the other along an axis, or along a new one. */
export function joined(isNew: boolean): Layer {
  return (context, inputs) => {
    const [first] = inputs;
    if (first === undefined) throw context.refusal('no inputs');
    const axis = axisOf(context, first.shape.length + (isNew ? 2 : 1));
    const at = axis - 1;
    const { builder } = context.emitter;
    if (inputs.some(({ shape }) => shape.length !== first.shape.length || shape.some((size, along) => (isNew || along !== at) && size !== first.shape[along]))) throw context.refusal('inputs whose shapes do not fit');
    const names = inputs.map((input) => {
      const name = context.emitter.asShaped(context.name, input);
      return isNew ? context.emit('Unsqueeze', [name, builder.integers([axis])]) : name;
    });
    const total = inputs.reduce((sum, { shape }) => sum + (isNew ? 1 : shape[at] ?? 0), 0);
    return { name: context.emit('Concat', names, { axis }), shape: first.shape.toSpliced(at, isNew ? 0 : 1, total), channelsMovedFirst: false };
  };
}

/** Products of matrices, record by record. */
export const matrixProduct: Layer = (context, inputs) => {
  const names = (context.argument('b', 1) ?? context.argument('x2', 1)) === undefined ? [] : inputs;
  const turned = [context.flag('transpose_a'), context.flag('transpose_b')];
  const sides = names.map((side, at): Value => {
    const rank = side.shape.length + 1;
    if (rank < 3) throw context.refusal('inputs that are not matrices');
    const name = context.emitter.asShaped(context.name, side);
    if (turned[at] !== true) return { ...side, name, channelsMovedFirst: false };
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    return { name: context.emit('Transpose', [name], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] }), shape: [...side.shape.slice(0, -2), side.shape.at(-1) ?? 1, side.shape.at(-2) ?? 1], channelsMovedFirst: false };
  });
  const [left, right, ...others] = sides;
  if (left === undefined || right === undefined || others.length > 0 || left.shape.slice(0, -2).join() !== right.shape.slice(0, -2).join() || left.shape.at(-1) !== right.shape.at(-2)) throw context.refusal('inputs whose shapes do not fit');
  return { name: context.emit('MatMul', [left.name, right.name]), shape: [...left.shape.slice(0, -1), right.shape.at(-1) ?? 1], channelsMovedFirst: false };
};

/** One of two values, element by element. */
export const choice: Layer = (context) => {
  const [condition, yes, no] = [['condition', 'x1'], ['x', 'x2'], ['y', 'x3']].map((names, position) => names.map((name) => context.argument(name, position)).find((found) => found !== undefined));
  if (!isValue(condition)) throw context.refusal('a condition that is no tensor');
  const { builder } = context.emitter;
  const side = (given: unknown): string => {
    if (typeof given === 'number') return builder.scalar(given);
    if (!isValue(given) || given.shape.join() !== condition.shape.join()) throw context.refusal('inputs whose shapes do not fit');
    return context.emitter.asShaped(context.name, given);
  };
  // Conditions are numbers here: 1 or 0.
  const holds = context.emit('Greater', [context.emitter.asShaped(context.name, condition), builder.scalar(0.5)]);
  return { name: context.emit('Where', [holds, side(yes), side(no)]), shape: condition.shape, channelsMovedFirst: false };
};
