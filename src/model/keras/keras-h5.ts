import { basename } from 'node:path';
import { UserError } from '../../error';
import type { Graph } from '../../graph/graph';
import type { Model } from '../model';
import { parseJson } from '../parse-json';
import { buildGraph } from './build-graph';
import { readTopology } from './topology';
import { readWeightsFile, residuesOf, rewriteWeightsFile, weightSource, type WeightsFile } from './weights-file';

/**
 * Opens a Keras model in HDF5, of Keras 2 or 3.
 * @param configBeside finds the model's configuration in a JSON file, for files that hold weights only
 * @throws UserError model-truncated, model-damaged, model-config-missing, model-config-invalid, layer-unsupported, weights-…
 */
export async function openKerasH5(bytes: Uint8Array, file: string, configBeside: () => Promise<string | undefined>): Promise<Model> {
  const contents = await readWeightsFile(bytes, file);
  const config = contents.config ?? await configBeside();
  if (config === undefined) {
    throw new UserError('model-config-missing', 'the file holds weights and not the model that they belong to.', { file, remedy: 'Save the whole model (model.save), or put the result of model.to_json() beside it as a .json file.' });
  }
  return {
    format: `Keras ${contents.generation} HDF5`,
    graph: graphOf(parseJson(config, file), contents, file),
    residues: residuesOf(contents),
    write: async (values) => [{ path: basename(file), bytes: await rewriteWeightsFile(bytes, file, contents, values) }],
  };
}

/** @throws UserError weights-unexpected where the file holds a weight that the model does not use */
export function graphOf(config: unknown, contents: WeightsFile, file: string): Graph {
  const topology = readTopology(config, file);
  const graph = buildGraph(topology, weightSource(contents, topology), file);
  const unused = contents.weights.find((stored) => !graph.tensors.has(stored.name));
  if (unused !== undefined) throw new UserError('weights-unexpected', `the file holds the weight \`${unused.path}\`, and no layer of the model uses it.`, { file, remedy: 'Save the model again with Keras, which writes the weights of its layers and no others.' });
  return graph;
}
