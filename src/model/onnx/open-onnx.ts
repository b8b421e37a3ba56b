import { UserError } from '../../error';
import { narrowTypes } from '../floats';
import type { Model } from '../model';
import { requireFinite } from '../finite';
import { openOnnxFile } from './onnx-file';
import { toGraph } from './to-graph';

/**
 * Opens an ONNX model. float16 and bfloat16 weights are trained as float32 and rounded to the nearest when written back.
 * @throws UserError model-damaged, weights-…, tensor-uncovered, layer-unsupported, operator-set-unsupported, shape-unknown
 */
export async function openOnnx(bytes: Uint8Array, file: string): Promise<Model> {
  try {
    const { floats, write } = await openOnnxFile(bytes, file);
    for (const tensor of floats) requireFinite(tensor.name, tensor.values, file);
    const { graph, inTrainingForm } = toGraph(bytes, floats, file);
    // A node with a graph of its own was refused above; what is left is in no node that runs, and noise would not reach it.
    const [beside] = floats.filter(({ nested }) => nested);
    if (beside !== undefined) {
      throw new UserError('tensor-uncovered', `the tensor \`${beside.name}\` is not in the model's main graph, where alone it could be trained, and it may hold what training left in it.`, { file, remedy: 'Export the model without functions, training graph and sparse tensors.' });
    }
    return { format: 'ONNX', graph, residues: [], inTrainingForm, roundedTo: narrowTypes(floats), write: (values) => Promise.resolve(write(values)) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('model-damaged', 'the file is not a complete ONNX model.', { file, remedy: 'Copy or download it again.', cause: error });
  }
}
