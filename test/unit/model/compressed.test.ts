import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { chunksOf } from '../../../src/model/hdf5/chunks';
import { inspectModel } from '../../../src/model/inspect-model';
import { openModel } from '../../../src/model/open-model';
import { inMemory, readDirectory } from '../../../src/model/zip/archive';
import { rewriteArchive } from '../../../src/model/zip/rewrite';
import expectedOutputs from '../../fixtures/models/keras3-outputs.json';
import { datasetBytes, structureOf } from './hdf5-structure';
import { largestDifference, runGraph, waves } from './run-graph';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');

/** New numbers for every trained tensor, which compress to another size than the old ones. */
function changed(tensors: Iterable<{ readonly name: string; readonly role: string; readonly values: ArrayLike<number | bigint> }>): Map<string, Float32Array> {
  return new Map([...tensors].filter(({ role }) => role === 'parameter').map(({ name, values }) => [name, Float32Array.from({ length: values.length }, (_, index) => Math.fround(Math.sin(index * 1.7) * 0.3))]));
}

describe('an HDF5 file whose datasets are in compressed pieces', () => {
  test('is written back with the same pieces, filters and attributes, and nothing of the old numbers', async () => {
    const path = join(fixtures, 'compressed.h5');
    const original = new Uint8Array(await readFile(path));
    const model = await openModel(path);
    const values = changed(model.graph.tensors.values());
    const [file] = await model.write(values);
    const written = file?.bytes ?? new Uint8Array();

    const before = await structureOf(original);
    const after = await structureOf(written);
    const expected = Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith('/optimizer_weights')));
    const root = expected['/'] as { attributes: [string, ...unknown[]][] };
    expected['/'] = { attributes: root.attributes.filter(([attribute]) => attribute !== 'training_config') };
    expect(after).toEqual(expected);
    // Deflate, shuffle and Fletcher's checksum, as the file had them.
    expect(after['/model_weights/hidden/hidden/kernel:0']).toMatchObject({ filters: [{ id: 2 }, { id: 1 }, { id: 3 }], metadata: { chunks: [2, 4] } });
    for (const [name, numbers] of values) {
      expect(Buffer.from(await datasetBytes(written, `/model_weights/${name.split('/')[0] ?? ''}/${name}`)).equals(Buffer.from(numbers.buffer))).toBe(true);
    }

    const pieces = chunksOf(original);
    // (3, 8) and (8, 2) in halves: 2 × 2 pieces each, and 2 for each bias; as much for both of Adam's slots.
    expect([...pieces].filter(([name]) => name.startsWith('model_weights/hidden/') || name.startsWith('model_weights/classes/')).map(([, found]) => found.length)).toEqual([2, 4, 2, 4]);
    const overwritten = [...pieces].filter(([name]) => !name.includes('/standard/')).flatMap(([, found]) => found);
    const left = overwritten.filter(({ start, end }) => end - start >= 24 && original.subarray(start, end).some((byte) => byte !== 0) && Buffer.from(written).includes(Buffer.from(original.subarray(start, end))));
    expect(overwritten.length).toBeGreaterThan(12);
    expect(left).toEqual([]);
  });

  test('opens again with the new numbers', async () => {
    const model = await openModel(join(fixtures, 'compressed.h5'));
    const plain = await openModel(join(fixtures, 'tabular.h5'));
    expect(model.graph).toEqual(plain.graph);
  });
});

describe('an HDF5 file of the later structure', () => {
  test('with pieces by every kind of index keeps them all, and nothing of the old numbers', async () => {
    const path = join(fixtures, 'latest.h5');
    const original = new Uint8Array(await readFile(path));
    const model = await openModel(path);
    expect(model.graph).toEqual((await openModel(join(fixtures, 'tabular.h5'))).graph);
    const values = changed(model.graph.tensors.values());
    const [file] = await model.write(values);
    const written = file?.bytes ?? new Uint8Array();

    const expected = await structureOf(original);
    const root = expected['/'] as { attributes: [string, ...unknown[]][] };
    expected['/'] = { attributes: root.attributes.filter(([attribute]) => attribute !== 'training_config') };
    expect(await structureOf(written)).toEqual(expected);
    for (const [name, numbers] of values) {
      expect(Buffer.from(await datasetBytes(written, `/model_weights/${name.split('/')[0] ?? ''}/${name}`)).equals(Buffer.from(numbers.buffer))).toBe(true);
    }
    const moments = Object.keys(expected).filter((name) => name.startsWith('/optimizer_weights/Adam/') && name.endsWith(':0'));
    expect(moments).toHaveLength(8);
    for (const name of moments) {
      const before = await datasetBytes(original, name);
      expect(before.some((byte) => byte !== 0)).toBe(true);
      expect((await datasetBytes(written, name)).every((byte) => byte === 0)).toBe(true);
    }
    const old = await Promise.all([...moments, ...[...values.keys()].map((name) => `/model_weights/${name.split('/')[0] ?? ''}/${name}`)].map((name) => datasetBytes(original, name)));
    // Two numbers in a row, as the smallest piece has them.
    expect(old.filter((bytes) => Buffer.from(written).includes(Buffer.from(bytes.subarray(0, 8))))).toEqual([]);
  });

  test('is shown and not trained where its pieces are compressed, which is known before anything is computed', async () => {
    const path = join(fixtures, 'latest-compressed.h5');
    await expect(openModel(path)).rejects.toMatchObject({ code: 'hdf5-layout-unsupported', message: expect.stringMatching(/in compressed pieces/) as string });
    const { obstacle, tensors } = await inspectModel(path);
    expect(obstacle).toMatch(/in compressed pieces.*Save the model again with Keras/);
    expect(tensors.map(({ name, shape }) => [name, shape])).toContainEqual(['hidden/kernel:0', [3, 8]]);
  });
});

describe('a Keras archive whose entries are compressed', () => {
  const path = join(fixtures, 'deflated.keras');

  test('gives the outputs that Keras gives, and is written back with names, order, times and methods unchanged', async () => {
    const original = new Uint8Array(await readFile(path));
    const model = await openModel(path);
    const words = waves(4 * 9).map((value) => Math.floor(Math.fround(Math.abs(value)) * 7));
    expect(largestDifference(await runGraph(model.graph, words, 4), expectedOutputs.sequences)).toBeLessThan(1e-6);

    const values = changed(model.graph.tensors.values());
    const [file] = await model.write(values);
    const written = file?.bytes ?? new Uint8Array();
    const [before, after] = [await readDirectory(inMemory(original)), await readDirectory(inMemory(written))];
    expect(after.map(({ name, method }) => [name, method])).toEqual(before.map(({ name, method }) => [name, method]));
    expect(before.every(({ method }) => method === 'deflated')).toBe(true);
    // Time and date of last change, at bytes 12 to 15 of a record of the directory.
    const times = (bytes: Uint8Array, entries: typeof before): string[] => entries.map(({ record }) => Buffer.from(bytes.subarray(record.start + 12, record.start + 16)).toString('hex'));
    expect(times(written, after)).toEqual(times(original, before));

    // Another program's reader, which checks every size and checksum.
    const [was, is] = [unzipSync(original), unzipSync(written)];
    for (const name of ['config.json', 'metadata.json']) expect(is[name]).toEqual(was[name]);
    expect(await structureOf(is['model.weights.h5'] ?? new Uint8Array())).toEqual(await structureOf(was['model.weights.h5'] ?? new Uint8Array()));
    const [first] = values;
    expect(first).toBeDefined();
    expect(Buffer.from(await datasetBytes(is['model.weights.h5'] ?? new Uint8Array(), `/${first?.[0] ?? ''}`)).equals(Buffer.from(first?.[1].buffer ?? new ArrayBuffer()))).toBe(true);
  });

  test('with nothing replaced is the same archive, entry by entry', async () => {
    const original = new Uint8Array(await readFile(path));
    expect(unzipSync(await rewriteArchive(original, new Map()))).toEqual(unzipSync(original));
    const longer = new TextEncoder().encode('{"longer": true}'.repeat(100));
    const again = await rewriteArchive(original, new Map([['metadata.json', longer]]));
    expect(unzipSync(again)).toEqual({ ...unzipSync(original), 'metadata.json': longer });
  });
});
