import type { Tensor } from '@tensorflow/tfjs';
import { gridOf, reach } from '../../../graph/operators/windows';
import type { Window } from '../../../graph/operators/windows';
import { dimension } from '../../../graph/shapes';
import { take } from '../gradients';
import type { TensorFlow } from '../kernel';

/** The input [N, C, …spatial] with `value` around it, so far as the windows reach. */
export function padSpatial(tf: TensorFlow, input: Tensor, window: Window, value: number): Tensor {
  const ends = reach(window).map((end) => Math.max(0, end));
  if ([...window.before, ...ends].every((pad) => pad === 0)) return input;
  return tf.pad(input, [[0, 0], [0, 0], ...ends.map((end, axis): [number, number] => [window.before[axis] ?? 0, end])], value);
}

/** For each tap of the kernel, the elements that it meets at every output position: [N, C, …output]. */
export function tapsOf(tf: TensorFlow, padded: Tensor, window: Window): readonly Tensor[] {
  return gridOf(window.kernel).map((tap) =>
    tap.reduce((value, index, axis) => take(tf, value, axis + 2, index * dimension(window.dilations, axis), dimension(window.strides, axis), dimension(window.output, axis)), padded),
  );
}
