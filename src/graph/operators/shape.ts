import { integer, integers, text } from '../attributes';
import type { GradientContext, OperatorFamily, PrimitiveOperator, RuleContext } from '../operator';
import { broadcast, dimension, inversePermutation, positiveAxis, range, sizeOf } from '../shapes';
import { reshapeTo, sumTo } from './broadcasting';

/** The same elements under another shape: the gradient only takes the old shape again. */
function relabelling(shape: (context: RuleContext) => readonly number[]): PrimitiveOperator {
  return {
    types: (context) => {
      const target = shape(context);
      const source = context.input(0);
      if (sizeOf(target) !== sizeOf(source.shape)) context.mismatch(`[${source.shape.join(', ')}] cannot become [${target.join(', ')}].`);
      return [{ shape: target, dataType: source.dataType }];
    },
    gradient: (context) => [reshapeTo(context.build, context.gradient, context.output(0).shape, context.input(0).shape)],
    fold: (context) => context.foldable(0),
  };
}

function reshaped(context: RuleContext): readonly number[] {
  const source = context.input(0).shape;
  const zeroIsSize = integer(context.node, 'allowzero', 0) === 1;
  const wanted = context.integers(1).map((size, axis) => (size === 0 && !zeroIsSize ? dimension(source, axis) : size));
  const known = sizeOf(wanted.filter((size) => size !== -1));
  if (sizeOf(source) % known !== 0) context.mismatch(`[${source.join(', ')}] cannot become [${wanted.join(', ')}].`);
  return wanted.map((size) => (size === -1 ? sizeOf(source) / known : size));
}

const axesInput = (context: RuleContext): readonly number[] | undefined => integers(context.node, 'axes') ?? (context.has(1) ? context.integers(1) : undefined);

function squeezed(context: RuleContext): readonly number[] {
  const { shape } = context.input(0);
  const axes = axesInput(context)?.map((axis) => positiveAxis(axis, shape.length));
  return shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis)));
}

function unsqueezed(context: RuleContext): readonly number[] {
  const { shape } = context.input(0);
  const given = axesInput(context) ?? context.mismatch('axes are missing.');
  const rank = shape.length + given.length;
  const axes = given.map((axis) => positiveAxis(axis, rank));
  let next = 0;
  return range(rank).map((axis) => (axes.includes(axis) ? 1 : dimension(shape, next++)));
}

const permutationOf = (context: RuleContext): readonly number[] => integers(context.node, 'perm') ?? [...range(context.input(0).shape.length)].reverse();

const transpose: PrimitiveOperator = {
  types: (context) => {
    const { shape, dataType } = context.input(0);
    const permutation = permutationOf(context);
    if ([...permutation].sort((a, b) => a - b).join() !== range(shape.length).join()) context.mismatch(`perm [${permutation.join(', ')}] is not a permutation of the axes of [${shape.join(', ')}].`);
    return [{ dataType, shape: permutation.map((axis) => dimension(shape, axis)) }];
  },
  gradient: (context) => [context.build.node('Transpose', [context.gradient], { perm: inversePermutation(permutationOf(context)) })],
};

const axisOf = (context: RuleContext, otherwise = 0): number => positiveAxis(integer(context.node, 'axis', otherwise), context.input(0).shape.length);

const concat: PrimitiveOperator = {
  types: (context) => {
    const first = context.input(0);
    const axis = axisOf(context);
    const shapes = context.node.inputs.map((_, index) => context.input(index).shape);
    if (shapes.some((shape) => shape.length !== first.shape.length || shape.some((size, at) => at !== axis && size !== first.shape[at]))) context.mismatch(`inputs ${shapes.map((shape) => `[${shape.join(', ')}]`).join(', ')} differ outside axis ${axis}.`);
    return [{ dataType: first.dataType, shape: first.shape.map((size, at) => (at === axis ? shapes.reduce((sum, shape) => sum + dimension(shape, axis), 0) : size)) }];
  },
  gradient: (context) => {
    const axis = axisOf(context);
    const sizes = context.node.inputs.map((_, index) => dimension(context.input(index).shape, axis));
    return context.build.split('Split', [context.gradient, context.build.integers(sizes)], sizes.length, { axis });
  },
  fold: (context) => {
    const parts = context.node.inputs.map((_, index) => context.foldable(index));
    return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? []);
  },
};

/** Sizes of the parts along the split axis. */
export function splitSizes(context: RuleContext): readonly number[] {
  const size = dimension(context.input(0).shape, axisOf(context));
  if (context.has(1)) return context.integers(1);
  const count = integer(context.node, 'num_outputs', context.node.outputs.length);
  const chunk = Math.ceil(size / count);
  return range(count).map((index) => Math.min(chunk, size - index * chunk));
}

const split: PrimitiveOperator = {
  types: (context) => {
    const { shape, dataType } = context.input(0);
    const sizes = splitSizes(context);
    if (sizes.reduce((sum, size) => sum + size, 0) !== dimension(shape, axisOf(context))) context.mismatch(`parts ${sizes.join(' + ')} do not make up axis ${axisOf(context)} of [${shape.join(', ')}].`);
    return sizes.map((size) => ({ dataType, shape: shape.map((whole, axis) => (axis === axisOf(context) ? size : whole)) }));
  },
  gradient: (context) => {
    const { build } = context;
    const parts = context.node.outputs.map((_, index) => context.gradients[index] ?? build.node('Expand', [build.scalar(0), build.integers(context.output(index).shape)]));
    return [build.node('Concat', parts, { axis: axisOf(context) })];
  },
};

/** Start, end (exclusive) and step along every axis of the input, resolved as ONNX does. */
export function sliceRanges(context: RuleContext): readonly { readonly start: number; readonly step: number; readonly count: number }[] {
  const { shape } = context.input(0);
  const [starts, ends] = [context.integers(1), context.integers(2)];
  const axes = (context.has(3) ? context.integers(3) : range(starts.length)).map((axis) => positiveAxis(axis, shape.length));
  const steps = context.has(4) ? context.integers(4) : starts.map(() => 1);
  return shape.map((size, axis) => {
    const at = axes.indexOf(axis);
    if (at === -1) return { start: 0, step: 1, count: size };
    const step = steps[at] ?? 1;
    const resolve = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, step < 0 ? -1 : 0), step < 0 ? size - 1 : size);
    const start = resolve(starts[at] ?? 0);
    return { start, step, count: Math.max(0, Math.ceil((resolve(ends[at] ?? size) - start) / step)) };
  });
}

const slice: PrimitiveOperator = {
  types: (context) => [{ dataType: context.input(0).dataType, shape: sliceRanges(context).map((along) => along.count) }],
  gradient: (context) => {
    const { build } = context;
    const shape = context.input(0).shape;
    const ranges = sliceRanges(context);
    if (ranges.every((along) => along.step === 1)) {
      const before = ranges.map((along) => along.start);
      return [build.node('Pad', [context.gradient, build.integers([...before, ...ranges.map((along, axis) => dimension(shape, axis) - along.start - along.count)])])];
    }
    // A strided slice is a gather: every element goes back to where it came from.
    return [scatterAxes(context, ranges.map((along) => (along.step === 1 && along.count === 0 ? [] : range(along.count).map((index) => along.start + index * along.step))))];
  },
  fold: (context) => {
    const values = context.foldable(0);
    const along = sliceRanges(context)[0];
    return values === undefined || along === undefined ? undefined : range(along.count).map((index) => values[along.start + index * along.step] ?? 0);
  },
};

/** Puts the gradient of a selection, given by the selected positions along each axis, back into zeros of the input's shape. */
function scatterAxes(context: GradientContext, positions: readonly (readonly number[])[]): string {
  const { build } = context;
  const target = context.input(0).shape;
  let gradient = context.gradient;
  let shape = context.output(0).shape;
  positions.forEach((selected, axis) => {
    if (selected.length === target[axis] && selected.every((position, index) => position === index)) return;
    const order = [axis, ...range(shape.length).filter((other) => other !== axis)];
    const rest = order.slice(1).map((other) => dimension(shape, other));
    const zeros = build.node('Expand', [build.scalar(0), build.integers([dimension(target, axis), ...rest])]);
    const indices = build.constant(BigInt64Array.from(selected, BigInt), [selected.length, 1], 'int64');
    const front = build.node('ScatterND', [zeros, indices, build.node('Transpose', [gradient], { perm: order })]);
    gradient = build.node('Transpose', [front], { perm: inversePermutation(order) });
    shape = shape.map((size, other) => (other === axis ? dimension(target, axis) : size));
  });
  return gradient;
}

const pad: PrimitiveOperator = {
  types: (context) => {
    const { shape, dataType } = context.input(0);
    if (text(context.node, 'mode', 'constant') !== 'constant') context.unsupported(`mode "${text(context.node, 'mode', '')}" is not supported yet.`);
    const pads = padsOf(context);
    return [{ dataType, shape: shape.map((size, axis) => size + (pads[axis] ?? 0) + (pads[axis + shape.length] ?? 0)) }];
  },
  gradient: (context) => [context.build.node('Pad', [context.gradient, context.build.integers(padsOf(context).map((size) => -size))])],
};

/** Padding before every axis, then after every axis. */
export function padsOf(context: RuleContext): readonly number[] {
  const rank = context.input(0).shape.length;
  const pads = context.integers(1);
  if (!context.has(3)) return pads;
  const axes = context.integers(3).map((axis) => positiveAxis(axis, rank));
  return range(2 * rank).map((at) => {
    const index = axes.indexOf(at % rank);
    return index === -1 ? 0 : (pads[index + (at < rank ? 0 : axes.length)] ?? 0);
  });
}

const expand: PrimitiveOperator = {
  types: (context) => {
    const { shape, dataType } = context.input(0);
    return [{ dataType, shape: broadcast(shape, context.integers(1)) ?? context.mismatch(`[${shape.join(', ')}] does not broadcast to [${context.integers(1).join(', ')}].`) }];
  },
  gradient: (context) => [sumTo(context.build, context.gradient, context.output(0).shape, context.input(0).shape)],
};

const tile: PrimitiveOperator = {
  types: (context) => [{ dataType: context.input(0).dataType, shape: context.input(0).shape.map((size, axis) => size * (context.integers(1)[axis] ?? 1)) }],
  gradient: (context) => {
    const { shape } = context.input(0);
    const copies = context.build.node('Reshape', [context.gradient, context.build.integers(shape.flatMap((size, axis) => [context.integers(1)[axis] ?? 1, size]))]);
    return [context.build.node('ReduceSum', [copies, context.build.integers(shape.map((_, axis) => 2 * axis))], { keepdims: 0 })];
  },
};

const identity: PrimitiveOperator = { types: (context) => [context.input(0)], gradient: (context) => [context.gradient], fold: (context) => context.foldable(0) };

/** Operators that move elements without changing them. */
export const shaping: OperatorFamily = {
  Reshape: relabelling(reshaped),
  Flatten: relabelling((context) => {
    const { shape } = context.input(0);
    const axis = positiveAxis(integer(context.node, 'axis', 1), shape.length);
    return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
  }),
  Squeeze: relabelling(squeezed),
  Unsqueeze: relabelling(unsqueezed),
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Tile: tile,
  Identity: identity,
  /** Training mode is off: the identity. */
  Dropout: { expand: ({ node }, build) => void build.node('Identity', [node.inputs[0] ?? ''], {}, { outputs: node.outputs.slice(0, 1) }) },
  Shape: {
    types: (context) => [{ shape: [context.input(0).shape.length], dataType: 'int64' }],
    fold: (context) => context.input(0).shape.slice(integer(context.node, 'start', 0), integer(context.node, 'end', context.input(0).shape.length)),
  },
};
