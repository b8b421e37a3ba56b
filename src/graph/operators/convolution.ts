import { integer, integers } from '../attributes';
import type { GradientContext, OperatorFamily, PrimitiveOperator, RuleContext } from '../operator';
import { dimension, range, sizeOf } from '../shapes';

import { gridOf, reach, transposedAttributes, windowOf, extent } from './windows';
import type { Window } from './windows';

const groupOf = (context: RuleContext): number => integer(context.node, 'group', 1);
const kernelOf = (context: RuleContext): readonly number[] => integers(context.node, 'kernel_shape') ?? context.input(1).shape.slice(2);

/** Spatial axes of [N, C, …spatial]. */
const spatial = (rank: number): readonly number[] => range(rank).map((axis) => axis + 2);

/**
 * Gradient of a convolution with respect to its kernel [M, C/g, …k]: for each tap of the kernel the input shifted to it, all taps stacked
 * ("im2col"), times the gradient of the output, summed over the batch. The stack is the left factor: of the two it is the larger one, and
 * matrix products repack their right factor.
 */
export function kernelGradient(context: GradientContext, input: string, channels: number, window: Window, dy: string, filters: number): string {
  const { build } = context;
  const group = groupOf(context);
  const batch = dimension(context.input(0).shape, 0);
  const area = sizeOf(window.output);
  const taps = sizeOf(window.kernel);
  const stack = build.node('Reshape', [shifted(context, input, channels, window), build.integers([batch, group, (taps * channels) / group, area])]);
  const grouped = build.node('Reshape', [dy, build.integers([batch, group, filters / group, area])]);
  const product = build.node('FusedMatMul', [stack, grouped], { transB: 1 }, { domain: 'com.microsoft' });
  const sum = build.node('ReduceSum', [product, build.integers([0])], { keepdims: 0 });
  const split = build.node('Reshape', [sum, build.integers([group, taps, channels / group, filters / group])]);
  const turned = build.node('Transpose', [split], { perm: [0, 3, 2, 1] });
  return build.node('Reshape', [turned, build.integers([filters, channels / group, ...window.kernel])]);
}

/** Every tap as one strided slice of the padded input, stacked along the channels of each group. */
function shifted(context: GradientContext, input: string, channels: number, window: Window): string {
  const { build } = context;
  const batch = dimension(context.input(0).shape, 0);
  const group = groupOf(context);
  const ends = reach(window).map((end) => Math.max(0, end));
  const padded = [...window.before, ...ends].every((pad) => pad === 0) ? input : build.node('Pad', [input, build.integers([0, 0, ...window.before, 0, 0, ...ends])]);
  const axes = spatial(window.kernel.length);
  const slices = gridOf(window.kernel).map((tap) => {
    const starts = tap.map((index, axis) => index * dimension(window.dilations, axis));
    const ends = starts.map((start, axis) => start + (dimension(window.output, axis) - 1) * dimension(window.strides, axis) + 1);
    const slice = build.node('Slice', [padded, build.integers(starts), build.integers(ends), build.integers(axes), build.integers(window.strides)]);
    return group === 1 ? slice : build.node('Reshape', [slice, build.integers([batch, group, channels / group, sizeOf(window.output)])]);
  });
  return slices.length === 1 ? (slices[0] ?? '') : build.node('Concat', slices, { axis: group === 1 ? 1 : 2 });
}

const channelSum = (context: GradientContext): string =>
  context.build.node('ReduceSum', [context.gradient, context.build.integers([0, ...spatial(context.output(0).shape.length - 2)])], { keepdims: 0 });

const conv: PrimitiveOperator = {
  types: (context) => {
    const [x, w] = [context.input(0), context.input(1)];
    const group = groupOf(context);
    if (dimension(x.shape, 1) !== dimension(w.shape, 1) * group) context.mismatch(`the input has ${dimension(x.shape, 1)} channels, but the kernel [${w.shape.join(', ')}] with ${group} group(s) takes ${dimension(w.shape, 1) * group}.`);
    if (dimension(w.shape, 0) % group !== 0) context.mismatch(`${dimension(w.shape, 0)} filters do not divide into ${group} groups.`);
    const window = windowOf(context, kernelOf(context));
    return [{ dataType: x.dataType, shape: [dimension(x.shape, 0), dimension(w.shape, 0), ...window.output] }];
  },
  gradient: (context) => {
    const window = windowOf(context, kernelOf(context));
    const [channels, filters] = [dimension(context.input(0).shape, 1), dimension(context.input(1).shape, 0)];
    return [
      context.wanted(0) ? context.build.node('ConvTranspose', [context.gradient, context.name(1)], transposedAttributes(window, groupOf(context))) : undefined,
      context.wanted(1) ? kernelGradient(context, context.name(0), channels, window, context.gradient, filters) : undefined,
      context.wanted(2) ? channelSum(context) : undefined,
    ];
  },
};

/** Sizes of a transposed convolution; its windows slide over its output. */
function transposedWindow(context: RuleContext): Window {
  const { node } = context;
  const kernel = kernelOf(context);
  const output = context.input(0).shape.slice(2);
  if (output.length !== kernel.length) context.mismatch(`a kernel of ${kernel.length} dimensions does not fit an input of shape [${context.input(0).shape.join(', ')}].`);
  const strides = integers(node, 'strides') ?? kernel.map(() => 1);
  const dilations = integers(node, 'dilations') ?? kernel.map(() => 1);
  const extra = integers(node, 'output_padding') ?? kernel.map(() => 0);
  const full = output.map((size, axis) => (size - 1) * dimension(strides, axis) + extent(dimension(kernel, axis), dimension(dilations, axis)) + (extra[axis] ?? 0));
  const mode = typeof node.attributes['auto_pad'] === 'string' ? node.attributes['auto_pad'] : 'NOTSET';
  const wanted = integers(node, 'output_shape') ?? (mode.startsWith('SAME') ? output.map((size, axis) => size * dimension(strides, axis)) : undefined);
  const totals = wanted?.map((size, axis) => Math.max(0, dimension(full, axis) - size));
  const half = totals?.map((total) => (mode === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2)));
  const pads = totals === undefined || half === undefined ? (integers(node, 'pads') ?? range(2 * kernel.length).map(() => 0)) : [...half, ...totals.map((total, axis) => total - (half[axis] ?? 0))];
  const before = pads.slice(0, kernel.length);
  const after = pads.slice(kernel.length);
  const input = full.map((size, axis) => size - (before[axis] ?? 0) - (after[axis] ?? 0));
  return { kernel, strides, dilations, before, after, input, output };
}

const convTranspose: PrimitiveOperator = {
  types: (context) => {
    const [x, w] = [context.input(0), context.input(1)];
    if (dimension(x.shape, 1) !== dimension(w.shape, 0)) context.mismatch(`the input has ${dimension(x.shape, 1)} channels, but the kernel [${w.shape.join(', ')}] takes ${dimension(w.shape, 0)}.`);
    return [{ dataType: x.dataType, shape: [dimension(x.shape, 0), dimension(w.shape, 1) * groupOf(context), ...transposedWindow(context).input] }];
  },
  gradient: (context) => {
    const { build, gradient } = context;
    const window = transposedWindow(context);
    const ends = reach(window);
    const filters = dimension(context.input(0).shape, 1);
    // The gradient is cropped where output_padding added rows that no window reaches.
    const crop = ends.map((end) => Math.max(0, -end));
    const dy = crop.every((size) => size === 0) ? gradient : build.node('Pad', [gradient, build.integers([0, 0, ...crop.map(() => 0), 0, 0, ...crop.map((size) => -size)])]);
    const attributes = { group: groupOf(context), kernel_shape: window.kernel, strides: window.strides, dilations: window.dilations, pads: [...window.before, ...ends.map((end) => Math.max(0, end))] };
    return [
      context.wanted(0) ? build.node('Conv', [dy, context.name(1)], attributes) : undefined,
      context.wanted(1) ? kernelGradient(context, dy, dimension(context.output(0).shape, 1), window, context.name(0), filters) : undefined,
      context.wanted(2) ? channelSum(context) : undefined,
    ];
  },
};

/** Convolutions over any number of spatial axes, channels first. */
export const convolutions: OperatorFamily = { Conv: conv, ConvTranspose: convTranspose };

/** Kernel size of a node whose kernel is its second input; for engines. */
export const convolutionWindow = (context: RuleContext): Window => windowOf(context, kernelOf(context));
export const transposedConvolutionWindow = transposedWindow;
