import { averageCounts, poolingWindow } from '../../../graph/operators/pooling';
import type { KernelFamily } from '../kernel';
import { padSpatial, tapsOf } from './windows';

/** Below every value that matters; −∞ would turn a padded product into NaN. */
const lowest = -3.4e38;

export const pooling: KernelFamily = {
  MaxPool: ({ tf, rule, tensor }) => {
    const window = poolingWindow(rule);
    return tapsOf(tf, padSpatial(tf, tensor(0), window, lowest), window).reduce((largest, tap) => tf.maximum(largest, tap));
  },
  AveragePool: ({ tf, rule, tensor }) => {
    const window = poolingWindow(rule);
    const sum = tapsOf(tf, padSpatial(tf, tensor(0), window, 0), window).reduce((total, tap) => tf.add(total, tap));
    return tf.div(sum, tf.tensor(averageCounts(rule, window), [...window.output]));
  },
};
