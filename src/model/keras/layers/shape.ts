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

const nonNegative = z.number().int().nonnegative();
const sides = z.union([nonNegative.transform((size): [number, number] => [size, size]), z.tuple([nonNegative, nonNegative])]);

export const zeroPadding2d: Layer = (context, inputs) => {
  const config = context.config(z.object({
    padding: z.union([nonNegative.transform((size): [[number, number], [number, number]] => [[size, size], [size, size]]), z.tuple([sides, sides])]),
    data_format: dataFormat,
  }));
  const image = asImage(context, context.single(inputs), config.data_format);
  const [[top, bottom], [left, right]] = config.padding;
  const [height, width] = image.spatial;
  const pads = context.emitter.builder.integers([0, 0, top, left, 0, 0, bottom, right]);
  const name = context.emit('Pad', [image.name, pads, context.emitter.builder.scalar(0)], { mode: 'constant' });
  return fromImage({ name, channels: image.channels, spatial: [height + top + bottom, width + left + right] }, config.data_format);
};
