import { z } from 'zod';
import type { Layer } from '../layer';
import { asImage, dataFormat, fromImage, pair, slide } from './window';

const poolingConfig = z.object({
  pool_size: pair.default([2, 2]),
  strides: pair.nullish(),
  padding: z.enum(['same', 'valid']).default('valid'),
  data_format: dataFormat,
});

function pooling(operator: 'MaxPool' | 'AveragePool'): Layer {
  return (context, inputs) => {
    const config = context.config(poolingConfig);
    const strides = config.strides ?? config.pool_size;
    const image = asImage(context, context.single(inputs), config.data_format);
    const { spatial, pads } = slide(context, image.spatial, { size: config.pool_size, strides, dilation: [1, 1], padding: config.padding });
    // TensorFlow's average leaves padding out of the count.
    const counting = operator === 'AveragePool' ? { count_include_pad: 0 } : {};
    const name = context.emit(operator, [image.name], { kernel_shape: config.pool_size, strides, pads, ...counting });
    return fromImage({ name, channels: image.channels, spatial }, config.data_format);
  };
}

export const maxPooling2d = pooling('MaxPool');
export const averagePooling2d = pooling('AveragePool');

export const globalAveragePooling2d: Layer = (context, inputs) => {
  const config = context.config(z.object({ data_format: dataFormat, keepdims: z.boolean().default(false) }));
  if (config.keepdims) throw context.refusal('keepdims');
  const image = asImage(context, context.single(inputs), config.data_format);
  const name = context.emit('ReduceMean', [image.name], { axes: [2, 3], keepdims: 0 });
  return { name, shape: [image.channels], channelsMovedFirst: false };
};
