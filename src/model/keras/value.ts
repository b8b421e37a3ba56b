/**
 * A tensor that flows between layers, as Keras sees it: `shape` without the batch dimension, in the order of the layer's data format.
 * ONNX convolves with channels in front, Keras mostly with channels last. A value remembers how it is really laid out,
 * so that a chain of convolutions and poolings is transposed once at each end and not between any two of them.
 */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  /** True when the ONNX value holds the last axis of `shape` first: (batch, channels, …spatial). */
  readonly channelsMovedFirst: boolean;
  /** Which steps count, 1 or 0 each: (batch, steps), or (batch, …) of more axes. Absent where all do. */
  readonly mask?: string | undefined;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}
