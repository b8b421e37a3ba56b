import { integer, text } from '../attributes';
import type { CompositeOperator, OperatorFamily } from '../operator';
import { dimension, sizeOf } from '../shapes';

/** Nearest-neighbour enlargement by whole factors: every element becomes a block. */
const resize: CompositeOperator = {
  expand: (context, build) => {
    const { node } = context;
    const { shape } = context.input(0);
    if (text(node, 'mode', 'nearest') !== 'nearest') context.unsupported(`mode "${text(node, 'mode', '')}" is not supported yet.`);
    const target = context.has(3) ? context.integers(3) : shape.map((size, axis) => size * dimension(context.numbers(2), axis));
    const factors = target.map((size, axis) => size / dimension(shape, axis));
    if (factors.some((factor) => !Number.isInteger(factor))) context.unsupported(`a change from [${shape.join(', ')}] to [${target.join(', ')}] is not a whole factor.`);
    // One axis at a time, as [outer, size, 1, inner]: no engine likes eight axes at once.
    const enlarged = factors.reduce((value, factor, axis) => {
      if (factor === 1) return value;
      const [outer, inner] = [sizeOf(target.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
      const spread = build.node('Reshape', [value, build.integers([outer, dimension(shape, axis), 1, inner])]);
      return build.node('Expand', [spread, build.integers([outer, dimension(shape, axis), factor, inner])]);
    }, node.inputs[0] ?? '');
    build.node('Reshape', [enlarged, build.integers(target)], {}, { outputs: node.outputs });
  },
};

/** Channels [N, C·b², H, W] to space [N, C, H·b, W·b]. */
const depthToSpace: CompositeOperator = {
  expand: (context, build) => {
    const { node } = context;
    const [n = 1, c = 1, h = 1, w = 1] = context.input(0).shape;
    const block = integer(node, 'blocksize', 1);
    const channels = c / block ** 2;
    const columnFirst = text(node, 'mode', 'DCR') === 'CRD';
    const split = build.node('Reshape', [node.inputs[0] ?? '', build.integers(columnFirst ? [n, channels, block, block, h, w] : [n, block, block, channels, h, w])]);
    const turned = build.node('Transpose', [split], { perm: columnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2] });
    build.node('Reshape', [turned, build.integers([n, channels, h * block, w * block])], {}, { outputs: node.outputs });
  },
};

/** The inverse of `depthToSpace` in its default order. */
const spaceToDepth: CompositeOperator = {
  expand: (context, build) => {
    const { node } = context;
    const [n = 1, c = 1, h = 1, w = 1] = context.input(0).shape;
    const block = integer(node, 'blocksize', 1);
    const split = build.node('Reshape', [node.inputs[0] ?? '', build.integers([n, c, h / block, block, w / block, block])]);
    const turned = build.node('Transpose', [split], { perm: [0, 3, 5, 1, 2, 4] });
    build.node('Reshape', [turned, build.integers([n, c * block ** 2, h / block, w / block])], {}, { outputs: node.outputs });
  },
};

/** Changes of resolution. */
export const resamplings: OperatorFamily = { Resize: resize, DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth };
