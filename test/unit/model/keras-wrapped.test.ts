import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openKerasArchive } from '../../../src/model/keras/keras-archive';
import { openModel } from '../../../src/model/open-model';
import { inMemory, patchEntry, readDirectory, readEntry } from '../../../src/model/zip/archive';
import expected from '../../fixtures/models/wrapped3.json';
import { datasetBytes, structureOf } from './hdf5-structure';
import { largestDifference, runGraph, waves } from './run-graph';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');

async function weightsIn(archive: Uint8Array): Promise<Uint8Array> {
  const entry = (await readDirectory(inMemory(archive))).find(({ name }) => name === 'model.weights.h5');
  if (entry === undefined) throw new Error('no weights');
  return readEntry(inMemory(archive), entry, 1e6);
}

const numbers = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.slice().buffer)];

describe.each([
  ['wrapped3.keras', ['layers/spectral_normalization/vars/1', 'layers/spectral_normalization_1/vars/1']],
  ['wrapped3.h5', ['bounded/vector_u', 'last/vector_u']],
])('%s', (name, vectors) => {
  test('gives the outputs that Keras gives, of records that begin without memory', async () => {
    const model = await openModel(join(fixtures, name));
    expect(model.stateful).toEqual(['memory']);
    // Outputs of order one, in float32 computed in another order: 1e-5 is some 80 roundings.
    expect(largestDifference(await runGraph(model.graph, waves(4 * 5 * 6), 4), expected.output)).toBeLessThan(1e-5);
  });

  test('lists as left from training what the search for singular values left, and not as trained', async () => {
    const { graph, residues } = await openModel(join(fixtures, name));
    expect(residues.filter(({ kind }) => kind === 'buffer').map((residue) => residue.name)).toEqual(vectors);
    // Two kernels and biases, and the three weights of the recurrent layer.
    expect([...graph.tensors.values()].filter(({ role }) => role === 'parameter')).toHaveLength(7);
  });
});

test('a kernel that an archive holds twice is written twice; the vector beside it becomes the same number everywhere', async () => {
  const path = join(fixtures, 'wrapped3.keras');
  const original = new Uint8Array(await readFile(path));
  const kernel = 'layers/spectral_normalization/layer/vars/0';
  const fresh = waves(2 * 6 * 4);
  const [file] = await (await openModel(path)).write(new Map([[kernel, fresh]]));
  const [before, after] = [await weightsIn(original), await weightsIn(file?.bytes ?? new Uint8Array())];
  expect(numbers(await datasetBytes(after, kernel))).toEqual([...fresh]);
  expect(numbers(await datasetBytes(after, 'layers/spectral_normalization/vars/0'))).toEqual([...fresh]);
  // A vector of length one: four equal numbers of a half.
  expect(numbers(await datasetBytes(after, 'layers/spectral_normalization/vars/1'))).toEqual([0.5, 0.5, 0.5, 0.5]);
  for (const untouched of ['layers/spectral_normalization_1/vars/0', 'layers/lstm/cell/vars/0', 'layers/spectral_normalization/layer/vars/1']) {
    expect(await datasetBytes(after, untouched)).toEqual(await datasetBytes(before, untouched));
  }
  expect(Object.keys(await structureOf(after))).toEqual(Object.keys(await structureOf(before)).filter((path) => !path.startsWith('/optimizer')));
});

test('two copies of a kernel that differ are no kernel', async () => {
  const path = join(fixtures, 'wrapped3.keras');
  const archive = new Uint8Array(await readFile(path));
  const weights = await weightsIn(archive);
  const kernel = await datasetBytes(weights, 'layers/spectral_normalization/vars/0');
  const whole = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const places = [whole.indexOf(kernel), whole.indexOf(kernel, whole.indexOf(kernel) + 1)];
  expect(places.every((place) => place > 0)).toBe(true);
  // With the entry's checksum as it was, the archive is refused for that already.
  const changed = archive.slice();
  changed.set([1, 2, 3, 4], places[1] ?? 0);
  const entries = await readDirectory(inMemory(changed));
  await expect(openKerasArchive(changed, entries, 'copies')).rejects.toThrow(/does not match its checksum/);
  const entry = entries.find(({ name }) => name === 'model.weights.h5');
  if (entry === undefined) throw new Error('no weights');
  patchEntry(changed, entry, changed.slice(entry.start, entry.end));
  await expect(openKerasArchive(changed, await readDirectory(inMemory(changed)), 'copies')).rejects.toMatchObject({ code: 'weights-differ' });
});
