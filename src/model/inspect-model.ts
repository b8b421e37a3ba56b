import { describe, UserError } from '../error';
import { inferShapes } from '../graph/bind';
import type { Graph } from '../graph/graph';
import { openCheckpoint } from './checkpoint/open-checkpoint';
import { listTensors } from './list-tensors';
import { openModel } from './open-model';
import { readModelFile } from './read-model-file';
import { normOf, withNorms } from './norms';
import type { Model, ModelSummary, Residue, TensorSummary } from './model';

/** What a model file holds, and the graph that computes with it, where there is one. */
export interface Inspected {
  readonly summary: ModelSummary;
  readonly graph: Graph | undefined;
}

/**
 * What a model file holds. Files of tensors without a model are shown too, large ones by their headers alone.
 * @throws UserError as `openModel` and `openCheckpoint` do
 */
export async function inspectModel(path: string): Promise<ModelSummary> {
  return (await openForInspection(path)).summary;
}

/** The same with the graph. */
export async function openForInspection(path: string): Promise<Inspected> {
  try {
    const model = await openModel(path);
    return { summary: await summaryOf(model, path), graph: model.graph };
  } catch (error) {
    // Checkpoints of many gigabytes are not read into memory either.
    if (!(error instanceof UserError)) throw error;
    const { format, tensors, residues } = await viewOf(path, error);
    return { summary: summary(format, tensors, residues, describe({ message: error.message, remedy: error.remedy })), graph: undefined };
  }
}

/** What cannot be trained can often be looked at. */
const viewable = new Set(['graph-model-not-trainable', 'hdf5-layout-unsupported', 'input-unsupported', 'layer-unsupported', 'operator-set-unsupported', 'shape-unknown', 'tensor-uncovered', 'weights-layout-unsupported', 'weights-quantized', 'weights-type']);

async function viewOf(path: string, obstacle: UserError): Promise<Pick<ModelSummary, 'format' | 'tensors' | 'residues'>> {
  if (['model-without-graph', 'model-too-large'].includes(obstacle.code)) {
    const checkpoint = await openCheckpoint(path);
    return { ...checkpoint, tensors: await withNorms(path, checkpoint) };
  }
  const view = viewable.has(obstacle.code) ? await listTensors(await readModelFile(path), path) : undefined;
  if (view === undefined) throw obstacle;
  return { ...view, residues: [] };
}

/**
 * Every stored tensor of a model with its role, and what would be dropped on writing.
 * Constants that the format leaves implicit (the shape that a Flatten makes) are not in the file and not listed.
 */
async function summaryOf({ format, graph, residues }: Model, path: string): Promise<ModelSummary> {
  const constants = format === 'ONNX' ? await listTensors(await readModelFile(path), path) : undefined;
  const stored = new Set(constants?.tensors.map(({ name }) => name));
  const tensors = [...graph.tensors.values()]
    .filter(({ name, role }) => role !== 'constant' || stored.has(name))
    .map(({ name, shape, dataType, role, values }) => ({ name, shape, dataType, role, count: values.length, norm: normOf(values) }));
  return { ...summary(format, tensors, residues, obstacleIn(graph)), inputShape: graph.inputs[0]?.shape ?? [], layers: [...new Set(graph.nodes.map((node) => node.name))] };
}

function summary(format: string, tensors: readonly TensorSummary[], residues: readonly Residue[], obstacle: string | undefined): ModelSummary {
  const parameters = tensors.filter((tensor) => tensor.role === 'parameter').reduce((sum, tensor) => sum + tensor.count, 0);
  return { format, inputShape: [], layers: [], parameters, tensors, residues, obstacle };
}

/** An ONNX model may hold operators that nothing here differentiates: it can be looked at and not trained. */
function obstacleIn(graph: Graph): string | undefined {
  if (graph.inputs.length !== 1 || graph.outputs.length !== 1) return `the model has ${graph.inputs.length} inputs and ${graph.outputs.length} outputs; one of each is needed for training.`;
  try {
    inferShapes(graph, { batch: 2 });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
