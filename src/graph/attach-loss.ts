import { UserError } from '../error';
import { integer } from './attributes';
import { inferShapes } from './bind';
import { GraphBuilder } from './builder';
import type { Graph, Node } from './graph';
import type { TensorType } from './operator';
import { dimension, positiveAxis, sameShape, sizeOf } from './shapes';

/** The losses of `src/engine`; the mean over the batch (and over outputs, for all but softmax cross-entropy). */
export type LossKind = 'softmax-cross-entropy' | 'binary-cross-entropy' | 'mean-squared-error';

export interface LossGraph {
  /** The model's nodes that the loss needs, then the loss; its outputs are `loss` and `prediction`. */
  readonly graph: Graph;
  /** Zero-dimensional. */
  readonly loss: string;
  /** The model's output; its logits where the loss absorbed a final Softmax or Sigmoid. */
  readonly prediction: string;
  /** Input of the prediction's shape: one-hot rows (scaled by a weight if wanted) for softmax cross-entropy, targets otherwise. */
  readonly target: string;
  /** Values predicted for each record. */
  readonly outputSize: number;
  /** Entries along the last axis of the prediction. */
  readonly classes: number;
}

/**
 * Attaches a loss to the graph's one output. Where the model ends in the activation that belongs to the loss, the loss works from the
 * logits before it: log(softmax(z)) in float32 loses what LogSoftmax keeps.
 * Throws `UserError` `loss-mismatch` where the model's last activation or output shape contradicts the loss.
 */
export function attachLoss(graph: Graph, loss: LossKind): LossGraph {
  const output = graph.outputs[0];
  if (output === undefined || graph.outputs.length !== 1) throw new UserError('loss-mismatch', `the model has ${graph.outputs.length} outputs; training needs exactly one.`, { remedy: 'Export the model with the one output that it was trained on.' });
  const types = inferShapes(graph, { batch: 2 });
  const prediction = beforeActivation(graph, types, output, loss);
  const shape = (types.get(prediction)?.shape ?? []).slice(1);
  if (loss === 'softmax-cross-entropy' && (shape.length === 0 || dimension(shape, shape.length - 1) < 2)) {
    throw new UserError('loss-mismatch', 'softmax cross-entropy needs at least two outputs, one for each class.', { remedy: 'For a single output use binary-cross-entropy.' });
  }
  const build = new GraphBuilder({ ...graph, nodes: reachable(graph.nodes, prediction) });
  const target = build.input('target', ['batch', ...shape]);
  const value = build.node('Identity', [lossNodes[loss](build, prediction, target)], {}, { outputs: [build.fresh('loss')] });
  build.output(value);
  build.output(prediction);
  return { graph: build.build(), loss: value, prediction, target, outputSize: sizeOf(shape), classes: dimension(shape, shape.length - 1) };
}

const mean = (build: GraphBuilder, value: string): string => build.node('ReduceMean', [value], { keepdims: 0 });

const lossNodes: Readonly<Record<LossKind, (build: GraphBuilder, prediction: string, target: string) => string>> = {
  'softmax-cross-entropy': (build, prediction, target) => {
    const likelihood = build.node('Mul', [build.node('LogSoftmax', [prediction], { axis: -1 }), target]);
    return build.node('Neg', [mean(build, build.node('ReduceSum', [likelihood, build.integers([-1])], { keepdims: 0 }))]);
  },
  /** −t·log σ(z) − (1 − t)·log(1 − σ(z)) = softplus(z) − t·z. */
  'binary-cross-entropy': (build, prediction, target) => mean(build, build.node('Sub', [build.node('Softplus', [prediction]), build.node('Mul', [prediction, target])])),
  'mean-squared-error': (build, prediction, target) => {
    const difference = build.node('Sub', [prediction, target]);
    return mean(build, build.node('Mul', [difference, difference]));
  },
};

const absorbed: Readonly<Record<LossKind, readonly string[]>> = {
  'softmax-cross-entropy': ['Softmax', 'LogSoftmax'],
  'binary-cross-entropy': ['Sigmoid'],
  'mean-squared-error': [],
};

/** The value to predict from: behind nodes that change nothing, before the activation that the loss absorbs. */
function beforeActivation(graph: Graph, types: ReadonlyMap<string, TensorType>, output: string, loss: LossKind): string {
  const writer = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let last = writer.get(output);
  while (last !== undefined && changesNothing(last, types)) last = writer.get(last.inputs[0] ?? '');
  if (last === undefined) return output;
  if (absorbed[loss].includes(last.operator) && alongLastAxis(last, types)) return last.inputs[0] ?? output;
  const activations = Object.entries(absorbed).filter(([, operators]) => operators.includes(last.operator));
  if (loss !== 'mean-squared-error' && activations.length > 0) {
    throw new UserError('loss-mismatch', `the model ends in ${last.operator} ("${last.name}"), which does not go with ${loss}.`, { remedy: `Set "loss" to one of: ${activations.map(([name]) => name).join(', ')}.` });
  }
  return output;
}

function changesNothing(node: Node, types: ReadonlyMap<string, TensorType>): boolean {
  if (node.operator === 'Identity' || node.operator === 'Dropout') return true;
  if (!['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].includes(node.operator)) return false;
  return sameShape(types.get(node.inputs[0] ?? '')?.shape ?? [], types.get(node.outputs[0] ?? '')?.shape ?? []);
}

function alongLastAxis(node: Node, types: ReadonlyMap<string, TensorType>): boolean {
  const rank = types.get(node.inputs[0] ?? '')?.shape.length ?? 0;
  return node.operator === 'Sigmoid' || positiveAxis(integer(node, 'axis', -1), rank) === rank - 1;
}

/** The nodes that `value` is computed from, in their order. */
export function reachable(nodes: readonly Node[], value: string): readonly Node[] {
  const needed = new Set([value]);
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) needed.add(name);
  }
  return kept.reverse();
}
