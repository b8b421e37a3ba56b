import { text } from '../attributes';
import type { GraphBuilder } from '../builder';
import type { CompositeOperator, RuleContext } from '../operator';
import { dimension, sizeOf } from '../shapes';

interface Operand {
  readonly value: string;
  readonly labels: readonly string[];
}

/** Sums over the labels that nothing else needs. */
function reduced(build: GraphBuilder, operand: Operand, needed: ReadonlySet<string>): Operand {
  const axes = operand.labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  if (axes.length === 0) return operand;
  return { value: build.node('ReduceSum', [operand.value, build.integers(axes)], { keepdims: 0 }), labels: operand.labels.filter((label) => needed.has(label)) };
}

/** The operand with its axes in the order of `groups`, each group one axis. */
function arranged(build: GraphBuilder, operand: Operand, groups: readonly (readonly string[])[], sizes: ReadonlyMap<string, number>): string {
  const turned = build.node('Transpose', [operand.value], { perm: groups.flat().map((label) => operand.labels.indexOf(label)) });
  return build.node('Reshape', [turned, build.integers(groups.map((group) => sizeOf(group.map((label) => sizes.get(label) ?? 1))))]);
}

/** One product of two operands as a stack of matrix products: shared labels that stay, rows × inner, inner × columns. */
function product(build: GraphBuilder, left: Operand, right: Operand, kept: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Operand {
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const stack = shared.filter((label) => kept.has(label));
  const inner = shared.filter((label) => !kept.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const result = build.node('MatMul', [arranged(build, left, [stack, rows, inner], sizes), arranged(build, right, [stack, inner, columns], sizes)]);
  const labels = [...stack, ...rows, ...columns];
  return { value: build.node('Reshape', [result, build.integers(labels.map((label) => sizes.get(label) ?? 1))]), labels };
}

/** Labels of every operand and of the result; the result's are those that occur once, in alphabetic order, where none are given. */
function parse(context: RuleContext): { readonly operands: readonly (readonly string[])[]; readonly result: readonly string[] } {
  const equation = text(context.node, 'equation', '').replaceAll(' ', '');
  if (equation.includes('.')) context.unsupported(`the equation "${equation}" with an ellipsis is not supported yet.`);
  const [left = '', right] = equation.split('->');
  const operands = left.split(',').map((labels) => Array.from(labels));
  const all = operands.flat();
  if (operands.some((labels) => new Set(labels).size !== labels.length)) context.unsupported(`the equation "${equation}" takes a diagonal, which is not supported yet.`);
  const result = right === undefined ? [...new Set(all)].filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort() : Array.from(right);
  return { operands, result };
}

/** Einstein summation over any number of operands, from left to right. */
export const einsum: CompositeOperator = {
  expand: (context, build) => {
    const { operands, result } = parse(context);
    const sizes = new Map<string, number>();
    operands.forEach((labels, index) => {
      const { shape } = context.input(index);
      if (shape.length !== labels.length) context.mismatch(`input ${index} of shape [${shape.join(', ')}] does not fit the labels "${labels.join('')}".`);
      labels.forEach((label, axis) => {
        const size = dimension(shape, axis);
        if ((sizes.get(label) ?? size) !== size) context.mismatch(`the label "${label}" stands for both ${sizes.get(label) ?? 0} and ${size}.`);
        sizes.set(label, size);
      });
    });
    const neededAfter = (index: number): ReadonlySet<string> => new Set([...result, ...operands.slice(index + 1).flat()]);
    const all = operands.map((labels, index): Operand => ({ value: context.node.inputs[index] ?? '', labels }));
    const neededBy = (index: number): ReadonlySet<string> => new Set([...result, ...operands.filter((_, other) => other !== index).flat()]);
    const [first, ...rest] = all.map((operand, index) => reduced(build, operand, neededBy(index)));
    if (first === undefined) return context.mismatch('there are no inputs.');
    const total = rest.reduce((left, right, index) => product(build, left, right, neededAfter(index + 1), sizes), first);
    build.node('Transpose', [total.value], { perm: result.map((label) => total.labels.indexOf(label)) }, { outputs: context.node.outputs });
  },
};
