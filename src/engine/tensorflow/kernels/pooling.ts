import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { averageCounts, poolingWindow } from '../../../graph/operators/pooling';
import { reach } from '../../../graph/operators/windows';
import type { Window } from '../../../graph/operators/windows';
import { dimension } from '../../../graph/shapes';
import type { KernelFamily, TensorFlow } from '../kernel';
import { padSpatial, tapsOf } from './windows';

/** Below every value that matters; −∞ would turn a padded product into NaN. */
const lowest = -3.4e38;

/** The pooling gradients of the wasm backend are wrong where a window reaches into padding, so only windows inside the input qualify. */
const isPlanar = (window: Window): boolean =>
  window.kernel.length === 2 && window.dilations.every((dilation) => dilation === 1) && [...window.before, ...reach(window)].every((pad) => pad <= 0);

/** TensorFlow's own pooling of channels-last images, on an input that is padded already. */
function planar(tf: TensorFlow, operator: 'maxPool' | 'avgPool', padded: Tensor, window: Window): Tensor {
  const pair = (sizes: readonly number[]): [number, number] => [dimension(sizes, 0), dimension(sizes, 1)];
  const pooled = tf[operator](tf.transpose(padded, [0, 2, 3, 1]) as Tensor4D, pair(window.kernel), pair(window.strides), 'valid');
  return tf.transpose(pooled, [0, 3, 1, 2]);
}

export const pooling: KernelFamily = {
  MaxPool: ({ tf, rule, tensor }) => {
    const window = poolingWindow(rule);
    const padded = padSpatial(tf, tensor(0), window, lowest);
    return isPlanar(window) ? planar(tf, 'maxPool', padded, window) : tapsOf(tf, padded, window).reduce((largest, tap) => tf.maximum(largest, tap));
  },
  AveragePool: ({ tf, rule, tensor }) => {
    const window = poolingWindow(rule);
    const padded = padSpatial(tf, tensor(0), window, 0);
    if (isPlanar(window)) return planar(tf, 'avgPool', padded, window);
    return tf.div(tapsOf(tf, padded, window).reduce((total, tap) => tf.add(total, tap)), tf.tensor(averageCounts(rule, window), [...window.output]));
  },
};
