import { basename } from 'node:path';
import type { Dataset } from '../data/dataset';
import { augmented } from '../engine/augment';
import { UserError } from '../error';
import { inferShapes } from '../graph/bind';
import type { Mechanism } from '../privacy/mechanism';
import type { RunInputs } from './open-inputs';

/**
 * Class weights of a request, checked. A convex head's contraction holds for the plain loss alone: weights would break what was certified.
 * Throws `UserError` `class-weights`.
 */
export function classWeightsOf({ loaded: { request, file }, loss, model }: Pick<RunInputs, 'loaded' | 'loss' | 'model'>, { method }: Mechanism): { readonly classWeights?: readonly number[] } {
  const weights = request.classWeights;
  if (weights === undefined) return {};
  const refuse = (message: string, remedy: string): UserError => new UserError('class-weights', message, { file: basename(file), field: 'classWeights', remedy });
  if (method === 'convex-head') throw refuse('a convex head is certified for the plain loss, without weights', 'Remove "classWeights", or choose another method.');
  if (loss !== 'softmax-cross-entropy') throw refuse(`${loss} has no classes to weigh`, 'Remove "classWeights", or set "loss" to "softmax-cross-entropy" if the model has an output for each class.');
  const classes = inferShapes(model.graph, { batch: 1 }).get(model.graph.outputs[0] ?? '')?.shape.at(-1) ?? 0;
  if (weights.length !== classes) throw refuse(`there are ${weights.length} weights for ${classes} classes`, `Give ${classes} weights, one for each output of the model.`);
  return { classWeights: weights };
}

/** The retained images with the request's random changes. They read nothing but the records asked for, so they cost no privacy. Throws `UserError` `not-images`. */
export function withAugmentation(dataset: Dataset, { loaded: { request, file } }: Pick<RunInputs, 'loaded'>, seed: number): Dataset {
  const { augmentation } = request;
  if (augmentation === undefined) return dataset;
  if (dataset.featureShape.length < 2 || dataset.featureShape.length > 3) {
    throw new UserError('not-images', `records of the shape [${dataset.featureShape.join(', ')}] are not images`, { file: basename(file), field: 'augmentation', remedy: 'Declare the shape of an image in data.train.shape, such as [28, 28, 1].' });
  }
  const { layout, flip, shift, fill } = augmentation;
  return augmented(dataset, { ...(flip === undefined ? {} : { flip }), ...(shift === undefined ? {} : { shift }), ...(fill === undefined ? {} : { fill }) }, layout, seed);
}

/** Records that decide when the recovery stops: kept ones that are set aside, so that neither training nor forgotten records have a say. Throws `UserError` `early-stop`. */
export function earlyStopOf({ loaded: { request, file }, evaluation, train }: Pick<RunInputs, 'loaded' | 'evaluation' | 'train'>): { readonly earlyStop?: { readonly records: Uint32Array; readonly patience: number } } {
  const { earlyStop } = request.recovery;
  if (earlyStop === undefined) return {};
  if (evaluation?.dataset !== train) {
    throw new UserError('early-stop', 'stopping early needs evaluation data that are a share of the kept records', { file: basename(file), field: 'recovery.earlyStop', remedy: 'Say "evaluation": { "share": 0.1 } in data.' });
  }
  return { earlyStop: { records: evaluation.records, patience: earlyStop.patience } };
}
