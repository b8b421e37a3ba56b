import { z } from 'zod';
import type { Layer } from '../layer';
import { activationName, applyActivation } from './activation';
import { asImage, dataFormat, fromImage, pair, slide } from './window';

const convolutionConfig = z.object({
  kernel_size: pair,
  strides: pair.default([1, 1]),
  dilation_rate: pair.default([1, 1]),
  padding: z.enum(['same', 'valid']).default('valid'),
  data_format: dataFormat,
  use_bias: z.boolean().default(true),
  activation: activationName,
});

/** Keras stores kernels as (height, width, in, out) whatever the data format; ONNX convolves with (out, in, height, width). */
export const convolution2d: Layer = (context, inputs) => {
  const config = context.config(convolutionConfig.extend({ filters: z.number().int().positive(), groups: z.number().int().positive().default(1) }));
  const image = asImage(context, context.single(inputs), config.data_format);
  if (image.channels % config.groups !== 0) throw context.refusal(`${config.groups} groups on ${image.channels} channels`);
  const kernel = context.weight('kernel', [...config.kernel_size, image.channels / config.groups, config.filters]);
  const parameters = [context.emitter.once(context.name, 'Transpose', kernel, { perm: [3, 2, 0, 1] })];
  if (config.use_bias) parameters.push(context.weight('bias', [config.filters]));
  const { spatial, pads } = slide(context, image.spatial, { size: config.kernel_size, strides: config.strides, dilation: config.dilation_rate, padding: config.padding });
  const name = context.emit('Conv', [image.name, ...parameters], {
    kernel_shape: config.kernel_size, strides: config.strides, dilations: config.dilation_rate, pads, group: config.groups,
  });
  return applyActivation(context, config.activation, fromImage({ name, channels: config.filters, spatial }, config.data_format));
};
