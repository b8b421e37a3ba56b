import { z } from 'zod';
import type { Layer } from '../layer';
import { sizeOf } from '../value';
import { asImage, dataFormat, fromImage } from './window';

/** Dropout and noise layers act in training only; a released model is evaluated without them, and so is the loss here. */
export const identity: Layer = (context, inputs) => context.single(inputs);

/** With channels in front, Keras still flattens channels last. */
export const flatten: Layer = (context, inputs) => {
  const { data_format } = context.config(z.object({ data_format: dataFormat }));
  const input = context.single(inputs);
  let name = context.emitter.asShaped(context.name, input);
  const rank = input.shape.length + 1;
  if (data_format === 'channels_first' && rank > 2) {
    name = context.emit('Transpose', [name], { perm: [0, ...Array.from({ length: rank - 2 }, (_, index) => index + 2), 1] });
  }
  return { name: context.emit('Flatten', [name], { axis: 1 }), shape: [sizeOf(input.shape)], channelsMovedFirst: false };
};

export const reshape: Layer = (context, inputs) => {
  const { target_shape } = context.config(z.object({ target_shape: z.array(z.number().int().refine((size) => size === -1 || size > 0)) }));
  const input = context.single(inputs);
  const known = target_shape.filter((size) => size !== -1);
  const inferred = sizeOf(input.shape) / sizeOf(known);
  const shape = target_shape.map((size) => (size === -1 ? inferred : size));
  if (target_shape.length - known.length > 1 || sizeOf(shape) !== sizeOf(input.shape) || !Number.isInteger(inferred)) {
    throw context.refusal(`the target shape (${target_shape.join(', ')}) on an input of shape (${input.shape.join(', ')})`);
  }
  return context.emitter.reshape(context.name, input, shape);
};

export const permute: Layer = (context, inputs) => {
  const { dims } = context.config(z.object({ dims: z.array(z.number().int().positive()) }));
  const input = context.single(inputs);
  const shape = dims.map((axis) => input.shape[axis - 1]);
  if (new Set(dims).size !== input.shape.length || shape.some((size) => size === undefined)) throw context.refusal(`the axes (${dims.join(', ')})`);
  const name = context.emit('Transpose', [context.emitter.asShaped(context.name, input)], { perm: [0, ...dims] });
  return { name, shape: shape.filter((size) => size !== undefined), channelsMovedFirst: false };
};

/** A number for all sides, one for each axis, or a pair (before, after) for each axis. */
function sides(rank: number): z.ZodType<readonly (readonly number[])[]> {
  const size = z.number().int().nonnegative();
  const pairs = z.array(z.union([size.transform((both) => [both, both]), z.array(size).length(2)])).length(rank);
  const same = size.transform((all) => Array.from({ length: rank }, () => [all, all]));
  return rank === 1 ? z.union([same, z.array(size).length(2).transform((pair) => [pair]), pairs]) : z.union([same, pairs]);
}

export function zeroPadding(rank: number): Layer {
  const schema = z.object({ padding: sides(rank), data_format: dataFormat });
  return (context, inputs) => {
    const { padding, data_format } = context.config(schema);
    const image = asImage(context, context.single(inputs), data_format, rank);
    const [before, after] = [padding.map((side) => side[0] ?? 0), padding.map((side) => side[1] ?? 0)];
    const { builder } = context.emitter;
    const name = context.emit('Pad', [image.name, builder.integers([0, 0, ...before, 0, 0, ...after]), builder.scalar(0)], { mode: 'constant' });
    return fromImage({ name, channels: image.channels, spatial: image.spatial.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0)) }, data_format);
  };
}

export function cropping(rank: number): Layer {
  const schema = z.object({ cropping: sides(rank), data_format: dataFormat });
  return (context, inputs) => {
    const config = context.config(schema);
    const image = asImage(context, context.single(inputs), config.data_format, rank);
    const starts = config.cropping.map((side) => side[0] ?? 0);
    const ends = image.spatial.map((size, axis) => size - (config.cropping[axis]?.[1] ?? 0));
    const spatial = ends.map((end, axis) => end - (starts[axis] ?? 0));
    if (spatial.some((size) => size < 1)) throw context.refusal('nothing left of its input');
    const { builder } = context.emitter;
    const name = context.emit('Slice', [image.name, builder.integers(starts), builder.integers(ends), builder.integers(spatial.map((_, axis) => axis + 2))]);
    return fromImage({ name, channels: image.channels, spatial }, config.data_format);
  };
}

export const repeatVector: Layer = (context, inputs) => {
  const { n } = context.config(z.object({ n: z.number().int().positive() }));
  const input = context.single(inputs);
  const [features] = input.shape;
  if (input.shape.length !== 1 || features === undefined) throw context.refusal(`an input of shape (${input.shape.join(', ')})`);
  const { builder } = context.emitter;
  const row = context.emitter.reshape(context.name, input, [1, features]);
  return { name: context.emit('Tile', [row.name, builder.integers([1, n, 1])]), shape: [n, features], channelsMovedFirst: false };
};
