import type { Labels } from '../data/dataset';
import { UserError } from '../error';
import type { Loss } from './engine';

/** What a model predicts for one record: `size` values, the last axis of which has `classes` entries. */
export interface PredictionShape {
  readonly size: number;
  readonly classes: number;
}

/** Labels of one record: one class for each row of class scores, or one value for each output. */
export const labelsPerRecord = (loss: Loss, shape: PredictionShape): number => (loss === 'softmax-cross-entropy' ? shape.size / shape.classes : shape.size);

/**
 * Writes what the loss compares predictions with: one-hot rows (times the class's weight, 1 unless given) or the values themselves.
 * Throws `UserError` `label-out-of-range`.
 */
export function fillTargets(loss: Loss, shape: PredictionShape, labels: Labels, into: Float32Array, classWeights?: readonly number[]): void {
  const { classes } = shape;
  if (labels.length * (loss === 'softmax-cross-entropy' ? classes : 1) !== into.length) throw new UserError('shape-mismatch', `the model predicts ${shape.size} value(s) a record, which ${labels.length} labels do not fit.`, { remedy: 'Name labels of the form that the model was trained with, or another loss in "loss".' });
  if (loss !== 'softmax-cross-entropy') {
    into.set(labels);
    return;
  }
  into.fill(0);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? 0;
    if (!Number.isInteger(label) || label < 0 || label >= classes) throw new UserError('label-out-of-range', `label ${label} is not one of the model's ${classes} classes (0 to ${classes - 1}).`, { remedy: 'Correct the label in the data, or list the labels in the order of the model\'s outputs in "classes".' });
    into[row * classes + label] = classWeights?.[label] ?? 1;
  }
}
