import { integer } from '../attributes';
import type { OperatorFamily, PrimitiveOperator, RuleContext } from '../operator';
import { dimension, inversePermutation, positiveAxis, range, sizeOf } from '../shapes';

const axisOf = (context: RuleContext): number => positiveAxis(integer(context.node, 'axis', 0), context.input(0).shape.length);

/** Rows of a table by number: embeddings. Each row's gradient is the sum over all places that looked it up. */
const gather: PrimitiveOperator = {
  types: (context) => {
    const [data, indices] = [context.input(0), context.input(1)];
    if (!indices.dataType.startsWith('int')) context.mismatch(`indices must be integers, not ${indices.dataType}.`);
    const axis = axisOf(context);
    return [{ dataType: data.dataType, shape: [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)] }];
  },
  gradient: (context) => {
    const { build } = context;
    const axis = axisOf(context);
    const { shape } = context.input(0);
    const { shape: indices } = context.input(1);
    // The axes of the indices come first, then those of the table's other axes.
    const output = context.output(0).shape;
    const order = [...range(indices.length).map((at) => at + axis), ...range(axis), ...range(output.length).slice(axis + indices.length)];
    const rest = [...shape.slice(0, axis), ...shape.slice(axis + 1)];
    const front = axis === 0 ? context.gradient : build.node('Transpose', [context.gradient], { perm: order });
    const rows = build.node('Reshape', [front, build.integers([sizeOf(indices), ...rest])]);
    const column = build.node('Cast', [build.node('Reshape', [context.name(1), build.integers([sizeOf(indices), 1])])], { to: 7 });
    const zeros = build.node('Expand', [build.scalar(0), build.integers([dimension(shape, axis), ...rest])]);
    const table = build.node('ScatterND', [zeros, column, rows], { reduction: 'add' });
    const back = inversePermutation([axis, ...range(shape.length).filter((other) => other !== axis)]);
    return [axis === 0 ? table : build.node('Transpose', [table], { perm: back })];
  },
  fold: (context) => {
    const values = context.foldable(0);
    return values === undefined ? undefined : context.foldable(1)?.map((index) => values[index < 0 ? index + values.length : index] ?? 0);
  },
};

/** Selection of elements by position. */
export const indexing: OperatorFamily = { Gather: gather };
