import { basename } from 'node:path';
import { UserError } from '../../error';
import type { Model, Residue } from '../model';
import { parseJson } from '../parse-json';
import { inMemory, patchEntry, readDirectory, readEntry, type Source, type ZipEntry } from '../zip/archive';
import { foreignIn } from '../zip/foreign-bytes';
import { rewriteArchive } from '../zip/rewrite';
import { editJson, padded } from './edit-json';
import { Findings } from './findings';
import { editsOf, readGraph, statesOf } from './keras-h5';
import { chosenConstants, requireKnownMembers } from './settings';
import { datasetValues, readWeightsFile, residuesOf, rewriteWeightsFile, roundedTypes } from './weights-file';

const largest = 2 ** 31 - 1;
const weightsName = 'model.weights.h5';
const configName = 'config.json';
const known = new Set([configName, 'metadata.json', weightsName]);

/**
 * Opens an archive of Keras 3, or of 2 from 2.12 on: configuration, HDF5 weights and vocabularies in a ZIP file.
 * @throws UserError as `openKerasH5` does
 */
export async function openKerasArchive(bytes: Uint8Array, entries: readonly ZipEntry[], file: string): Promise<Model> {
  const source = inMemory(bytes);
  const entry = (name: string): ZipEntry => {
    const found = entries.find((candidate) => candidate.name === name);
    if (found === undefined) throw new UserError('weights-missing', `the archive has no ${name}.`, { file, remedy: 'Save the model again: model.save("name.keras").' });
    return found;
  };
  const unexpected = entries.find(({ name }) => !known.has(name) && !isVocabulary(name) && !name.endsWith('/'));
  if (unexpected !== undefined) {
    throw new UserError('data-unexpected', `the archive holds \`${unexpected.name}\`, which no supported layer writes; nothing can be promised about what it remembers.`, { file, remedy: 'Remove it from the archive, or save the model again.' });
  }
  const [configEntry, weightsEntry] = [entry(configName), entry(weightsName)];
  const configText = new TextDecoder().decode(await readEntry(source, configEntry, largest));
  const weights = await readEntry(source, weightsEntry, largest);
  const texts = await vocabulariesIn(source, entries);
  const config = parseJson(configText, file);
  requireKnownMembers(config, file);
  await requireNoNotes(source, entries, bytes, file);
  const contents = await readWeightsFile(weights, file);
  const generation = await generationOf(source, entries) ?? contents.generation;
  const { graph, findings } = readGraph(config, contents, file, { generation, texts, findings: new Findings(true) });
  const unused = [...texts.keys()].find((name) => !graph.tensors.has(name));
  if (unused !== undefined) throw new UserError('data-unexpected', `the archive holds \`${unused}\`, and no layer of the model reads it.`, { file, remedy: 'Remove it from the archive, or save the model again.' });
  const compiled = isCompiled(config);
  const residues: Residue[] = [...residuesOf(contents, findings), ...(compiled ? [{ name: 'config.json: compile_config', kind: 'metadata', treatment: 'dropped' } as const] : [])];
  return {
    format: `Keras ${generation} archive`,
    graph,
    residues,
    unusedSpaceKept: contents.unusedSpaceKept,
    compressed: contents.compressed,
    roundedTo: roundedTypes(contents),
    chosenConstants: chosenConstants(config),
    ...statesOf(findings),
    write: async (values) => {
      const replaced = new Map([[weightsName, await rewriteWeightsFile(weights, file, contents, datasetValues(contents, findings, values))]]);
      const edits = [...editsOf(findings, values), ...(compiled ? [{ holder: config, key: 'compile_config', numbers: undefined }] : [])];
      if (edits.length > 0) {
        const edited = editJson(configText, config, edits);
        replaced.set(configName, padded(edited, configEntry.size) ?? new TextEncoder().encode(edited));
      }
      for (const [name, write] of findings.texts) {
        const numbers = values.get(name);
        if (numbers !== undefined) replaced.set(name, new TextEncoder().encode(write(numbers)));
      }
      return [{ path: basename(file), bytes: await replaceEntries(bytes, entries, replaced) }];
    },
  };
}

/** Lookups that took their words from data keep them in a file of their own. */
function isVocabulary(name: string): boolean {
  return /^assets\/(.+\/)?vocabulary\.txt$/.test(name);
}

async function vocabulariesIn(source: Source, entries: readonly ZipEntry[]): Promise<ReadonlyMap<string, string>> {
  const found = entries.filter(({ name }) => isVocabulary(name));
  return new Map(await Promise.all(found.map(async (entry): Promise<[string, string]> => [entry.name, new TextDecoder().decode(await readEntry(source, entry, largest))])));
}

/** The major version of Keras that wrote the archive, from 2.12 on. */
async function generationOf(source: Source, entries: readonly ZipEntry[]): Promise<number | undefined> {
  const metadata = entries.find(({ name }) => name === 'metadata.json');
  const text = metadata === undefined ? '' : new TextDecoder().decode(await readEntry(source, metadata, largest));
  const [, major] = /"keras_version"\s*:\s*"(\d+)\./.exec(text) ?? [];
  return major === undefined ? undefined : Number(major);
}

/**
 * Keras notes its version and the day down, and nothing else; comments and the like move along unseen when entries are replaced.
 * @throws UserError data-unexpected
 */
async function requireNoNotes(source: Source, entries: readonly ZipEntry[], bytes: Uint8Array, file: string): Promise<void> {
  const metadata = entries.find(({ name }) => name === 'metadata.json');
  const members = metadata === undefined ? {} : parseJson(new TextDecoder().decode(await readEntry(source, metadata, largest)), file);
  const note = Object.keys(typeof members === 'object' && members !== null ? members : {}).find((key) => key !== 'keras_version' && key !== 'date_saved');
  const foreign = note === undefined ? foreignIn(bytes, entries) : `\`${note}\` in its metadata.json`;
  if (foreign === undefined) return;
  throw new UserError('data-unexpected', `the archive holds ${foreign}, which Keras does not write; nothing can be promised about what it remembers.`, { file, remedy: 'Save the model again with Keras, without such notes.' });
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

/** What a Keras archive holds, without a look at the model: its weights, an HDF5 file of their own, and its vocabularies. Undefined for anything else. */
export async function partsOfArchive(bytes: Uint8Array): Promise<{ readonly weights: Uint8Array; readonly texts: ReadonlyMap<string, string>; readonly generation: number } | undefined> {
  if (!bytes.subarray(0, 4).every((byte, index) => byte === [0x50, 0x4b, 0x03, 0x04][index])) return undefined;
  const source = inMemory(bytes);
  const entries = await readDirectory(source);
  const entry = entries.find(({ name }) => name === weightsName);
  if (entry === undefined) return undefined;
  return { weights: await readEntry(source, entry, largest), texts: await vocabulariesIn(source, entries), generation: await generationOf(source, entries) ?? 3 };
}
