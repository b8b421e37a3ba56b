import fc from 'fast-check';
import { describe, test } from 'vitest';
import { checkGradient, smooth } from './check-gradient';

const along = fc.record({ size: fc.integer({ min: 4, max: 7 }), kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 3 }), dilation: fc.integer({ min: 1, max: 2 }), before: fc.integer({ min: 0, max: 2 }), after: fc.integer({ min: 0, max: 2 }) });
const shapes = fc.record({
  axes: fc.array(along, { minLength: 1, maxLength: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
  channels: fc.integer({ min: 1, max: 2 }),
  filters: fc.integer({ min: 1, max: 2 }),
});

// A fixed seed: the same shapes on every machine, and each of them small enough for one finite difference a coordinate.
const runs = { numRuns: 25, seed: 20250701 };

describe('Conv', () => {
  test('any sizes, strides, dilations, paddings and groups, in one and two dimensions', () =>
    fc.assert(
      fc.asyncProperty(shapes, ({ axes, group, channels, filters }) =>
        checkGradient(
          (build, ...inputs) => build.node('Conv', inputs, { group, strides: axes.map((axis) => axis.stride), dilations: axes.map((axis) => axis.dilation), pads: [...axes.map((axis) => axis.before), ...axes.map((axis) => axis.after)] }),
          [smooth([2, group * channels, ...axes.map((axis) => axis.size)]), smooth([group * filters, channels, ...axes.map((axis) => axis.kernel)], 1), smooth([group * filters], 2)],
        ),
      ),
      runs,
    ));

  test('depthwise, and Keras same padding', () =>
    checkGradient((build, ...inputs) => build.node('Conv', inputs, { group: 3, auto_pad: 'SAME_UPPER', strides: [2, 2] }), [smooth([2, 3, 5, 4]), smooth([3, 1, 3, 3], 1)]));
});

describe('ConvTranspose', () => {
  test('any sizes, strides, dilations, paddings and groups, in one and two dimensions', () =>
    fc.assert(
      fc.asyncProperty(shapes, ({ axes, group, channels, filters }) => {
        // Padding crops the output; what is left of the full size must be positive.
        const crop = axes.map(({ size, kernel, stride, dilation, before, after }) => {
          const room = (Math.min(size, 4) - 1) * stride + (kernel - 1) * dilation;
          return [Math.min(before, Math.floor(room / 2)), Math.min(after, Math.floor(room / 2))] as const;
        });
        return checkGradient(
          (build, ...inputs) =>
            build.node('ConvTranspose', inputs, { group, strides: axes.map((axis) => axis.stride), dilations: axes.map((axis) => axis.dilation), pads: [...crop.map(([before]) => before), ...crop.map(([, after]) => after)], output_padding: axes.map((axis) => Math.max(0, Math.min(axis.stride - 1, axis.before))) }),
          [smooth([2, group * channels, ...axes.map((axis) => Math.min(axis.size, 4))]), smooth([group * channels, filters, ...axes.map((axis) => axis.kernel)], 1), smooth([group * filters], 2)],
        );
      }),
      runs,
    ));
});
