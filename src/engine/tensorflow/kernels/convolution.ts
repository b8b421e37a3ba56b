import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { integer } from '../../../graph/attributes';
import { convolutionWindow, transposedConvolutionWindow } from '../../../graph/operators/convolution';
import { extent, gridOf, reach } from '../../../graph/operators/windows';
import type { Window } from '../../../graph/operators/windows';
import { dimension, sizeOf } from '../../../graph/shapes';
import { matMul, take } from '../gradients';
import type { KernelContext, KernelFamily, TensorFlow } from '../kernel';
import { padSpatial, tapsOf } from './windows';

/** Convolution of a padded input with a kernel [M, C/g, …k]: all taps stacked, times the kernel as a matrix. */
function stackedConvolution(tf: TensorFlow, padded: Tensor, kernel: Tensor, window: Window, group: number): Tensor {
  const batch = dimension(padded.shape, 0);
  const [filters, channels] = [dimension(kernel.shape, 0), dimension(kernel.shape, 1)];
  const area = sizeOf(window.output);
  const taps = tapsOf(tf, padded, window).map((tap) => tf.reshape(tap, [batch, group, channels, area]));
  const columns = tf.concat([...taps], 2);
  // Kernel rows in the order of the stack: taps outside, channels inside.
  const matrix = tf.reshape(tf.transpose(tf.reshape(kernel, [filters, channels, taps.length]), [0, 2, 1]), [1, group, filters / group, taps.length * channels]);
  const stacked = tf.add(matrix, tf.zeros([batch, group, filters / group, taps.length * channels]));
  return tf.reshape(matMul(tf, stacked, columns), [batch, filters, ...window.output]);
}

/** tf.conv2d without padding, on channels-last images; where the backend cannot differentiate it well, with gradients of its own. */
function planarConvolution(tf: TensorFlow, padded: Tensor, kernel: Tensor, window: Window): Tensor {
  const strides: [number, number] = [dimension(window.strides, 0), dimension(window.strides, 1)];
  const image = tf.transpose(padded, [0, 2, 3, 1]);
  const filter = tf.transpose(kernel, [2, 3, 1, 0]);
  const differentiable = tf.getKernelsForBackend(tf.getBackend()).some(({ kernelName }) => kernelName === 'Conv2DBackpropFilter');
  const product = differentiable ? tf.conv2d(image as Tensor4D, filter as Tensor4D, strides, 'valid') : withGradients(tf, strides, window)(image, filter);
  return tf.transpose(product, [0, 3, 1, 2]);
}

/** The wasm backend has no gradient by the kernel, and one by the image that is ten times slower than a convolution. */
function withGradients(tf: TensorFlow, strides: [number, number], window: Window): (image: Tensor, filter: Tensor) => Tensor {
  return tf.customGrad((...inputs: (Tensor | ((tensors: Tensor[]) => void))[]) => {
    const [image, filter, save] = inputs as [Tensor4D, Tensor4D, (tensors: Tensor[]) => void];
    save([image, filter]);
    return {
      value: tf.conv2d(image, filter, strides, 'valid'),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, w] = saved as [Tensor4D, Tensor4D];
        return [imageGradient(tf, dy, x.shape, w, strides), filterGradient(tf, dy, x, w.shape, strides, window)];
      },
    };
  });
}

/** A convolution of the spaced-out gradient with the kernel turned round and its channels swapped. */
function imageGradient(tf: TensorFlow, dy: Tensor, shape: readonly number[], filter: Tensor4D, strides: readonly number[]): Tensor {
  const spaced = insertZeros(tf, dy, strides, 1);
  const sides = [1, 2].map((axis): [number, number] => {
    const border = dimension(filter.shape, axis - 1) - 1;
    return [border, dimension(shape, axis) - dimension(spaced.shape, axis)];
  });
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(tf.pad(spaced, [[0, 0], ...sides, [0, 0]]) as Tensor4D, turned, 1, 'valid');
}

/** For each tap, the image shifted to it times the gradient, summed over all positions. */
function filterGradient(tf: TensorFlow, dy: Tensor, image: Tensor4D, shape: number[], strides: readonly number[], window: Window): Tensor {
  const rows = dimension(dy.shape, 0) * sizeOf(window.output);
  const flat = tf.reshape(dy, [rows, dimension(dy.shape, 3)]);
  const taps = gridOf(window.kernel).map((tap) => {
    const met = tap.reduce<Tensor>((value, start, axis) => take(tf, value, axis + 1, start, dimension(strides, axis), dimension(window.output, axis)), image);
    return tf.matMul(tf.transpose(tf.reshape(met, [rows, image.shape[3]])), flat);
  });
  return tf.reshape(tf.stack(taps), shape);
}

function convolve(tf: TensorFlow, padded: Tensor, kernel: Tensor, window: Window, group: number): Tensor {
  const planar = window.kernel.length === 2 && group === 1 && window.dilations.every((dilation) => dilation === 1);
  return planar ? planarConvolution(tf, padded, kernel, window) : stackedConvolution(tf, padded, kernel, window, group);
}

function withBias(context: KernelContext, value: Tensor): Tensor {
  return context.rule.has(2) ? context.tf.add(value, context.tf.reshape(context.tensor(2), [1, -1, ...value.shape.slice(2).map(() => 1)])) : value;
}

/** Zeros between the elements of the spatial axes, which begin at `first`: `strides[axis]` − 1 after each but the last. */
function insertZeros(tf: TensorFlow, value: Tensor, strides: readonly number[], first: number): Tensor {
  return strides.reduce((image, stride, at) => {
    if (stride === 1) return image;
    const axis = at + first;
    const size = dimension(image.shape, axis);
    const outer = sizeOf(image.shape.slice(0, axis));
    const inner = sizeOf(image.shape.slice(axis + 1));
    const spaced = tf.pad(tf.reshape(image, [outer, size, 1, inner]), [[0, 0], [0, 0], [0, stride - 1], [0, 0]]);
    const whole = tf.reshape(spaced, [outer, size * stride, inner]);
    return tf.reshape(tf.slice(whole, [0, 0, 0], [outer, (size - 1) * stride + 1, inner]), image.shape.map((other, index) => (index === axis ? (size - 1) * stride + 1 : other)));
  }, value);
}

/** A transposed convolution is a convolution of the spaced-out input with the kernel turned round and its channels swapped. */
function transposedConvolution(context: KernelContext): Tensor {
  const { tf, rule } = context;
  const window = transposedConvolutionWindow(rule);
  const group = integer(rule.node, 'group', 1);
  const kernel = context.tensor(1);
  const [channels, filters] = [dimension(kernel.shape, 0), dimension(kernel.shape, 1)];
  const taps = sizeOf(window.kernel);
  const turned = tf.reverse(tf.reshape(kernel, [group, channels / group, filters, taps]), 3);
  const swapped = tf.reshape(tf.transpose(turned, [0, 2, 1, 3]), [group * filters, channels / group, ...window.kernel]);
  const border = window.kernel.map((size, axis) => extent(size, dimension(window.dilations, axis)) - 1);
  const spaced = tf.pad(insertZeros(tf, context.tensor(0), window.strides, 2), [[0, 0], [0, 0], ...border.map((size): [number, number] => [size, size])]);
  const full = spaced.shape.slice(2).map((size, axis) => size - dimension(border, axis));
  const plain = { ...window, strides: window.kernel.map(() => 1), before: window.kernel.map(() => 0), after: window.kernel.map(() => 0), input: spaced.shape.slice(2), output: full };
  const product = convolve(tf, spaced, swapped, plain, group);
  const ends = reach(window);
  const grown = tf.pad(product, [[0, 0], [0, 0], ...ends.map((end): [number, number] => [0, Math.max(0, -end)])]);
  return withBias(context, tf.slice(grown, [0, 0, ...window.before], [...grown.shape.slice(0, 2), ...window.input]));
}

export const convolutions: KernelFamily = {
  Conv: (context) => {
    const { tf, rule } = context;
    const window = convolutionWindow(rule);
    return withBias(context, convolve(tf, padSpatial(tf, context.tensor(0), window, 0), context.tensor(1), window, integer(rule.node, 'group', 1)));
  },
  ConvTranspose: transposedConvolution,
};
