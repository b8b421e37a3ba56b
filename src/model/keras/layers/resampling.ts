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
    crop_to_aspect_ratio: z.boolean().default(false), pad_to_aspect_ratio: z.boolean().default(false), antialias: z.boolean().default(false),
  }));
  for (const setting of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'antialias'] as const) if (config[setting]) throw context.refusal(setting);
  const image = asImage(context, context.single(inputs), config.data_format, 2);
  return fromImage(resampled(context, image, [config.height, config.width], config.interpolation), config.data_format);
};

/** The middle of an image; one that is smaller is refused, since Keras would stretch it. */
export const centerCrop: Layer = (context, inputs) => {
  const { height, width, data_format } = context.config(z.object({ height: z.number().int().positive(), width: z.number().int().positive(), data_format: dataFormat }));
  const image = asImage(context, context.single(inputs), data_format, 2);
  const target = [height, width];
  if (image.spatial.some((length, axis) => length < (target[axis] ?? 0))) throw context.refusal(`${height}×${width} of an image of ${image.spatial.join('×')}`);
  const starts = image.spatial.map((length, axis) => Math.floor((length - (target[axis] ?? 0)) / 2));
  const { builder } = context.emitter;
  const name = context.emit('Slice', [image.name, builder.integers(starts), builder.integers(starts.map((start, axis) => start + (target[axis] ?? 0))), builder.integers([2, 3])]);
  return fromImage({ name, channels: image.channels, spatial: target }, data_format);
};

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
