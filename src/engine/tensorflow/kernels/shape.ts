import type { Tensor } from '@tensorflow/tfjs';
import { integer, integers } from '../../../graph/attributes';
import { padsOf, sliceRanges, splitSizes } from '../../../graph/operators/shape';
import { dimension, positiveAxis } from '../../../graph/shapes';
import { broadcastTo, take } from '../gradients';
import type { Kernel, KernelFamily } from '../kernel';

/** Reshape, Flatten, Squeeze and Unsqueeze differ only in how they name the shape, which is known already. */
const relabelling: Kernel = ({ tf, tensor, outputShape }) => tf.reshape(tensor(0), outputShape);

export const shaping: KernelFamily = {
  Reshape: relabelling,
  Flatten: relabelling,
  Squeeze: relabelling,
  Unsqueeze: relabelling,
  Identity: ({ tensor }) => tensor(0),
  Transpose: ({ tf, rule, tensor }) => tf.transpose(tensor(0), [...(integers(rule.node, 'perm') ?? [...tensor(0).shape.keys()].reverse())]),
  Concat: ({ tf, rule, tensors }) => tf.concat([...tensors], integer(rule.node, 'axis', 0)),
  Split: ({ tf, rule, tensor }) => tf.split(tensor(0), [...splitSizes(rule)], positiveAxis(integer(rule.node, 'axis', 0), tensor(0).shape.length)),
  Slice: ({ tf, rule, tensor }) =>
    sliceRanges(rule).reduce<Tensor>((value, { start, step, count }, axis) => {
      if (step > 0) return count === value.shape[axis] && step === 1 ? value : take(tf, value, axis, start, step, count);
      const size = dimension(value.shape, axis);
      return take(tf, tf.reverse(value, axis), axis, size - 1 - start, -step, count);
    }, tensor(0)),
  Pad: ({ tf, rule, tensor }) => {
    const pads = padsOf(rule);
    const { shape } = tensor(0);
    const sides = shape.map((_, axis) => [pads[axis] ?? 0, pads[axis + shape.length] ?? 0] as const);
    const grown = tf.pad(tensor(0), sides.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]), rule.constant(2) ?? 0);
    const start = sides.map(([before]) => Math.max(0, -before));
    return tf.slice(grown, start, grown.shape.map((size, axis) => size - dimension(start, axis) - Math.max(0, -(sides[axis]?.[1] ?? 0))));
  },
  Expand: ({ tf, tensor, outputShape }) => broadcastTo(tf, tensor(0), outputShape),
  Tile: ({ tf, rule, tensor }) => rule.integers(1).reduce<Tensor>((value, copies, axis) => (copies === 1 ? value : tf.concat(Array.from({ length: copies }, () => value), axis)), tensor(0)),
  Shape: ({ tf, tensor }) => tf.tensor1d(tensor(0).shape, 'int32'),
};
