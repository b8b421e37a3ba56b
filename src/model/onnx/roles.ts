import type { Node, Role } from '../../graph/graph';
import type { OnnxFloats } from './onnx-file';

/** Inputs that hold what a layer has learned, by operator; a tensor there was trained, whatever its size. */
const learned: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
};

/** Inputs that hold statistics of the training data: the running mean and variance. */
const statistics: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/** Inputs that set how an operator works, and that no training touches. */
const settings: Readonly<Record<string, readonly number[]>> = { Clip: [1, 2], Pad: [2], Pow: [1], Resize: [1, 2], Upsample: [1], OneHot: [2] };

/**
 * The role of a stored tensor, from where it is used. ONNX does not say what was trained: whatever could have been counts as trained,
 * and only single numbers that an exporter writes for the formula itself (the ε of a square root, the 0.5 of a GELU) count as constants.
 */
export function roleOf(tensor: OnnxFloats, nodes: readonly Node[]): Role {
  const uses = nodes.flatMap((node) => node.inputs.flatMap((input, at) => (input === tensor.name ? [{ operator: node.operator, at }] : [])));
  const usedIn = (table: Readonly<Record<string, readonly number[]>>) => ({ operator, at }: { operator: string; at: number }): boolean => Object.hasOwn(table, operator) && (table[operator]?.includes(at) ?? false);
  if (uses.some(usedIn(statistics))) return 'buffer';
  if (uses.some(usedIn(learned))) return 'parameter';
  if (uses.length > 0 && uses.every(usedIn(settings))) return 'constant';
  const single = tensor.values.length === 1 && (tensor.shape.length === 0 || tensor.origin === 'Constant node');
  return single ? 'constant' : 'parameter';
}
