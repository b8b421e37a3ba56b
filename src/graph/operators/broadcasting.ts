import type { GraphBuilder } from '../builder';
import { dimension, range, sameShape } from '../shapes';

/** Sums a gradient of shape `from` over the axes along which a value of shape `to` was broadcast. */
export function sumTo(build: GraphBuilder, gradient: string, from: readonly number[], to: readonly number[]): string {
  if (sameShape(from, to)) return gradient;
  const padding = from.length - to.length;
  const axes = range(from.length).filter((axis) => axis < padding || (dimension(to, axis - padding) === 1 && dimension(from, axis) !== 1));
  const sum = axes.length === 0 ? gradient : build.node('ReduceSum', [gradient, build.integers(axes)], { keepdims: 0 });
  const summed = from.filter((_, axis) => !axes.includes(axis));
  return sameShape(summed, to) ? sum : build.node('Reshape', [sum, build.integers(to)]);
}

/** Reshapes unless the shape is already right. */
export function reshapeTo(build: GraphBuilder, value: string, from: readonly number[], to: readonly number[]): string {
  return sameShape(from, to) ? value : build.node('Reshape', [value, build.integers(to)]);
}
