import { UserError } from '../../error';
import type { ConvexHead, ConvexHeadStep } from '../../privacy/mechanism';
import { layoutOf } from '../flat-vector';
import { linearHead, type LinearHead } from '../linear-head';
import { eachStep, StepRecord, type Perform, type Workplace } from './method';
import { addNoise, clipped } from './noise-and-clip';

/**
 * Plain mini-batch descent on one linear layer in float64, then one draw of noise (S. Neel, A. Roth, S. Sharifi-Malvajerdi, ALT 2021). The contraction
 * pulls two starts together far below what float32 could tell apart, so the steps are made here and not by an engine. The data set's features are the inputs of the layer.
 */
export const convexHead: Perform<ConvexHead> = async (mechanism, workplace) => {
  const { session, program, centre, noise, nextBatch, breathe, onStep } = workplace;
  const head = linearHead(program.graph, program.trainable, program.loss);
  if (head === undefined) throw new UserError('not-one-linear-layer', 'the trained tensors are not exactly one linear layer before the loss, so nothing proves that training forgets its start', { field: 'method.name', remedy: 'Choose another method, such as layered-gradient-clipping.' });
  const record = new StepRecord<ConvexHeadStep>();
  const places = placesOf(head, workplace);
  const x = new Float64Array(clipped(await session.parameters({ borrowed: true }), centre, mechanism.initialRadius));
  const gradient = new Float64Array(x.length);
  for (const step of eachStep(mechanism.steps)) {
    await breathe();
    const batch = await nextBatch();
    requireBound(batch.features, head, step.inputRadius);
    const loss = meanGradient(x, batch, head, places, mechanism.loss, gradient);
    for (let index = 0; index < x.length; index++) {
      const value = x[index] ?? 0;
      x[index] = value - step.learningRate * ((gradient[index] ?? 0) + step.decay * (value - (centre?.[index] ?? 0)));
    }
    record.add(step);
    onStep(loss);
  }
  addNoise(x, noise, mechanism.sigma);
  await session.setParameters(new Float32Array(x));
  return { ...mechanism, steps: record.steps };
};

/** Where the numbers of the layer lie in the flat vector. */
interface Places {
  readonly weight: number;
  readonly bias: number | undefined;
}

function placesOf({ weight, bias }: LinearHead, { program }: Workplace): Places {
  const at = (name: string): number => layoutOf(program).segments.find((segment) => segment.name === name)?.offset ?? NaN;
  return { weight: at(weight), bias: bias === undefined ? undefined : at(bias) };
}

/** ‖a‖₂ of every record, with 1 for the bias, is at most the certified radius: checked in the run itself. */
function requireBound(features: Float32Array, { features: width, bias }: LinearHead, radius: number): void {
  for (let start = 0; start < features.length; start += width) {
    const length = inputNorm(features.subarray(start, start + width), bias !== undefined);
    if (!(length <= radius)) throw new UserError('input-too-large', `a record's input to the layer has the norm ${length}, above ${radius}`, { field: 'data.train', remedy: 'Plan again: the data or the model have changed since the plan was made.' });
  }
}

/** ‖(a, 1)‖₂, or ‖a‖₂ where there is no bias. */
export function inputNorm(features: Float32Array, withBias: boolean): number {
  let sum = withBias ? 1 : 0;
  for (const value of features) sum += value * value;
  return Math.sqrt(sum);
}

/** Mean gradient of the loss over a batch, everything in float64; returns the mean loss. */
function meanGradient(x: Float64Array, batch: { readonly size: number; readonly features: Float32Array; readonly labels: ArrayLike<number> }, head: LinearHead, places: Places, loss: ConvexHead['loss'], gradient: Float64Array): number {
  const { features: width, outputs, transposed } = head;
  const [featureStride, outputStride] = transposed ? [1, width] : [outputs, 1];
  const scores = new Float64Array(outputs);
  let total = 0;
  gradient.fill(0);
  for (let record = 0; record < batch.size; record++) {
    const a = batch.features.subarray(record * width, (record + 1) * width);
    for (let output = 0; output < outputs; output++) scores[output] = places.bias === undefined ? 0 : (x[places.bias + output] ?? 0);
    for (let feature = 0; feature < width; feature++) {
      const value = a[feature] ?? 0;
      if (value === 0) continue;
      for (let output = 0, at = places.weight + feature * featureStride; output < outputs; output++, at += outputStride) scores[output] = (scores[output] ?? 0) + value * (x[at] ?? 0);
    }
    total += slopes[loss](scores, batch.labels, record);
    for (let feature = 0; feature < width; feature++) {
      const value = (a[feature] ?? 0) / batch.size;
      if (value === 0) continue;
      for (let output = 0, at = places.weight + feature * featureStride; output < outputs; output++, at += outputStride) gradient[at] = (gradient[at] ?? 0) + value * (scores[output] ?? 0);
    }
    if (places.bias === undefined) continue;
    for (let output = 0; output < outputs; output++) gradient[places.bias + output] = (gradient[places.bias + output] ?? 0) + (scores[output] ?? 0) / batch.size;
  }
  return total / batch.size;
}

/** Turns the scores of a record into the derivative of its loss in them, in place, and returns the loss. */
const slopes: Readonly<Record<ConvexHead['loss'], (scores: Float64Array, labels: ArrayLike<number>, record: number) => number>> = {
  'softmax-cross-entropy': (scores, labels, record) => {
    const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
    const sum = scores.reduce((all, score) => all + Math.exp(score - largest), 0);
    const label = labels[record] ?? 0;
    const loss = Math.log(sum) + largest - (scores[label] ?? NaN);
    for (let output = 0; output < scores.length; output++) scores[output] = Math.exp((scores[output] ?? 0) - largest) / sum - (output === label ? 1 : 0);
    return loss;
  },
  'binary-cross-entropy': (scores, labels, record) => overOutputs(scores, labels, record, (score, label) => ({
    loss: Math.max(score, 0) - score * label + Math.log1p(Math.exp(-Math.abs(score))),
    slope: 1 / (1 + Math.exp(-score)) - label,
  })),
  squared: (scores, labels, record) => overOutputs(scores, labels, record, (score, label) => ({ loss: (score - label) ** 2 / 2, slope: score - label })),
};

/** The mean over the outputs of a loss of each. */
function overOutputs(scores: Float64Array, labels: ArrayLike<number>, record: number, each: (score: number, label: number) => { readonly loss: number; readonly slope: number }): number {
  let total = 0;
  for (let output = 0; output < scores.length; output++) {
    const { loss, slope } = each(scores[output] ?? 0, labels[record * scores.length + output] ?? 0);
    scores[output] = slope / scores.length;
    total += loss / scores.length;
  }
  return total;
}
