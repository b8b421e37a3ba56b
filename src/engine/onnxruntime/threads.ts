import { integer } from '../../graph/attributes';
import { reachable } from '../../graph/attach-loss';
import type { LossGraph } from '../../graph/attach-loss';
import { bind } from '../../graph/bind';
import type { BoundGraph } from '../../graph/bind';
import type { Node } from '../../graph/graph';
import { dimension, sizeOf } from '../../graph/shapes';

/** Multiplications of a forward pass, in all, from which one more thread is worth waking and waiting for at every operator (docs/engines.md, "Speed"). */
const worthAThread = 1e7;

/** How many of `threads` to use inside operators for a batch that is taken as a whole, at least one. */
export function threadsInside(loss: LossGraph, batch: number, threads: number): number {
  const forward = bind({ ...loss.graph, nodes: reachable(loss.graph.nodes, loss.prediction), outputs: [loss.prediction] }, { batch });
  const work = forward.nodes.reduce((sum, node) => sum + multiplications(forward, node), 0);
  return Math.max(1, Math.min(threads, Math.floor(work / worthAThread)));
}

/** Multiplications of a matrix product or a convolution, which take the time; none of others. */
function multiplications({ types }: BoundGraph, node: Node): number {
  const [left, right] = node.inputs.map((name) => types.get(name)?.shape ?? []);
  const output = types.get(node.outputs[0] ?? '')?.shape;
  if (left === undefined || right === undefined || output === undefined) return 0;
  switch (node.operator) {
    case 'MatMul':
      return sizeOf(output) * dimension(left, left.length - 1);
    case 'Gemm':
      return sizeOf(output) * dimension(left, 1 - integer(node, 'transA', 0));
    case 'Conv':
      return sizeOf(output) * sizeOf(right.slice(1));
    case 'ConvTranspose':
      return sizeOf(left) * sizeOf(right.slice(1));
    default:
      return 0;
  }
}
