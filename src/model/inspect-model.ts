import { openModel } from './open-model';
import type { ModelSummary } from './model';

/**
 * What a model file holds: every stored tensor with its role, and what would be dropped on writing.
 * Constants that the format leaves implicit (the shape that a Flatten makes) are not in the file and not listed.
 * @throws UserError as `openModel` does
 */
export async function inspectModel(path: string): Promise<ModelSummary> {
  const { format, graph, residues } = await openModel(path);
  const tensors = [...graph.tensors.values()]
    .filter((tensor) => tensor.role !== 'constant')
    .map(({ name, shape, dataType, role, values }) => ({ name, shape, dataType, role, count: values.length }));
  return {
    format,
    inputShape: graph.inputs[0]?.shape ?? [],
    layers: [...new Set(graph.nodes.map((node) => node.name))],
    parameters: tensors.filter((tensor) => tensor.role === 'parameter').reduce((sum, tensor) => sum + tensor.count, 0),
    tensors,
    residues,
  };
}
