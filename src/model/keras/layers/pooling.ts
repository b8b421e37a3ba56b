import { z } from 'zod';
import type { Layer } from '../layer';
import { asImage, dataFormat, fromImage, perAxis, slide } from './window';

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
    const image = asImage(context, context.single(inputs), data_format, rank);
    const axes = image.spatial.map((_, axis) => axis + 2);
    const name = context.emit(operator, [image.name], { axes, keepdims: keepdims ? 1 : 0 });
    if (!keepdims) return { name, shape: [image.channels], channelsMovedFirst: false };
    return fromImage({ name, channels: image.channels, spatial: image.spatial.map(() => 1) }, data_format);
  };
}
