import { float, integer } from '../attributes';
import type { GradientContext, OperatorFamily, PrimitiveOperator, RuleContext, TensorType } from '../operator';
import { broadcast, dimension, sizeOf } from '../shapes';
import { reshapeTo, sumTo } from './broadcasting';

/** Matrix views of MatMul's inputs: a vector on the left is a row, on the right a column. */
const matrices = (context: RuleContext): readonly [readonly number[], readonly number[]] => {
  const [a, b] = [context.input(0).shape, context.input(1).shape];
  return [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
};

const last = (shape: readonly number[]): number => dimension(shape, shape.length - 1);

function matMulType(context: RuleContext): readonly TensorType[] {
  const [a, b] = matrices(context);
  if (context.input(0).shape.length === 0 || context.input(1).shape.length === 0) context.mismatch('inputs must have at least one dimension.');
  if (last(a) !== dimension(b, b.length - 2)) context.mismatch(`inner dimensions differ: [${a.join(', ')}] times [${b.join(', ')}].`);
  const batch = broadcast(a.slice(0, -2), b.slice(0, -2)) ?? context.mismatch(`batch dimensions of [${a.join(', ')}] and [${b.join(', ')}] do not broadcast.`);
  const rows = context.input(0).shape.length === 1 ? [] : [dimension(a, a.length - 2)];
  const columns = context.input(1).shape.length === 1 ? [] : [last(b)];
  return [{ shape: [...batch, ...rows, ...columns], dataType: context.input(0).dataType }];
}

/** With B a matrix, rows of all batches are one matrix: dA = dY·Bᵀ and dB = Aᵀ·dY are single products. */
function flatMatMulGradient(context: GradientContext, a: readonly number[], b: readonly number[]): readonly (string | undefined)[] {
  const { build } = context;
  const rows = sizeOf(a) / last(a);
  const dy = reshapeTo(build, context.gradient, context.output(0).shape, [rows, last(b)]);
  const left = (): string => reshapeTo(build, build.node('Gemm', [dy, matrixB()], { transB: 1 }), [rows, last(a)], context.input(0).shape);
  const matrixB = (): string => reshapeTo(build, context.name(1), context.input(1).shape, b);
  const right = (): string => {
    const flat = reshapeTo(build, context.name(0), context.input(0).shape, [rows, last(a)]);
    return reshapeTo(build, build.node('Gemm', [flat, dy], { transA: 1 }), b, context.input(1).shape);
  };
  return [context.wanted(0) ? left() : undefined, context.wanted(1) ? right() : undefined];
}

function matMulGradient(context: GradientContext): readonly (string | undefined)[] {
  const { build } = context;
  const [a, b] = matrices(context);
  if (b.length === 2) return flatMatMulGradient(context, a, b);
  const batch = broadcast(a.slice(0, -2), b.slice(0, -2)) ?? [];
  const product = (left: string, right: string, transposed: Readonly<Record<string, number>>): string => build.node('FusedMatMul', [left, right], transposed, { domain: 'com.microsoft' });
  const dy = reshapeTo(build, context.gradient, context.output(0).shape, [...batch, dimension(a, a.length - 2), last(b)]);
  const viewA = reshapeTo(build, context.name(0), context.input(0).shape, a);
  const viewB = reshapeTo(build, context.name(1), context.input(1).shape, b);
  const left = (): string => sumTo(build, product(dy, viewB, { transB: 1 }), [...batch, ...a.slice(-2)], a);
  const right = (): string => sumTo(build, product(viewA, dy, { transA: 1 }), [...batch, ...b.slice(-2)], b);
  return [
    context.wanted(0) ? reshapeTo(build, left(), a, context.input(0).shape) : undefined,
    context.wanted(1) ? reshapeTo(build, right(), b, context.input(1).shape) : undefined,
  ];
}

const gemm: PrimitiveOperator = {
  types: (context) => {
    const [a, b] = [context.input(0), context.input(1)];
    if (a.shape.length !== 2 || b.shape.length !== 2) context.mismatch('A and B must be matrices.');
    const [transA, transB] = [integer(context.node, 'transA', 0), integer(context.node, 'transB', 0)];
    if (dimension(a.shape, 1 - transA) !== dimension(b.shape, transB)) context.mismatch(`inner dimensions differ: [${a.shape.join(', ')}] (transA ${transA}) times [${b.shape.join(', ')}] (transB ${transB}).`);
    const shape = [dimension(a.shape, transA), dimension(b.shape, 1 - transB)];
    if (context.has(2) && broadcast(shape, context.input(2).shape)?.length !== 2) context.mismatch('C does not broadcast to the product.');
    return [{ shape, dataType: a.dataType }];
  },
  gradient: (context) => {
    const { build, node, gradient } = context;
    const [transA, transB] = [integer(node, 'transA', 0), integer(node, 'transB', 0)];
    const [alpha, beta] = [float(node, 'alpha', 1), float(node, 'beta', 1)];
    const [a, b] = [context.name(0), context.name(1)];
    const left = (): string => (transA === 0 ? build.node('Gemm', [gradient, b], { alpha, transB: 1 - transB }) : build.node('Gemm', [b, gradient], { alpha, transA: transB, transB: 1 }));
    const right = (): string => (transB === 0 ? build.node('Gemm', [a, gradient], { alpha, transA: 1 - transA }) : build.node('Gemm', [gradient, a], { alpha, transA: 1, transB: transA }));
    const offset = (): string => {
      const sum = sumTo(build, gradient, context.output(0).shape, context.input(2).shape);
      return beta === 1 ? sum : build.node('Mul', [sum, build.scalar(beta)]);
    };
    return [context.wanted(0) ? left() : undefined, context.wanted(1) ? right() : undefined, context.wanted(2) ? offset() : undefined];
  },
};

/** Matrix products. */
export const dense: OperatorFamily = { MatMul: { types: matMulType, gradient: matMulGradient }, Gemm: gemm };
