import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModel } from '../../../src/model/open-model';
import { inMemory, readDirectory, readEntry } from '../../../src/model/zip/archive';
import expectedOutputs from '../../fixtures/models/keras3-outputs.json';
import { structureOf } from './hdf5-structure';
import { largestDifference, runGraph, waves } from './run-graph';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');

describe.each([
  ['keras3.keras', 'Keras 3 archive', 'layers/sequential/layers/conv2d/vars/0'],
  ['keras3.h5', 'Keras 3 HDF5', 'nested/inner/kernel'],
  ['keras3-apart/keras3.weights.h5', 'Keras 3 HDF5', 'layers/sequential/layers/conv2d/vars/0'],
])('%s', (name, format, inner) => {
  test('gives the outputs that Keras gives', async () => {
    const model = await openModel(join(fixtures, name));
    expect(model.format).toBe(format);
    // Probabilities of order one, computed in float32 in another order: 1e-6 is some 8 roundings.
    expect(largestDifference(await runGraph(model.graph, waves(4 * 9 * 7 * 2), 4), expectedOutputs.keras3)).toBeLessThan(1e-6);
  });

  test('has the weights of nested models and the moving statistics in their roles', async () => {
    const { graph } = await openModel(join(fixtures, name));
    expect(graph.tensors.get(inner)).toMatchObject({ shape: [3, 3, 4, 4], role: 'parameter' });
    expect([...graph.tensors.values()].filter((tensor) => tensor.role === 'buffer').map((tensor) => tensor.shape)).toEqual([[4], [4]]);
  });

  test('has an optimiser that writing drops', async () => {
    const { residues } = await openModel(join(fixtures, name));
    // Adam: two slots for each of 17 trained tensors, the step count and the learning rate.
    expect(residues.filter((residue) => residue.kind === 'optimizer-state')).toHaveLength(36);
  });
});

test('recurrent layers, whose weights belong to cells inside them, give the outputs that Keras gives', async () => {
  const { graph } = await openModel(join(fixtures, 'sequences.keras'));
  const words = waves(4 * 9).map((value) => Math.floor(Math.fround(Math.abs(value)) * 7));
  expect(largestDifference(await runGraph(graph, words, 4), expectedOutputs.sequences)).toBeLessThan(1e-6);
});

test('an archive is written back with every entry in place; only weights, optimiser and compilation change', async () => {
  const path = join(fixtures, 'keras3.keras');
  const original = new Uint8Array(await readFile(path));
  const model = await openModel(path);
  const [file] = await model.write(new Map([['layers/dense_2/vars/1', Float32Array.of(1, 2, 3)]]));
  const written = file?.bytes ?? new Uint8Array();
  const [before, after] = [await readDirectory(inMemory(original)), await readDirectory(inMemory(written))];
  expect(after).toEqual(before);

  const contents = async (bytes: Uint8Array, name: string): Promise<Uint8Array> => {
    const entry = before.find((found) => found.name === name);
    if (entry === undefined) throw new Error(`no ${name}`);
    return readEntry(inMemory(bytes), entry, 1e6);
  };
  expect(await contents(written, 'metadata.json')).toEqual(await contents(original, 'metadata.json'));
  const config = JSON.parse(new TextDecoder().decode(await contents(original, 'config.json'))) as Record<string, unknown>;
  delete config['compile_config'];
  expect(JSON.parse(new TextDecoder().decode(await contents(written, 'config.json')))).toEqual(config);
  const structure = Object.entries(await structureOf(await contents(original, 'model.weights.h5'))).filter(([name]) => !name.startsWith('/optimizer'));
  expect(await structureOf(await contents(written, 'model.weights.h5'))).toEqual(Object.fromEntries(structure));
});
