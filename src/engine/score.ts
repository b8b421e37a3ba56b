import type { Labels } from '../data/dataset';
import type { Evaluation, Loss } from './engine';
import { labelsPerRecord } from './targets';
import type { PredictionShape } from './targets';

/** Loss and hits of predictions (logits for the two cross-entropies), summed over records in float64. */
export function score(loss: Loss, shape: PredictionShape, predictions: Float32Array, labels: Labels): Evaluation {
  const count = predictions.length / shape.size;
  const perRecord = labelsPerRecord(loss, shape);
  const row = rowScore[loss];
  let lossSum = 0;
  let correct = 0;
  for (let record = 0; record < count; record++) {
    let hit = true;
    let sum = 0;
    for (let part = 0; part < perRecord; part++) {
      const width = shape.size / perRecord;
      const from = record * shape.size + part * width;
      const [value, right] = row(predictions, from, from + width, labels[record * perRecord + part] ?? 0);
      sum += value;
      hit &&= right;
    }
    lossSum += sum / perRecord;
    if (hit) correct++;
  }
  return { count, lossSum, correct: loss === 'mean-squared-error' ? undefined : correct };
}

type RowScore = (predictions: Float32Array, from: number, to: number, label: number) => readonly [number, boolean];

const rowScore: Readonly<Record<Loss, RowScore>> = {
  'softmax-cross-entropy': (predictions, from, to, label) => {
    let best = from;
    for (let at = from + 1; at < to; at++) if ((predictions[at] ?? 0) > (predictions[best] ?? 0)) best = at;
    const largest = predictions[best] ?? 0;
    let sum = 0;
    for (let at = from; at < to; at++) sum += Math.exp((predictions[at] ?? 0) - largest);
    return [Math.log(sum) + largest - (predictions[from + label] ?? NaN), best === from + label];
  },
  'binary-cross-entropy': (predictions, from, _, label) => {
    const logit = predictions[from] ?? 0;
    return [Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit))), logit > 0 === label > 0.5];
  },
  'mean-squared-error': (predictions, from, _, label) => [((predictions[from] ?? 0) - label) ** 2, true],
};
