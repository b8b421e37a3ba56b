import { integer, integers } from '../attributes';
import type { GraphBuilder } from '../builder';
import type { GradientContext, OperatorFamily, PrimitiveOperator, RuleContext, TensorType } from '../operator';
import { dimension, range, sameShape, sizeOf } from '../shapes';
import { extent, gridOf, reach, transposedAttributes, windowOf } from './windows';
import type { Window } from './windows';

export function poolingWindow(context: RuleContext): Window {
  return windowOf(context, integers(context.node, 'kernel_shape') ?? context.mismatch('kernel_shape is missing.'));
}

function pooledType(context: RuleContext): readonly TensorType[] {
  const { shape, dataType } = context.input(0);
  const type = { dataType, shape: [...shape.slice(0, 2), ...poolingWindow(context).output] };
  return [type, { shape: type.shape, dataType: 'int64' }];
}

/** How many elements the mean at each output position runs over, row-major over the output's spatial axes. */
export function averageCounts(context: RuleContext, window: Window): Float32Array {
  const padded = integer(context.node, 'count_include_pad', 0) === 1;
  return Float32Array.from(gridOf(window.output), (position) =>
    position.reduce((count, index, axis) => {
      const start = index * dimension(window.strides, axis) - (window.before[axis] ?? 0);
      const size = dimension(window.input, axis);
      const [low, high] = padded ? [-(window.before[axis] ?? 0), size + (window.after[axis] ?? 0)] : [0, size];
      const inside = range(dimension(window.kernel, axis)).filter((tap) => {
        const at = start + tap * dimension(window.dilations, axis);
        return at >= low && at < high;
      });
      return count * inside.length;
    }, 1),
  );
}

const exactTiling = (window: Window): boolean =>
  sameShape(window.kernel, window.strides) && window.before.every((pad) => pad === 0) && reach(window).every((end) => end === 0) && window.dilations.every((dilation) => dilation === 1);

/** Whether no element belongs to two windows. */
const apart = (window: Window): boolean => window.kernel.every((size, axis) => dimension(window.strides, axis) >= extent(size, dimension(window.dilations, axis)));

/** Every element becomes the block of its window. */
function enlarged(build: GraphBuilder, value: string, { kernel }: Window): string {
  const scales = build.constant(Float32Array.from([1, 1, ...kernel]), [2 + kernel.length]);
  return build.node('Resize', [value, '', scales], { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' });
}

/** Windows that tile the input without overlap spread their gradient evenly: an enlargement. All others: a transposed convolution with ones. */
function averageGradient(context: GradientContext): readonly (string | undefined)[] {
  const { build, gradient } = context;
  const window = poolingWindow(context);
  const counts = averageCounts(context, window);
  const first = counts[0] ?? 1;
  const share = counts.every((count) => count === first)
    ? build.node('Mul', [gradient, build.scalar(1 / first)])
    : build.node('Mul', [gradient, build.constant(counts.map((count) => 1 / count), window.output)]);
  if (exactTiling(window) && window.kernel.length === 2) return [enlarged(build, share, window)];
  const channels = dimension(context.input(0).shape, 1);
  const ones = build.constant(new Float32Array(channels * sizeOf(window.kernel)).fill(1), [channels, 1, ...window.kernel]);
  return [build.node('ConvTranspose', [share, ones], transposedAttributes(window, channels))];
}

/**
 * Of windows that tile the input without overlap, the elements that equal their window's largest share its gradient (equal ones evenly, a mean of the
 * subgradients): no positions are needed, and MaxPool is several times faster when it need not report them.
 */
function tiledMaximumGradient(context: GradientContext, window: Window): string {
  const { build, gradient, node } = context;
  const { kernel, strides } = window;
  const largest = build.node('Cast', [build.node('Equal', [context.name(0), enlarged(build, node.outputs[0] ?? '', window)])], { to: 1 });
  const count = build.node('Mul', [build.node('AveragePool', [largest], { kernel_shape: kernel, strides }), build.scalar(sizeOf(kernel))]);
  return build.node('Mul', [largest, enlarged(build, build.node('Div', [gradient, count]), window)]);
}

/** Puts each output's gradient at the position that MaxPool reports for it (indices count through the whole input); windows that overlap add up. */
function maximumGradient(context: GradientContext): readonly (string | undefined)[] {
  const { build, gradient } = context;
  const shape = context.input(0).shape;
  const window = poolingWindow(context);
  if (exactTiling(window) && window.kernel.length === 2) return [tiledMaximumGradient(context, window)];
  const indices = build.extraOutput(context.node.outputs[0] ?? '', 1);
  if (apart(window)) return [build.node('MaxUnpool', [gradient, indices, build.integers(shape)], { kernel_shape: window.kernel })];
  const flat = build.integers([-1]);
  const zeros = build.node('Expand', [build.scalar(0), build.integers([sizeOf(shape)])]);
  const scattered = build.node('ScatterElements', [zeros, build.node('Reshape', [indices, flat]), build.node('Reshape', [gradient, flat])], { axis: 0, reduction: 'add' });
  return [build.node('Reshape', [scattered, build.integers(shape)])];
}

/** A pooling over all spatial axes, as the reduction that it is. */
const global = (operator: 'ReduceMean' | 'ReduceMax'): OperatorFamily[string] => ({
  expand: (context, build) => {
    const axes = range(context.input(0).shape.length).slice(2);
    build.node(operator, [context.node.inputs[0] ?? ''], { axes, keepdims: 1 }, { outputs: context.node.outputs });
  },
});

const average: PrimitiveOperator = { types: (context) => pooledType(context).slice(0, 1), gradient: averageGradient };

/** Pooling over any number of spatial axes, channels first. */
export const pooling: OperatorFamily = {
  MaxPool: { types: pooledType, gradient: maximumGradient },
  AveragePool: average,
  GlobalAveragePool: global('ReduceMean'),
  GlobalMaxPool: global('ReduceMax'),
};
