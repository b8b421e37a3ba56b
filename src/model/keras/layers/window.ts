import { z } from 'zod';
import type { LayerContext } from '../layer';
import type { Value } from '../value';

/** One number for each of two spatial axes; Keras also writes a single number for both. */
export const pair = z.union([z.number().int().positive().transform((size): [number, number] => [size, size]), z.tuple([z.number().int().positive(), z.number().int().positive()])]);

export const dataFormat = z.enum(['channels_last', 'channels_first']).nullish();

export type DataFormat = z.output<typeof dataFormat>;

/** A batch of images laid out for ONNX: (batch, channels, height, width). */
export interface Image {
  readonly name: string;
  readonly channels: number;
  readonly spatial: readonly [number, number];
}

export function asImage(context: LayerContext, value: Value, format: DataFormat): Image {
  const [first, second, third, ...more] = value.shape;
  if (first === undefined || second === undefined || third === undefined || more.length > 0) throw context.refusal(`an input of shape (${value.shape.join(', ')})`);
  return format === 'channels_first'
    ? { name: context.emitter.asShaped(context.name, value), channels: first, spatial: [second, third] }
    : { name: context.emitter.channelsFirst(context.name, value), channels: third, spatial: [first, second] };
}

export function fromImage(image: Image, format: DataFormat): Value {
  const [height, width] = image.spatial;
  return format === 'channels_first'
    ? { name: image.name, shape: [image.channels, height, width], channelsMovedFirst: false }
    : { name: image.name, shape: [height, width, image.channels], channelsMovedFirst: true };
}

export interface Window {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: 'same' | 'valid';
}

/**
 * Where a sliding window lands, by TensorFlow's rule: `same` gives ⌈input/stride⌉ outputs and puts the odd pixel of padding at the end.
 * @returns the spatial size of the output, and padding in ONNX's order (top, left, bottom, right)
 */
export function slide(context: LayerContext, spatial: readonly [number, number], window: Window): { spatial: [number, number]; pads: number[] } {
  const axes = [0, 1].map((axis) => {
    const input = spatial[axis] ?? 0;
    const stride = window.strides[axis] ?? 1;
    const reach = ((window.size[axis] ?? 1) - 1) * (window.dilation[axis] ?? 1) + 1;
    if (window.padding === 'valid') return { output: Math.floor((input - reach) / stride) + 1, before: 0, after: 0 };
    const output = Math.ceil(input / stride);
    const total = Math.max((output - 1) * stride + reach - input, 0);
    return { output, before: Math.floor(total / 2), after: Math.ceil(total / 2) };
  });
  const [height, width] = axes;
  if (height === undefined || width === undefined || height.output < 1 || width.output < 1) {
    throw context.refusal(`a window of ${window.size.join('×')} on an input of ${spatial.join('×')}`);
  }
  return { spatial: [height.output, width.output], pads: [height.before, width.before, height.after, width.after] };
}
