import { basename } from 'node:path';
import { UserError } from '../../error';
import type { Model, Residue } from '../model';
import { parseJson } from '../parse-json';
import { inMemory, patchEntry, readEntry, type ZipEntry } from '../zip/archive';
import { graphOf } from './keras-h5';
import { readWeightsFile, residuesOf, rewriteWeightsFile } from './weights-file';

const largest = 2 ** 31 - 1;
const known = new Set(['config.json', 'metadata.json', 'model.weights.h5']);

/**
 * Opens a Keras 3 archive: configuration and HDF5 weights in a ZIP file.
 * @throws UserError as `openKerasH5` does, and zip-layout-unsupported
 */
export async function openKerasArchive(bytes: Uint8Array, entries: readonly ZipEntry[], file: string): Promise<Model> {
  const source = inMemory(bytes);
  const entry = (name: string): ZipEntry => {
    const found = entries.find((candidate) => candidate.name === name);
    if (found === undefined) throw new UserError('weights-missing', `the archive has no ${name}.`, { file, remedy: 'Save the model again: model.save("name.keras").' });
    if (found.method !== 'stored') throw new UserError('zip-layout-unsupported', `${name} is compressed; Keras stores it as it is.`, { file, remedy: 'Save the model again with Keras itself.' });
    return found;
  };
  const unexpected = entries.find(({ name }) => !known.has(name) && !name.endsWith('/'));
  if (unexpected !== undefined) {
    throw new UserError('data-unexpected', `the archive holds \`${unexpected.name}\`, which no supported layer writes; nothing can be promised about what it remembers.`, { file });
  }
  const [configEntry, weightsEntry] = [entry('config.json'), entry('model.weights.h5')];
  const configBytes = await readEntry(source, configEntry, largest);
  const weights = await readEntry(source, weightsEntry, largest);
  const config = parseJson(new TextDecoder().decode(configBytes), file);
  const contents = await readWeightsFile(weights, file);
  const compiled = typeof config === 'object' && config !== null && 'compile_config' in config && config.compile_config !== null;
  const residues: Residue[] = [...residuesOf(contents), ...(compiled ? [{ name: 'config.json: compile_config', kind: 'metadata', treatment: 'dropped' } as const] : [])];
  return {
    format: 'Keras 3 archive',
    graph: graphOf(config, contents, file),
    residues,
    write: async (values) => {
      const written = bytes.slice();
      patchEntry(written, weightsEntry, await rewriteWeightsFile(weights, file, contents, values));
      if (compiled) patchEntry(written, configEntry, withoutCompilation(config, configBytes.length));
      return [{ path: basename(file), bytes: written }];
    },
  };
}

/** JSON may end in spaces: the entry keeps its size, and nothing else in the archive moves. */
function withoutCompilation(config: object, size: number): Uint8Array {
  const kept = Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'compile_config'));
  const bytes = new TextEncoder().encode(JSON.stringify(kept));
  if (bytes.length > size) throw new RangeError('the configuration grew without its compilation');
  const padded = new Uint8Array(size).fill(0x20);
  padded.set(bytes);
  return padded;
}
