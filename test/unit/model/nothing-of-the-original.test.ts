import * as hdf5 from 'h5wasm';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset, withHdf5, writeDataset } from '../../../src/model/hdf5/container';
import { openModel } from '../../../src/model/open-model';
import { inMemory, readDirectory, readEntry } from '../../../src/model/zip/archive';
import { rewriteArchive } from '../../../src/model/zip/rewrite';

/**
 * A released file is a function of the architecture and of the new numbers: two originals that were trained differently, with optimisers that
 * remember different things, must become the same file, byte for byte, when they are given the same numbers.
 */

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'original-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same file after another training: every floating-point number in it is another one. */
async function retrained(bytes: Uint8Array): Promise<Uint8Array> {
  const { bytes: changed } = await withHdf5(bytes, 'x.h5', 'a', (root) => {
    for (const path of root.paths()) {
      const dataset = root.get(path);
      if (!(dataset instanceof hdf5.Dataset) || dataset.dtype !== '<f') continue;
      const numbers = new Float32Array(readDataset(dataset).buffer).map((value, index) => 0.5 * value + 0.001 * (index % 7) + 0.1);
      writeDataset(dataset, new Uint8Array(numbers.buffer));
    }
  });
  return changed;
}

async function retrainedArchive(bytes: Uint8Array): Promise<Uint8Array> {
  const source = inMemory(bytes);
  const entry = (await readDirectory(source)).find(({ name }) => name === 'model.weights.h5');
  if (entry === undefined) throw new RangeError('no weights');
  return rewriteArchive(bytes, new Map([[entry.name, await retrained(await readEntry(source, entry, 1e9))]]));
}

/** What becomes of an original that is given the same numbers as any other. */
async function released(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const model = await openModel(path);
  const values = new Map([...model.graph.tensors.values()].filter(({ role }) => role !== 'constant').map((tensor) => [tensor.name, new Float32Array(tensor.values.length).fill(0.25)]));
  const [file] = await model.write(values);
  return file?.bytes ?? new Uint8Array();
}

describe('of the original nothing is left', () => {
  it.each(['keras3.h5', 'layers.h5', 'batchnorm.h5', 'branches.h5'])('in a file released for %s', async (name) => {
    const bytes = new Uint8Array(await readFile(join(fixtures, name)));
    const other = await retrained(bytes);
    expect(Buffer.compare(other, bytes)).not.toBe(0);
    expect(Buffer.compare(await released(other, name), await released(bytes, name))).toBe(0);
  });

  it('but for the places of compressed pieces, of which the model speaks', async () => {
    expect((await openModel(join(fixtures, 'compressed.h5'))).compressed).toBe(true);
    expect((await openModel(join(fixtures, 'keras3.h5'))).compressed).toBe(false);
  });

  it.each(['keras3.keras', 'deflated.keras'])('in an archive released for %s', async (name) => {
    const bytes = new Uint8Array(await readFile(join(fixtures, name)));
    const [one, other] = [await rewriteArchive(bytes, new Map()), await retrainedArchive(bytes)];
    expect(Buffer.compare(other, one)).not.toBe(0);
    expect(Buffer.compare(await released(other, name), await released(one, name))).toBe(0);
  });
});
