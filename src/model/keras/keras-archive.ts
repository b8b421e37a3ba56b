import { basename } from 'node:path';
import { UserError } from '../../error';
import type { Model, Residue } from '../model';
import { parseJson } from '../parse-json';
import { inMemory, patchEntry, readDirectory, readEntry, type ZipEntry } from '../zip/archive';
import { rewriteArchive } from '../zip/rewrite';
import { graphOf } from './keras-h5';
import { readWeightsFile, residuesOf, rewriteWeightsFile } from './weights-file';

const largest = 2 ** 31 - 1;
const weightsName = 'model.weights.h5';
const configName = 'config.json';
const known = new Set([configName, 'metadata.json', weightsName]);

/**
 * Opens a Keras 3 archive: configuration and HDF5 weights in a ZIP file.
 * @throws UserError as `openKerasH5` does
 */
export async function openKerasArchive(bytes: Uint8Array, entries: readonly ZipEntry[], file: string): Promise<Model> {
  const source = inMemory(bytes);
  const entry = (name: string): ZipEntry => {
    const found = entries.find((candidate) => candidate.name === name);
    if (found === undefined) throw new UserError('weights-missing', `the archive has no ${name}.`, { file, remedy: 'Save the model again: model.save("name.keras").' });
    return found;
  };
  const unexpected = entries.find(({ name }) => !known.has(name) && !name.endsWith('/'));
  if (unexpected !== undefined) {
    throw new UserError('data-unexpected', `the archive holds \`${unexpected.name}\`, which no supported layer writes; nothing can be promised about what it remembers.`, { file, remedy: 'Remove it from the archive, or save the model again without it.' });
  }
  const [configEntry, weightsEntry] = [entry(configName), entry(weightsName)];
  const configBytes = await readEntry(source, configEntry, largest);
  const weights = await readEntry(source, weightsEntry, largest);
  const config = parseJson(new TextDecoder().decode(configBytes), file);
  const contents = await readWeightsFile(weights, file);
  const compiled = isCompiled(config);
  const residues: Residue[] = [...residuesOf(contents), ...(compiled ? [{ name: 'config.json: compile_config', kind: 'metadata', treatment: 'dropped' } as const] : [])];
  return {
    format: 'Keras 3 archive',
    graph: graphOf(config, contents, file),
    residues,
    write: async (values) => {
      const replaced = new Map([[weightsName, await rewriteWeightsFile(weights, file, contents, values)]]);
      if (compiled) replaced.set(configName, withoutCompilation(config, configBytes.length));
      return [{ path: basename(file), bytes: await replaceEntries(bytes, [weightsEntry, configEntry], replaced) }];
    },
  };
}

/** A model that was never compiled has an empty configuration of it. */
function isCompiled(config: unknown): config is { readonly compile_config: object } {
  if (typeof config !== 'object' || config === null || !('compile_config' in config)) return false;
  const { compile_config: compilation } = config;
  return typeof compilation === 'object' && compilation !== null && Object.keys(compilation).length > 0;
}

/** In place where nothing has to move, so that every other byte of the archive stays where it is. */
async function replaceEntries(bytes: Uint8Array, entries: readonly ZipEntry[], replaced: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const changed = entries.flatMap((entry) => {
    const contents = replaced.get(entry.name);
    return contents === undefined ? [] : [{ entry, contents }];
  });
  if (changed.some(({ entry, contents }) => entry.method !== 'stored' || contents.length !== entry.size)) return rewriteArchive(bytes, replaced);
  const written = bytes.slice();
  for (const { entry, contents } of changed) patchEntry(written, entry, contents);
  return written;
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

/** The weights of a Keras 3 archive, an HDF5 file of its own; undefined for anything else. */
export async function weightsInArchive(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  if (!bytes.subarray(0, 4).every((byte, index) => byte === [0x50, 0x4b, 0x03, 0x04][index])) return undefined;
  const source = inMemory(bytes);
  const entry = (await readDirectory(source)).find(({ name }) => name === weightsName);
  return entry === undefined ? undefined : readEntry(source, entry, largest);
}
