import { basename } from 'node:path';
import type { Loss } from '../engine/engine';
import { UserError } from '../error';
import type { NamedTensor } from '../graph/graph';
import type { Model } from '../model/model';
import { openModel } from '../model/open-model';
import type { LoadedRequest } from '../request/load-request';
import { requireFit, requireLabels } from './data-fits-model';
import { lossOf } from './loss-of-model';
import { findNormalizations, type NormalizationStatistics } from './normalization-statistics';
import { openData, type RunData } from './open-data';
import { aroundPublicBase, type PublicCentre } from './public-centre';

/** Model, data and selection of a request, opened and checked against each other. */
export interface RunInputs extends RunData {
  readonly loaded: LoadedRequest;
  readonly model: Model;
  readonly loss: Loss;
  /** In the order of the flat parameter vector. */
  readonly trainable: readonly NamedTensor[];
  /** Parameters and running statistics that are bit-identical to the request's public base. */
  readonly frozen: readonly NamedTensor[];
  /** Where parameters are clipped to; the origin if undefined. */
  readonly centre: PublicCentre | undefined;
  /** Running statistics that are reset for the noisy steps and recomputed from the retain set afterwards. */
  readonly statistics: readonly NormalizationStatistics[];
}

/** Opens everything that a request names. Throws `UserError` for whatever does not exist, cannot be read, or does not fit. */
export async function openInputs(loaded: LoadedRequest): Promise<RunInputs> {
  try {
    return await open(loaded);
  } catch (error) {
    // Whatever names no file of its own is said in the request.
    if (error instanceof UserError && error.file === undefined) {
      throw new UserError(error.code, error.message, { file: basename(loaded.file), field: error.field, remedy: error.remedy, cause: error });
    }
    throw error;
  }
}

async function open(loaded: LoadedRequest): Promise<RunInputs> {
  const { request } = loaded;
  const model = await openModel(loaded.modelPath);
  const file = basename(loaded.file);
  const normalizations = findNormalizations(model.graph);
  const { trainable, frozen, statistics, centre } = await aroundPublicBase(model, parametersOf(model, normalizations, request.model), normalizations, loaded);
  const data = await openData(loaded, (dataset, field) => {
    requireFit(model.graph, dataset, { file, field });
    requireLabels(model.graph, lossOf(model.graph, dataset.labelKind, request.loss), dataset, { file, field });
  });
  if ('batchSize' in request.method && request.method.batchSize > data.retain.length) {
    throw new UserError('batch-too-large', `a batch of ${request.method.batchSize} does not fit into the ${data.retain.length} records that are kept`, { file, field: 'method.batchSize' });
  }
  return { loaded, model, loss: lossOf(model.graph, data.train.labelKind, request.loss), trainable, frozen, centre, statistics, ...data };
}

/** Assumption 1: whatever training data could have touched is noised (parameters), recomputed (statistics) or dropped (residues); anything else stops here. */
function parametersOf(model: Model, statistics: readonly NormalizationStatistics[], file: string): readonly NamedTensor[] {
  const tensors = [...model.graph.tensors.values()];
  const recomputed = new Set(statistics.flatMap(({ mean, variance }) => [mean, variance]));
  const buffer = tensors.find(({ name, role }) => role === 'buffer' && !recomputed.has(name));
  if (buffer !== undefined) {
    throw new UserError('buffer-uncovered', `the tensor ${buffer.name} was computed from training data, is not a trained parameter, and cannot be recomputed here; noise does not cover it, so no certificate can be given`, { file, remedy: 'Statistics of batch normalisations are recomputed from the retain set; other such state is not supported yet.' });
  }
  const parameters = tensors.filter(({ role }) => role === 'parameter');
  if (parameters.length === 0) {
    throw new UserError('nothing-to-train', 'the model has no trained parameters', { file });
  }
  return parameters;
}
