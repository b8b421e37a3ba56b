/** Arithmetic on shapes; all dimensions are numbers. */

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dimension) => product * dimension, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);

/** `-1` counts from the end, as everywhere in ONNX. */
export const positiveAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

export const dimension = (shape: readonly number[], axis: number): number => shape[axis] ?? 1;

/** 0, 1, …, count − 1. */
export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** ONNX multidirectional broadcasting; undefined where the shapes do not fit. */
export function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

/** The permutation that undoes `permutation`. */
export const inversePermutation = (permutation: readonly number[]): readonly number[] => permutation.map((_, axis) => permutation.indexOf(axis));
