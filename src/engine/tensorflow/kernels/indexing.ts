import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { integer } from '../../../graph/attributes';
import { dimension, positiveAxis, sizeOf } from '../../../graph/shapes';
import type { KernelFamily, TensorFlow } from '../kernel';

/** Rows of a matrix; the gradient is a product with the one-hot indices, since not every backend can sum by segment. */
function rowsOf(tf: TensorFlow, table: Tensor, indices: Tensor1D): Tensor {
  const count = dimension(table.shape, 0);
  const rows = tf.customGrad((...inputs: (Tensor | ((tensors: Tensor[]) => void))[]) => {
    const [matrix, save] = inputs as [Tensor, (tensors: Tensor[]) => void];
    save([indices]);
    return {
      value: tf.gather(matrix, indices),
      gradFunc: (dy: Tensor, [chosen]: Tensor[]) => [tf.matMul(tf.transpose(tf.cast(tf.oneHot(chosen as Tensor1D, count), 'float32')), dy)],
    };
  });
  return rows(table);
}

export const indexing: KernelFamily = {
  Gather: ({ tf, rule, tensor, outputShape }) => {
    const [table, indices] = [tensor(0), tensor(1)];
    const axis = positiveAxis(integer(rule.node, 'axis', 0), table.shape.length);
    const others = [...table.shape.keys()].filter((other) => other !== axis);
    const front = tf.transpose(table, [axis, ...others]);
    const matrix = tf.reshape(front, [dimension(table.shape, axis), sizeOf(others.map((other) => dimension(table.shape, other)))]);
    const found = tf.reshape(rowsOf(tf, matrix, tf.cast<Tensor1D>(tf.reshape(indices, [-1]), 'int32')), [sizeOf(indices.shape), ...others.map((other) => dimension(table.shape, other))]);
    const order = others.map((_, at) => at + 1);
    return tf.reshape(tf.transpose(found, [...order.slice(0, axis), 0, ...order.slice(axis)]), outputShape);
  },
};
