import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { sizeOf } from '../value';
import { activationName, applyActivation } from './activation';
import { asImage, dataFormat, fromImage, perAxis, slide, type Image } from './window';

function convolutionConfig(rank: number) {
  return z.object({
    kernel_size: perAxis(rank),
    strides: perAxis(rank).default(Array<number>(rank).fill(1)),
    dilation_rate: perAxis(rank).default(Array<number>(rank).fill(1)),
    padding: z.enum(['same', 'valid', 'causal']).default('valid'),
    data_format: dataFormat,
    use_bias: z.boolean().default(true),
    activation: activationName,
  });
}

type ConvolutionConfig = z.output<ReturnType<typeof convolutionConfig>>;

/** @param weights kernel as (out, in / group, …spatial), then perhaps a bias */
function convolve(context: LayerContext, image: Image, weights: readonly string[], config: ConvolutionConfig, channels: number, group: number): Image {
  const { spatial, pads } = slide(context, image.spatial, { size: config.kernel_size, strides: config.strides, dilation: config.dilation_rate, padding: config.padding });
  const name = context.emit('Conv', [image.name, ...weights], { kernel_shape: config.kernel_size, strides: config.strides, dilations: config.dilation_rate, pads, group });
  return { name, channels, spatial };
}

/** Keras stores kernels as (…spatial, in, out) whatever the data format; ONNX convolves with (out, in, …spatial). */
export function channelsOutFirst(context: LayerContext, kernel: string, rank: number): string {
  return context.emitter.once(context.name, 'Transpose', kernel, { perm: [rank + 1, rank, ...Array.from({ length: rank }, (_, axis) => axis)] });
}

export function convolution(rank: number): Layer {
  return (context, inputs) => {
    const config = context.config(convolutionConfig(rank).extend({ filters: z.number().int().positive(), groups: z.number().int().positive().default(1) }));
    const image = asImage(context, context.single(inputs), config.data_format, rank);
    if (image.channels % config.groups !== 0) throw context.refusal(`${config.groups} groups on ${image.channels} channels`);
    const kernel = context.weight('kernel', [...config.kernel_size, image.channels / config.groups, config.filters]);
    const weights = [channelsOutFirst(context, kernel, rank)];
    if (config.use_bias) weights.push(context.weight('bias', [config.filters]));
    return applyActivation(context, config.activation, fromImage(convolve(context, image, weights, config, config.filters, config.groups), config.data_format));
  };
}

const multiplier = z.number().int().positive().default(1);

/** Stored as (height, width, channels, multiplier): every channel has `multiplier` filters of its own. */
function depthwiseKernel(context: LayerContext, name: string, size: readonly number[], channels: number, filters: number): string {
  const kernel = context.weight(name, [...size, channels, filters]);
  const rank = size.length;
  const perChannel = context.emitter.once(context.name, 'Transpose', kernel, { perm: [rank, rank + 1, ...size.keys()] });
  return context.emit('Reshape', [perChannel, context.emitter.builder.integers([channels * filters, 1, ...size])]);
}

/** Keras 2 calls the kernel `depthwise_kernel`, Keras 3 `kernel`; its place is the same. */
export function depthwiseConvolution(rank: number): Layer {
  return (context, inputs) => {
    const config = context.config(convolutionConfig(rank).extend({ depth_multiplier: multiplier }));
    const image = asImage(context, context.single(inputs), config.data_format, rank);
    const channels = image.channels * config.depth_multiplier;
    const weights = [depthwiseKernel(context, 'depthwise_kernel', config.kernel_size, image.channels, config.depth_multiplier)];
    if (config.use_bias) weights.push(context.weight('bias', [channels]));
    return applyActivation(context, config.activation, fromImage(convolve(context, image, weights, config, channels, image.channels), config.data_format));
  };
}

/** A depthwise convolution without bias, then a 1×1 convolution across channels. */
export function separableConvolution(rank: number): Layer {
  return (context, inputs) => {
    const config = context.config(convolutionConfig(rank).extend({ filters: z.number().int().positive(), depth_multiplier: multiplier }));
    const image = asImage(context, context.single(inputs), config.data_format, rank);
    const between = image.channels * config.depth_multiplier;
    const depthwise = depthwiseKernel(context, 'depthwise_kernel', config.kernel_size, image.channels, config.depth_multiplier);
    const ones = Array<number>(rank).fill(1);
    const pointwise = [channelsOutFirst(context, context.weight('pointwise_kernel', [...ones, between, config.filters]), rank)];
    if (config.use_bias) pointwise.push(context.weight('bias', [config.filters]));
    const spread = convolve(context, image, [depthwise], config, between, image.channels);
    const mixed = convolve(context, spread, pointwise, { ...config, kernel_size: ones, strides: ones, dilation_rate: ones, padding: 'valid' }, config.filters, 1);
    return applyActivation(context, config.activation, fromImage(mixed, config.data_format));
  };
}

/** Stored as (…spatial, out, in). TensorFlow's output is input·stride long for `same`, and covers every window for `valid`. */
export function transposedConvolution(rank: number): Layer {
  return (context, inputs) => {
    const config = context.config(convolutionConfig(rank).extend({ filters: z.number().int().positive(), output_padding: z.unknown().optional() }));
    if (config.output_padding !== undefined && config.output_padding !== null) throw context.refusal('output_padding');
    if (sizeOf(config.dilation_rate) !== 1) throw context.refusal('dilation');
    const image = asImage(context, context.single(inputs), config.data_format, rank);
    const kernel = context.weight('kernel', [...config.kernel_size, config.filters, image.channels]);
    const weights = [channelsOutFirst(context, kernel, rank)];
    if (config.use_bias) weights.push(context.weight('bias', [config.filters]));
    const axes = image.spatial.map((input, axis) => {
      const [size, stride] = [config.kernel_size[axis] ?? 1, config.strides[axis] ?? 1];
      // Where windows do not touch, `same` and `valid` both leave the gap after the last one.
      if (config.padding !== 'same') return { output: input * stride + Math.max(size - stride, 0), before: 0, after: 0, extra: Math.max(stride - size, 0) };
      const overlap = Math.max(size - stride, 0);
      return { output: input * stride, before: Math.floor(overlap / 2), after: Math.ceil(overlap / 2), extra: Math.max(stride - size, 0) };
    });
    const name = context.emit('ConvTranspose', [image.name, ...weights], {
      kernel_shape: config.kernel_size,
      strides: config.strides,
      pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
      output_padding: axes.map(({ extra }) => extra),
    });
    return applyActivation(context, config.activation, fromImage({ name, channels: config.filters, spatial: axes.map(({ output }) => output) }, config.data_format));
  };
}
