import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { sizeOf } from '../value';
import { asImage, dataFormat, fromImage, perAxis, slide, type Image } from './window';

export function pooling(operator: 'MaxPool' | 'AveragePool', rank: number): Layer {
  const schema = z.object({
    pool_size: perAxis(rank).default(Array<number>(rank).fill(2)),
    strides: perAxis(rank).nullish(),
    padding: z.enum(['same', 'valid']).default('valid'),
    data_format: dataFormat,
  });
  return (context, inputs) => {
    const config = context.config(schema);
    const strides = config.strides ?? config.pool_size;
    const image = asImage(context, context.single(inputs), config.data_format, rank);
    const { spatial, pads } = slide(context, image.spatial, { size: config.pool_size, strides, dilation: [], padding: config.padding });
    // TensorFlow's average leaves padding out of the count.
    const counting = operator === 'AveragePool' ? { count_include_pad: 0 } : {};
    const name = context.emit(operator, [image.name], { kernel_shape: config.pool_size, strides, pads, ...counting });
    return fromImage({ name, channels: image.channels, spatial }, config.data_format);
  };
}

export function globalPooling(operator: 'ReduceMean' | 'ReduceMax', rank: number): Layer {
  const schema = z.object({ data_format: dataFormat, keepdims: z.boolean().default(false) });
  return (context, inputs) => {
    const { data_format, keepdims } = context.config(schema);
    const input = context.single(inputs);
    const image = asImage(context, input, data_format, rank);
    const axes = image.spatial.map((_, axis) => axis + 2);
    const name = input.mask !== undefined && operator === 'ReduceMean' && rank === 1
      ? meanOfCounted(context, image, input.mask, keepdims)
      : context.emit(operator, [image.name], { axes, keepdims: keepdims ? 1 : 0 });
    if (!keepdims) return { name, shape: [image.channels], channelsMovedFirst: false };
    return fromImage({ name, channels: image.channels, spatial: image.spatial.map(() => 1) }, data_format);
  };
}

/**
 * The mean of the steps that count; zero, where Keras divides zero by zero, for a record of which none does: batches are filled up with such.
 * @param mask (batch, steps)
 */
function meanOfCounted(context: LayerContext, { name, spatial }: Image, mask: string, keepdims: boolean): string {
  const { builder } = context.emitter;
  const counts = context.emit('Reshape', [mask, builder.integers([-1, 1, ...spatial])]);
  const settings = { keepdims: keepdims ? 1 : 0 };
  const sum = (value: string): string => context.emit('ReduceSum', [value, builder.integers([2])], settings);
  return context.emit('Div', [sum(context.emit('Mul', [name, counts])), context.emit('Max', [sum(counts), builder.scalar(1)])]);
}

/** Each window of an axis is an operator of its own. */
const mostWindows = 2 ** 16;

/** As many windows as the output has places, of the sizes that fit: from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉. One axis after the other. */
export function adaptivePooling(operator: 'ReduceMean' | 'ReduceMax', rank: number): Layer {
  const schema = z.object({ output_size: perAxis(rank), data_format: dataFormat });
  return (context, inputs) => {
    const { output_size: target, data_format } = context.config(schema);
    const image = asImage(context, context.single(inputs), data_format, rank);
    if (sizeOf(target) > mostWindows) throw context.refusal(`more windows than are read, ${target.join('×')}`);
    const { builder } = context.emitter;
    const name = target.reduce((value, count, at) => {
      const [length = 1, axis] = [image.spatial[at], at + 2];
      const windows = Array.from({ length: count }, (_, place) => {
        const part = context.emit('Slice', [value, builder.integers([Math.floor((place * length) / count)]), builder.integers([Math.ceil(((place + 1) * length) / count)]), builder.integers([axis])]);
        return context.emit(operator, [part], { axes: [axis], keepdims: 1 });
      });
      return windows.length === 1 ? windows[0] ?? '' : context.emit('Concat', windows, { axis });
    }, image.name);
    return fromImage({ name, channels: image.channels, spatial: target }, data_format);
  };
}
