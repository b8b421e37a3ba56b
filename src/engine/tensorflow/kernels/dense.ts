import type { Tensor } from '@tensorflow/tfjs';
import { float, integer } from '../../../graph/attributes';
import { broadcast, dimension, sizeOf } from '../../../graph/shapes';
import { broadcastTo, matMul } from '../gradients';
import type { KernelContext, KernelFamily } from '../kernel';

function product({ tf, tensor }: KernelContext): Tensor {
  const [left, right] = [tensor(0), tensor(1)];
  const a = left.shape.length === 1 ? tf.reshape(left, [1, -1]) : left;
  const b = right.shape.length === 1 ? tf.reshape(right, [-1, 1]) : right;
  const batch = [...(broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)) ?? [])];
  const shape = [...batch, ...(left.shape.length === 1 ? [] : a.shape.slice(-2, -1)), ...(right.shape.length === 1 ? [] : b.shape.slice(-1))];
  if (b.shape.length === 2) return tf.reshape(matMul(tf, tf.reshape(a, [-1, dimension(b.shape, 0)]), b), shape);
  const stack = (matrices: Tensor): Tensor => tf.reshape(broadcastTo(tf, matrices, [...batch, ...matrices.shape.slice(-2)]), [sizeOf(batch), ...matrices.shape.slice(-2)]);
  return tf.reshape(matMul(tf, stack(a), stack(b)), shape);
}

export const dense: KernelFamily = {
  MatMul: product,
  Gemm: ({ tf, rule, tensor }) => {
    const oriented = (index: number, name: string): Tensor => (integer(rule.node, name, 0) === 1 ? tf.transpose(tensor(index)) : tensor(index));
    const scaled = (value: Tensor, factor: number): Tensor => (factor === 1 ? value : tf.mul(value, factor));
    const value = scaled(matMul(tf, oriented(0, 'transA'), oriented(1, 'transB')), float(rule.node, 'alpha', 1));
    return rule.has(2) ? tf.add(value, scaled(tensor(2), float(rule.node, 'beta', 1))) : value;
  },
};
