import type { SourceDataset } from '../data/source-dataset';
import type { Loss } from '../engine/engine';
import { UserError } from '../error';
import { inferShapes } from '../graph/bind';
import type { Graph } from '../graph/graph';

interface Place {
  readonly file: string;
  readonly field: string;
}

/** Throws `UserError` `shape-mismatch` unless a record fills the model's input in an order that cannot be mistaken. */
export function requireFit(graph: Graph, dataset: SourceDataset, { file, field }: Place): void {
  const input = graph.inputs[0];
  if (input === undefined || graph.inputs.length !== 1) {
    throw new UserError('inputs-unsupported', `the model has ${graph.inputs.length} inputs; exactly one is supported`, { file, field: 'model', remedy: 'Export the model with one input; several can be joined into one array before.' });
  }
  const wanted = input.shape.slice(1).map(Number);
  const given = dataset.featureShape;
  if (!sameOrder(wanted, given)) {
    throw new UserError('shape-mismatch', `a record has the shape [${given.join(', ')}], but the model reads [${wanted.join(', ')}]`, {
      file,
      field: `${field}.shape`,
      remedy: size(wanted) === size(given) ? `If the features are in the order that the model reads, say so with "shape": [${wanted.join(', ')}].` : 'Choose the data that the model was trained on.',
    });
  }
}

/** Throws `UserError` `label-out-of-range` or `label-kind` unless every label is one that the model can predict. */
export function requireLabels(graph: Graph, loss: Loss, dataset: SourceDataset, { file, field }: Place): void {
  const classes = loss === 'softmax-cross-entropy' ? outputsOf(graph) : 2;
  if (loss === 'mean-squared-error') {
    return;
  }
  if (dataset.labelKind !== 'class') {
    throw new UserError('label-kind', `${loss} needs labels that are classes`, { file, field: `${field}.labelKind`, remedy: `Set "labelKind" to "class", or "loss" to "mean-squared-error" if the labels are numbers to predict.` });
  }
  const record = dataset.labels.findIndex((label) => label < 0 || label >= classes);
  if (record >= 0) {
    throw new UserError('label-out-of-range', `record ${record} has the label ${String(dataset.labels[record])}, but the model knows the classes 0 to ${classes - 1}`, { file, field: 'label' in dataset ? field : `${field}.labels`, remedy: 'Correct the label in the data, or list the labels in the order of the model\'s outputs in "classes".' });
  }
}

function outputsOf(graph: Graph): number {
  return inferShapes(graph, { batch: 1 }).get(graph.outputs[0] ?? '')?.shape.at(-1) ?? 0;
}

/** Row-major order is the same if the shapes are equal but for ones, or if either is flat. */
function sameOrder(a: readonly number[], b: readonly number[]): boolean {
  const [x, y] = [a, b].map((shape) => shape.filter((dimension) => dimension !== 1));
  if (x === undefined || y === undefined || size(a) !== size(b)) {
    return false;
  }
  return x.length <= 1 || y.length <= 1 || x.join() === y.join();
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
