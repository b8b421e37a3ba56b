import { integer, integers, text } from '../attributes';
import type { RuleContext } from '../operator';
import { dimension, range } from '../shapes';

/** A sliding window over the spatial axes of [N, C, …spatial]. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Sizes of the input's and the output's spatial axes. */
  readonly input: readonly number[];
  readonly output: readonly number[];
}

export const extent = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** Resolves strides, dilations, pads and auto_pad of a convolution or pooling node. */
export function windowOf(context: RuleContext, kernel: readonly number[]): Window {
  const { node } = context;
  const input = context.input(0).shape.slice(2);
  if (input.length === 0 || input.length !== kernel.length) context.mismatch(`a window of ${kernel.length} dimensions does not fit an input of shape [${context.input(0).shape.join(', ')}].`);
  const strides = integers(node, 'strides') ?? kernel.map(() => 1);
  const dilations = integers(node, 'dilations') ?? kernel.map(() => 1);
  const automatic = text(node, 'auto_pad', 'NOTSET');
  const pads = automatic === 'NOTSET' ? (integers(node, 'pads') ?? range(2 * kernel.length).map(() => 0)) : automaticPads(automatic, input, kernel, strides, dilations);
  const before = pads.slice(0, kernel.length);
  const after = pads.slice(kernel.length);
  const ceil = integer(node, 'ceil_mode', 0) === 1;
  const output = input.map((size, axis) => {
    const [stride, start] = [dimension(strides, axis), before[axis] ?? 0];
    const room = size + start + (after[axis] ?? 0) - extent(dimension(kernel, axis), dimension(dilations, axis));
    if (room < 0) context.mismatch(`the window of size ${dimension(kernel, axis)} is larger than the padded input (axis ${axis + 2} of [${context.input(0).shape.join(', ')}]).`);
    if (!ceil) return Math.floor(room / stride) + 1;
    const count = Math.ceil(room / stride) + 1;
    // A window that would start beyond the input and the padding before it is dropped.
    return (count - 1) * stride >= size + start ? count - 1 : count;
  });
  return { kernel, strides, dilations, before, after, input, output };
}

function automaticPads(mode: string, input: readonly number[], kernel: readonly number[], strides: readonly number[], dilations: readonly number[]): readonly number[] {
  if (mode === 'VALID') return range(2 * kernel.length).map(() => 0);
  const totals = input.map((size, axis) => {
    const stride = dimension(strides, axis);
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent(dimension(kernel, axis), dimension(dilations, axis)) - size);
  });
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - (small[axis] ?? 0));
  return mode === 'SAME_LOWER' ? [...large, ...small] : [...small, ...large];
}

/** Padding after the input that the windows really reach; negative where they stop short of its end. */
export function reach(window: Window): readonly number[] {
  return window.input.map((size, axis) => {
    const end = (dimension(window.output, axis) - 1) * dimension(window.strides, axis) + extent(dimension(window.kernel, axis), dimension(window.dilations, axis));
    return end - (window.before[axis] ?? 0) - size;
  });
}

/** Attributes of the ConvTranspose that carries a gradient of the windows back to the input. */
export function transposedAttributes(window: Window, group: number): Readonly<Record<string, number | readonly number[]>> {
  const ends = reach(window);
  return {
    group,
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.before, ...ends.map((end) => Math.max(0, end))],
    output_padding: ends.map((end) => Math.max(0, -end)),
  };
}

/** All index tuples of a grid, the last axis fastest. */
export function gridOf(sizes: readonly number[]): readonly (readonly number[])[] {
  return sizes.reduce<readonly (readonly number[])[]>((tuples, size) => tuples.flatMap((tuple) => range(size).map((index) => [...tuple, index])), [[]]);
}
