import type { Tensor } from '@tensorflow/tfjs';
import { broadcast } from '../../graph/shapes';
import type { TensorFlow } from './kernel';

type SaveOrTensor = Tensor | ((tensors: Tensor[]) => void);

/** A comparison as something whose gradient is zero; TensorFlow.js itself refuses to differentiate past one. */
export function comparison(tf: TensorFlow, compare: (a: Tensor, b: Tensor) => Tensor, left: Tensor, right: Tensor): Tensor {
  const { shape: leftShape } = left;
  const { shape: rightShape } = right;
  const flat = tf.customGrad((...inputs: SaveOrTensor[]) => {
    const [a, b] = inputs as [Tensor, Tensor];
    return { value: compare(a, b), gradFunc: () => [tf.zeros(leftShape), tf.zeros(rightShape)] };
  });
  return flat(left, right);
}

/** Elements of `yes` where the condition holds, else of `no`. All are broadcast first, since the gradient of tf.where does not undo a broadcast. */
export function select(tf: TensorFlow, condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  const shape = [condition, yes, no].reduce<readonly number[]>((all, { shape: own }) => broadcast(all, own) ?? all, []);
  return tf.where(condition, broadcastTo(tf, yes, [...shape]), broadcastTo(tf, no, [...shape]));
}

/** The larger (or smaller) of two tensors, broadcast first: the gradients of tf.maximum and tf.minimum do not undo a broadcast. */
export function extreme(tf: TensorFlow, operator: 'maximum' | 'minimum', a: Tensor, b: Tensor): Tensor {
  const shape = [...(broadcast(a.shape, b.shape) ?? [])];
  return tf[operator](broadcastTo(tf, a, shape), broadcastTo(tf, b, shape));
}

/** tf.broadcastTo, whose gradient fails above rank 4, by an addition of zeros, whose gradient does not. */
export function broadcastTo(tf: TensorFlow, value: Tensor, shape: number[]): Tensor {
  return value.shape.length === shape.length && value.shape.every((size, axis) => size === shape[axis]) ? value : tf.add(value, tf.zeros(shape));
}

/** Matrix product of two stacks of matrices with the same leading dimensions. The gradients transpose explicitly: the wasm backend is several times slower at transposed products. */
export function matMul(tf: TensorFlow, left: Tensor, right: Tensor): Tensor {
  const swap = (matrix: Tensor): Tensor => {
    const order = matrix.shape.map((_, axis) => axis);
    return tf.transpose(matrix, [...order.slice(0, -2), order.length - 1, order.length - 2]);
  };
  const product = tf.customGrad((...inputs: SaveOrTensor[]) => {
    const [a, b, save] = inputs as [Tensor, Tensor, (tensors: Tensor[]) => void];
    save([a, b]);
    return {
      value: tf.matMul(a, b),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, y] = saved as [Tensor, Tensor];
        return [tf.matMul(dy, swap(y)), tf.matMul(swap(x), dy)];
      },
    };
  });
  return product(left, right);
}

/** Every `step`-th element along an axis, as reshapes and slices: tf.stridedSlice has no gradient. */
export function take(tf: TensorFlow, value: Tensor, axis: number, start: number, step: number, count: number): Tensor {
  const { shape } = value;
  const begin = shape.map((_, at) => (at === axis ? start : 0));
  const sized = (length: number): number[] => shape.map((size, at) => (at === axis ? length : size));
  if (step === 1) return tf.slice(value, begin, sized(count));
  const available = (shape[axis] ?? 0) - start;
  const whole = step * count;
  const run = tf.slice(value, begin, sized(Math.min(available, whole)));
  const filled = available >= whole ? run : tf.pad(run, shape.map((_, at): [number, number] => [0, at === axis ? whole - available : 0]));
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return tf.reshape(tf.slice(tf.reshape(filled, [outer, count, step, inner]), [0, 0, 0, 0], [outer, count, 1, inner]), sized(count));
}
