import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { asImage, dataFormat, fromImage, perAxis, type Image } from './window';

/** How TensorFlow samples an image anew, with the centres of pixels at half a step. */
const interpolation = z.enum(['nearest', 'bilinear']);

/** Every pixel repeated, or mixed from its neighbours. */
export function upSampling(rank: number): Layer {
  const schema = z.object({ size: perAxis(rank).default(Array<number>(rank).fill(2)), data_format: dataFormat, interpolation: z.string().default('nearest') });
  return (context, inputs) => {
    const { size, data_format, interpolation: mode } = context.config(schema);
    const image = asImage(context, context.single(inputs), data_format, rank);
    const spatial = image.spatial.map((length, axis) => length * (size[axis] ?? 1));
    if (mode === 'nearest') return fromImage(repeated(context, image, size), data_format);
    return fromImage(resampled(context, image, spatial, mode), data_format);
  };
}

export const resizing: Layer = (context, inputs) => {
  const config = context.config(z.object({
    height: z.number().int().positive(), width: z.number().int().positive(), interpolation: z.string().default('bilinear'), data_format: dataFormat,
    crop_to_aspect_ratio: z.boolean().default(false), pad_to_aspect_ratio: z.boolean().default(false), antialias: z.boolean().default(false), fill_mode: z.string().default('constant'), fill_value: z.number().default(0),
  }));
  if (config.antialias) throw context.refusal('antialias');
  const image = asImage(context, context.single(inputs), config.data_format, 2);
  const target = [config.height, config.width];
  let framed = image;
  if (config.crop_to_aspect_ratio) framed = middle(context, image, inProportion(image.spatial, target).map((length, axis) => Math.min(length, image.spatial[axis] ?? 1)));
  if (config.pad_to_aspect_ratio) {
    if (config.fill_mode !== 'constant') throw context.refusal(`the fill mode ${config.fill_mode}`);
    framed = framedBy(context, image, inProportion(image.spatial, target).map((length, axis) => Math.max(length, image.spatial[axis] ?? 1)), config.fill_value);
  }
  return fromImage(resampled(context, framed, target, config.interpolation), config.data_format);
};

const target = z.object({ height: z.number().int().positive(), width: z.number().int().positive(), data_format: dataFormat });

/** The middle of an image; the middle of one that is smaller is stretched, as `smart_resize` does it. */
export const centerCrop: Layer = (context, inputs) => {
  const { height, width, data_format } = context.config(target);
  const image = asImage(context, context.single(inputs), data_format, 2);
  return fromImage(image.spatial.every((length, axis) => length >= ([height, width][axis] ?? 0)) ? middle(context, image, [height, width]) : stretchedMiddle(context, image, [height, width]), data_format);
};

/** Crops at random in training alone. Predictions of Keras 2 stretch the middle of the image; those of Keras 3 leave the image as it is. */
export const randomCrop: Layer = (context, inputs) => {
  const { height, width, data_format } = context.config(target);
  const input = context.single(inputs);
  if (context.generation >= 3) return input;
  const image = asImage(context, input, data_format, 2);
  return fromImage(stretchedMiddle(context, image, [height, width]), data_format);
};

/** The largest part around the middle that has the proportions of the target, resampled to its size. */
function stretchedMiddle(context: LayerContext, image: Image, size: readonly number[]): Image {
  return resampled(context, middle(context, image, inProportion(image.spatial, size).map((length, axis) => Math.min(length, image.spatial[axis] ?? 1))), size, 'bilinear');
}

/** The height that goes with the image's width in the proportions of the target, and the width that goes with its height: in float32, as Keras has it. */
function inProportion([height = 1, width = 1]: readonly number[], [toHeight = 1, toWidth = 1]: readonly number[]): readonly number[] {
  return [Math.trunc(Math.fround((width * toHeight) / toWidth)), Math.trunc(Math.fround((height * toWidth) / toHeight))];
}

function middle(context: LayerContext, image: Image, size: readonly number[]): Image {
  const starts = image.spatial.map((length, axis) => Math.floor((length - (size[axis] ?? 0)) / 2));
  const { builder } = context.emitter;
  const name = context.emit('Slice', [image.name, builder.integers(starts), builder.integers(starts.map((start, axis) => start + (size[axis] ?? 0))), builder.integers([2, 3])]);
  return { name, channels: image.channels, spatial: size };
}

/** The image in the middle of a larger one. */
function framedBy(context: LayerContext, image: Image, size: readonly number[], fill: number): Image {
  const before = image.spatial.map((length, axis) => Math.floor(((size[axis] ?? 0) - length) / 2));
  const after = image.spatial.map((length, axis) => (size[axis] ?? 0) - length - (before[axis] ?? 0));
  const { builder } = context.emitter;
  const name = context.emit('Pad', [image.name, builder.integers([0, 0, ...before, 0, 0, ...after]), builder.scalar(fill)], { mode: 'constant' });
  return { name, channels: image.channels, spatial: size };
}

/** An axis of length one is put after each spatial axis, expanded, and merged. */
function repeated(context: LayerContext, image: Image, size: readonly number[]): Image {
  const { builder } = context.emitter;
  const apart = context.emit('Reshape', [image.name, builder.integers([0, image.channels, ...image.spatial.flatMap((length) => [length, 1])])]);
  const tiled = context.emit('Tile', [apart, builder.integers([1, 1, ...size.flatMap((times) => [1, times])])]);
  const spatial = image.spatial.map((length, axis) => length * (size[axis] ?? 1));
  return { name: context.emit('Reshape', [tiled, builder.integers([0, image.channels, ...spatial])]), channels: image.channels, spatial };
}

/** Resampling is a matrix product along each axis: its gradient is that of the product. */
function resampled(context: LayerContext, image: Image, spatial: readonly number[], mode: string): Image {
  const known = interpolation.safeParse(mode);
  if (!known.success || spatial.length !== 2) throw context.refusal(`${mode} interpolation`);
  const [fromHeight = 1, fromWidth = 1] = image.spatial;
  const [height = 1, width = 1] = spatial;
  const { builder } = context.emitter;
  const swap = (value: string): string => context.emit('Transpose', [value], { perm: [0, 1, 3, 2] });
  const wide = context.emit('MatMul', [image.name, builder.constant(samplingMatrix(fromWidth, width, known.data), [fromWidth, width])]);
  const high = context.emit('MatMul', [swap(wide), builder.constant(samplingMatrix(fromHeight, height, known.data), [fromHeight, height])]);
  return { name: swap(high), channels: image.channels, spatial };
}

/** (from, to), row by row: what each old pixel adds to each new one. */
function samplingMatrix(from: number, to: number, mode: z.output<typeof interpolation>): Float32Array {
  const matrix = new Float32Array(from * to);
  const last = from - 1;
  for (let target = 0; target < to; target += 1) {
    const centre = (target + 0.5) * (from / to);
    const position = Math.min(Math.max(centre - 0.5, 0), last);
    const lower = mode === 'nearest' ? Math.min(Math.floor(centre), last) : Math.floor(position);
    const share = mode === 'nearest' ? 0 : position - lower;
    const add = (row: number, weight: number): void => {
      matrix[row * to + target] = (matrix[row * to + target] ?? 0) + weight;
    };
    add(lower, 1 - share);
    add(Math.min(lower + 1, last), share);
  }
  return matrix;
}
