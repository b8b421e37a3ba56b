import { basename } from 'node:path';
import { complement, forgottenInEvaluation, resolveDuplicates, type DuplicateDecision } from '../data/duplicates';
import type { SourceDataset } from '../data/memory-dataset';
import { openDataset } from '../data/open-dataset';
import { selectForget, type Selection } from '../data/select-forget';
import type { Loss } from '../engine/engine';
import { UserError } from '../error';
import type { NamedTensor } from '../graph/graph';
import type { Model } from '../model/model';
import { openModel } from '../model/open-model';
import type { LoadedRequest } from '../request/load-request';
import { requireFit, requireLabels } from './data-fits-model';
import { lossOf } from './loss-of-model';

/** Model, data and selection of a request, opened and checked against each other. */
export interface RunInputs {
  readonly loaded: LoadedRequest;
  readonly model: Model;
  readonly loss: Loss;
  /** In the order of the flat parameter vector. */
  readonly trainable: readonly NamedTensor[];
  readonly train: SourceDataset;
  readonly selection: Selection;
  readonly duplicates: DuplicateDecision;
  /** Sorted record numbers: what is forgotten (copies included, if the request says so) and all the rest. */
  readonly forget: Uint32Array;
  readonly retain: Uint32Array;
  readonly evaluation: EvaluationData | undefined;
}

export interface EvaluationData {
  readonly dataset: SourceDataset;
  /** Records equal to a forgotten one are left out: a measurement on them would speak of the forgotten. */
  readonly records: Uint32Array;
  readonly forgotten: number;
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
  const { request, folder } = loaded;
  const model = await openModel(loaded.modelPath);
  const file = basename(loaded.file);
  const trainable = trainableTensors(model, request.model);
  const train = await openDataset(request.data.train, { base: folder, field: 'data.train' });
  const loss = lossOf(model.graph, train.labelKind, request.loss);
  const check = (dataset: SourceDataset, field: string): void => {
    requireFit(model.graph, dataset, { file, field });
    requireLabels(model.graph, loss, dataset, { file, field });
  };
  check(train, 'data.train');
  const selection = await selectForget(request.data.train, train.count, request.forget, { base: folder, field: 'forget', sourceField: 'data.train' });
  const duplicates = await resolveDuplicates(train, selection.records, request.duplicates, 'duplicates');
  const retain = complement(train.count, duplicates.forget);
  if (request.method.batchSize > retain.length) {
    throw new UserError('batch-too-large', `a batch of ${request.method.batchSize} does not fit into the ${retain.length} records that are kept`, { file, field: 'method.batchSize' });
  }
  const evaluation = request.data.evaluation === undefined ? undefined : await openEvaluation(await openDataset(request.data.evaluation, { base: folder, field: 'data.evaluation' }), train, duplicates.forget, (dataset) => check(dataset, 'data.evaluation'));
  return { loaded, model, loss, trainable, train, selection, duplicates, forget: duplicates.forget, retain, evaluation };
}

async function openEvaluation(dataset: SourceDataset, train: SourceDataset, forget: Uint32Array, check: (dataset: SourceDataset) => void): Promise<EvaluationData> {
  check(dataset);
  const forgotten = await forgottenInEvaluation(train, forget, dataset);
  const records = complement(dataset.count, forgotten);
  if (records.length === 0) {
    throw new UserError('evaluation-all-forgotten', 'every evaluation record equals a forgotten one', { field: 'data.evaluation', remedy: 'Leave data.evaluation out, or name other records.' });
  }
  return { dataset, records, forgotten: forgotten.length };
}

/** Assumption 1: whatever training data could have touched is noised (parameters) or dropped (residues); anything else stops here. */
function trainableTensors(model: Model, file: string): readonly NamedTensor[] {
  const tensors = [...model.graph.tensors.values()];
  const buffer = tensors.find(({ role }) => role === 'buffer');
  if (buffer !== undefined) {
    throw new UserError('buffer-uncovered', `the tensor ${buffer.name} was computed from training data and is not a trained parameter; noise does not cover it, so no certificate can be given`, { file, remedy: 'Models with such state (batch normalisation statistics, for one) are not supported yet.' });
  }
  const trainable = tensors.filter(({ role }) => role === 'parameter');
  if (trainable.length === 0) {
    throw new UserError('nothing-to-train', 'the model has no trained parameters', { file });
  }
  return trainable;
}
