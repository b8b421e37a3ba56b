import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { sizeOf, type Value } from '../value';
import { activationName, applyActivation } from './activation';
import { dataFormat, perAxis, slide } from './window';

/** One place of the output and one of the input that its window covers. */
interface Connection {
  /** Counted over all spatial places, row by row. */
  readonly output: number;
  readonly input: number;
  /** The place in the window, counted the same way. */
  readonly within: number;
}

/** Numbers in the matrix of a layer: beyond this it would take gigabytes. */
const largestMatrix = 2 ** 24;

/**
 * A convolution whose kernel differs from place to place (Keras 2): a product with one large matrix, most of which is zero. Keras stores it in three ways: the windows' kernels
 * one after the other, the whole matrix, or what is not zero in it.
 * @param rank number of spatial axes
 */
export function locallyConnected(rank: number): Layer {
  const schema = z.object({
    filters: z.number().int().positive(),
    kernel_size: perAxis(rank),
    strides: perAxis(rank).default(Array<number>(rank).fill(1)),
    padding: z.enum(['same', 'valid']).default('valid'),
    data_format: dataFormat,
    use_bias: z.boolean().default(true),
    activation: activationName,
    implementation: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(1),
  });
  return (context, inputs) => {
    const config = context.config(schema);
    const input = context.single(inputs);
    const channelsFirst = config.data_format === 'channels_first';
    const channels = channelsFirst ? input.shape[0] : input.shape.at(-1);
    const size = channelsFirst ? input.shape.slice(1) : input.shape.slice(0, -1);
    if (channels === undefined || size.length !== rank) throw context.refusal(`an input of shape (${input.shape.join(', ')})`);
    const { filters } = config;
    const { spatial } = slide(context, size, { size: config.kernel_size, strides: config.strides, dilation: [], padding: config.padding });
    // Other than for a convolution, `same` puts the middle of a window on its place, whatever the stride.
    const before = config.kernel_size.map((length) => (config.padding === 'same' ? Math.floor(length / 2) : 0));
    const [from, to] = [sizeOf(size), sizeOf(spatial)];
    const inputAt = (place: number, channel: number): number => (channelsFirst ? channel * from + place : place * channels + channel);
    const outputAt = (place: number, filter: number): number => (channelsFirst ? filter * to + place : place * filters + filter);
    const [rows, columns] = [from * channels, to * filters];
    if (rows * columns > largestMatrix) throw context.refusal(`${rows} numbers connected with ${columns}`);
    const pairs = connected(size, spatial, config.kernel_size, config.strides, before).flatMap(({ output, input: place, within }) => Array.from({ length: channels * filters }, (_, at) => {
      const [channel, filter] = [Math.floor(at / filters), at % filters];
      return { row: inputAt(place, channel), column: outputAt(output, filter), output, feature: channelsFirst ? channel * sizeOf(config.kernel_size) + within : within * channels + channel, filter };
    }));
    const x = context.emit('Reshape', [context.emitter.asShaped(context.name, input), context.emitter.builder.integers([0, rows])]);
    let matrix: string;
    if (config.implementation === 1) {
      const features = sizeOf(config.kernel_size) * channels;
      const kernel = context.weight('kernel', [to, features, filters]);
      matrix = spread(context, kernel, to * features * filters, pairs.map(({ row, column, output, feature, filter }) => ({ at: row * columns + column, from: (output * features + feature) * filters + filter })), rows, columns);
    } else if (config.implementation === 2) {
      const shape = channelsFirst ? [channels, ...size, filters, ...spatial] : [...size, channels, ...spatial, filters];
      const mask = new Float32Array(rows * columns);
      for (const { row, column } of pairs) mask[row * columns + column] = 1;
      const kernel = context.emit('Reshape', [context.weight('kernel', shape), context.emitter.builder.integers([rows, columns])]);
      matrix = context.emit('Mul', [kernel, context.emitter.builder.constant(mask, [rows, columns])]);
    } else {
      // In the order of the outputs, and for each of the inputs.
      const ordered = pairs.toSorted((a, b) => a.column - b.column || a.row - b.row);
      matrix = spread(context, context.weight('kernel', [ordered.length]), ordered.length, ordered.map(({ row, column }, place) => ({ at: row * columns + column, from: place })), rows, columns);
    }
    const shape = channelsFirst ? [filters, ...spatial] : [...spatial, filters];
    const product: Value = { name: context.emit('Reshape', [context.emit('MatMul', [x, matrix]), context.emitter.builder.integers([0, ...shape])]), shape, channelsMovedFirst: false };
    if (!config.use_bias) return applyActivation(context, config.activation, product);
    const bias = context.weight('bias', [...spatial, filters]);
    // Keras reads the same numbers in another shape where channels are in front, and does not turn them.
    const placed = channelsFirst ? context.emit('Reshape', [bias, context.emitter.builder.integers(shape)]) : bias;
    return applyActivation(context, config.activation, { ...product, name: context.emit('Add', [product.name, placed]) });
  };
}

/** Every pair of places that a window connects. @param before padding in front of each axis */
function connected(size: readonly number[], spatial: readonly number[], kernel: readonly number[], strides: readonly number[], before: readonly number[]): readonly Connection[] {
  const place = (position: readonly number[], lengths: readonly number[]): number => position.reduce((sum, at, axis) => sum * (lengths[axis] ?? 1) + at, 0);
  return positions(spatial).flatMap((output) => positions(kernel).flatMap((within): Connection[] => {
    const input = output.map((at, axis) => at * (strides[axis] ?? 1) + (within[axis] ?? 0) - (before[axis] ?? 0));
    return input.every((at, axis) => at >= 0 && at < (size[axis] ?? 0)) ? [{ output: place(output, spatial), input: place(input, size), within: place(within, kernel) }] : [];
  }));
}

function positions(lengths: readonly number[]): readonly (readonly number[])[] {
  return lengths.reduce<readonly (readonly number[])[]>((all, length) => all.flatMap((position) => Array.from({ length }, (_, at) => [...position, at])), [[]]);
}

/** A matrix of zeros with numbers of a tensor at some places. */
function spread(context: LayerContext, kernel: string, count: number, places: readonly { readonly at: number; readonly from: number }[], rows: number, columns: number): string {
  const { builder } = context.emitter;
  const flat = context.emit('Concat', [context.emit('Reshape', [kernel, builder.integers([count])]), builder.constant(new Float32Array(1), [1])], { axis: 0 });
  const sources = new BigInt64Array(rows * columns).fill(BigInt(count));
  for (const { at, from } of places) sources[at] = BigInt(from);
  return context.emit('Gather', [flat, builder.constant(sources, [rows, columns], 'int64')], { axis: 0 });
}
