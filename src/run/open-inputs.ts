import { basename } from 'node:path';
import type { Loss } from '../engine/engine';
import { UserError } from '../error';
import type { Graph, NamedTensor } from '../graph/graph';
import type { Model } from '../model/model';
import { openModel } from '../model/open-model';
import type { LoadedRequest } from '../request/load-request';
import { settleBuffers, type DataBuffers } from './data-buffers';
import { requireFit, requireLabels } from './data-fits-model';
import { lossOf } from './loss-of-model';
import { withFreshStates } from './fresh-states';
import { findNormalizations, type NormalizationStatistics } from './normalization-statistics';
import { openData, type RunData } from './open-data';
import { aroundPublicBase, type PublicCentre } from './public-centre';

/** Model, data and selection of a request, opened and checked against each other. */
export interface RunInputs extends RunData {
  readonly loaded: LoadedRequest;
  /** With statistics of the records taken from the retain set instead of those of the file. */
  readonly model: Model;
  /** As the file has it: for what is said about the original alone. */
  readonly originalGraph: Graph;
  readonly buffers: DataBuffers;
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
  const opened = await openModel(loaded.modelPath);
  const file = basename(loaded.file);
  const { graph: originalGraph } = opened;
  const normalizations = findNormalizations(originalGraph);
  const { trainable, frozen, statistics, centre } = await aroundPublicBase(opened, parametersOf(opened, request.model), normalizations, loaded);
  const moving = new Set([...trainable.map(({ name }) => name), ...statistics.flatMap(({ mean, variance }) => [mean, variance])]);
  const buffers = await settleBuffers(opened, normalizations, moving, loaded);
  const data = await openData(loaded, (dataset, field) => {
    requireFit(originalGraph, dataset, { file, field });
    requireLabels(originalGraph, lossOf(originalGraph, dataset.labelKind, request.loss), dataset, { file, field });
  });
  if ('batchSize' in request.method && request.method.batchSize > data.retain.length) {
    throw new UserError('batch-too-large', `a batch of ${request.method.batchSize} does not fit into the ${data.retain.length} records that are kept`, { file, field: 'method.batchSize', remedy: `Write a "batchSize" of at most ${data.retain.length}.` });
  }
  // From here on nothing reads what the file's statistics say of the records.
  const model = { ...opened, graph: await withFreshStates(originalGraph, buffers.states, data.train, data.retain) };
  return { loaded, model, originalGraph, buffers, loss: lossOf(model.graph, data.train.labelKind, request.loss), trainable, frozen, centre, statistics, ...data };
}

function parametersOf({ graph }: Model, file: string): readonly NamedTensor[] {
  const parameters = [...graph.tensors.values()].filter(({ role }) => role === 'parameter');
  if (parameters.length === 0) {
    throw new UserError('nothing-to-train', 'the model has no trained parameters', { file, remedy: 'Name the trained model itself: this file computes without a weight that training could have changed.' });
  }
  return parameters;
}
