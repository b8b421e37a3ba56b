import { z } from 'zod';
import type { LayerContext } from '../layer';
import type { Value } from '../value';

/** One number for each spatial axis; Keras also writes a single number for all. */
export function perAxis(rank: number, minimum = 1): z.ZodType<readonly number[]> {
  const size = z.number().int().min(minimum);
  return z.union([size.transform((same) => Array<number>(rank).fill(same)), z.array(size).length(rank)]);
}

export const dataFormat = z.enum(['channels_last', 'channels_first']).nullish();

export type DataFormat = z.output<typeof dataFormat>;

/** A batch laid out for ONNX's convolutions: (batch, channels, …spatial). */
export interface Image {
  readonly name: string;
  readonly channels: number;
  readonly spatial: readonly number[];
}

/** @param rank number of spatial axes: 2 for images, 1 for sequences */
export function asImage(context: LayerContext, value: Value, format: DataFormat, rank: number): Image {
  const channels = format === 'channels_first' ? value.shape[0] : value.shape.at(-1);
  if (value.shape.length !== rank + 1 || channels === undefined) throw context.refusal(`an input of shape (${value.shape.join(', ')})`);
  return format === 'channels_first'
    ? { name: context.emitter.asShaped(context.name, value), channels, spatial: value.shape.slice(1) }
    : { name: context.emitter.channelsFirst(context.name, value), channels, spatial: value.shape.slice(0, -1) };
}

export function fromImage(image: Image, format: DataFormat): Value {
  return format === 'channels_first'
    ? { name: image.name, shape: [image.channels, ...image.spatial], channelsMovedFirst: false }
    : { name: image.name, shape: [...image.spatial, image.channels], channelsMovedFirst: true };
}

export interface Window {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: 'same' | 'valid' | 'causal';
}

/**
 * Where a sliding window lands, by TensorFlow's rule: `same` gives ⌈input/stride⌉ outputs and puts the odd pixel of padding at the end,
 * `causal` puts all padding in front, so that no output sees what comes after it.
 * @returns the spatial size of the output, and padding in ONNX's order (all beginnings, then all ends)
 */
export function slide(context: LayerContext, spatial: readonly number[], window: Window): { spatial: readonly number[]; pads: readonly number[] } {
  const axes = spatial.map((input, axis) => {
    const stride = window.strides[axis] ?? 1;
    const reach = ((window.size[axis] ?? 1) - 1) * (window.dilation[axis] ?? 1) + 1;
    if (window.padding === 'valid') return { output: Math.floor((input - reach) / stride) + 1, before: 0, after: 0 };
    if (window.padding === 'causal') return { output: Math.floor((input - 1) / stride) + 1, before: reach - 1, after: 0 };
    const output = Math.ceil(input / stride);
    const total = Math.max((output - 1) * stride + reach - input, 0);
    return { output, before: Math.floor(total / 2), after: Math.ceil(total / 2) };
  });
  if (axes.some(({ output }) => output < 1)) throw context.refusal(`a window of ${window.size.join('×')} on an input of ${spatial.join('×')}`);
  return { spatial: axes.map(({ output }) => output), pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)] };
}
