import { basename } from 'node:path';
import { UserError } from '../../error';
import type { Graph } from '../../graph/graph';
import type { Model } from '../model';
import { parseJson } from '../parse-json';
import { buildGraph } from './build-graph';
import { editJson, padded, type Edit } from './edit-json';
import { Findings } from './findings';
import { chosenConstants, requireKnownMembers } from './settings';
import { readTopology } from './topology';
import { datasetValues, readWeightsFile, residuesOf, rewriteWeightsFile, roundedTypes, weightSource, type WeightsFile } from './weights-file';

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
  const json = parseJson(config, file);
  requireKnownMembers(json, file);
  // A configuration beside the file is another file, which is not written.
  const generation = contents.config === undefined ? versionIn(json) ?? contents.generation : contents.generation;
  const { graph, findings } = readGraph(json, contents, file, { generation, findings: new Findings(contents.config !== undefined) });
  return {
    format: `Keras ${generation} HDF5`,
    graph,
    residues: residuesOf(contents, findings),
    unusedSpaceKept: contents.unusedSpaceKept,
    compressed: contents.compressed,
    roundedTo: roundedTypes(contents),
    chosenConstants: contents.config === undefined ? [] : chosenConstants(json),
    ...statesOf(findings),
    write: async (values) => {
      const written = await rewriteWeightsFile(bytes, file, contents, datasetValues(contents, findings, values));
      const edits = editsOf(findings, values);
      if (edits.length > 0) replaceConfiguration(written, config, editJson(config, json, edits), file);
      return [{ path: basename(file), bytes: written }];
    },
  };
}

/** The major version of Keras, which `model.to_json()` writes besides the model. */
function versionIn(json: unknown): number | undefined {
  const version = typeof json === 'object' && json !== null && 'keras_version' in json ? Number.parseInt(String(json.keras_version), 10) : NaN;
  return Number.isNaN(version) ? undefined : version;
}

/** @throws UserError weights-unexpected where the file holds a weight that the model does not use */
export function readGraph(config: unknown, contents: WeightsFile, file: string, { generation, findings, texts }: { readonly generation: number; readonly findings: Findings; readonly texts?: ReadonlyMap<string, string> }): { readonly graph: Graph; readonly findings: Findings } {
  const topology = readTopology(config, file);
  const graph = buildGraph(topology, weightSource(contents, topology, generation, texts), file, findings);
  const unused = contents.weights.find(({ name }) => !graph.tensors.has(name) && !findings.copies.has(name) && !findings.resets.has(name));
  if (unused !== undefined) throw new UserError('weights-unexpected', `the file holds the weight \`${unused.path}\`, and no layer of the model uses it.`, { file, remedy: 'Save the model again, so that it holds its own weights and no others.' });
  return { graph, findings };
}

export function statesOf({ adapted, stateful }: Findings): Pick<Model, 'adapted' | 'stateful'> {
  return { adapted, stateful: [...stateful] };
}

/** The lists of numbers in the configuration that are given new values. */
export function editsOf({ settings }: Findings, values: ReadonlyMap<string, Float32Array>): readonly Edit[] {
  return [...settings].flatMap(([name, { holder, key }]) => (values.has(name) ? [{ holder, key, numbers: values.get(name) }] : []));
}

/** The new text in the place of the old one: it is shorter, since Python puts a space behind every comma. */
function replaceConfiguration(bytes: Uint8Array, config: string, edited: string, file: string): void {
  const old = new TextEncoder().encode(config);
  const fresh = padded(edited, old.length);
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = whole.indexOf(old);
  if (fresh === undefined || at < 0 || whole.indexOf(old, at + 1) >= 0) {
    throw new UserError('hdf5-layout-unsupported', 'the model\'s configuration states numbers that were computed from data, and cannot be written back to this kind of HDF5 file yet.', { file, remedy: 'Save the model as a .keras file.' });
  }
  bytes.set(fresh, at);
}
