import * as hdf5 from 'h5wasm';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenConstants } from '../../../src/model/keras/settings';
import { openModel } from '../../../src/model/open-model';
import { inMemory, readDirectory, readEntry } from '../../../src/model/zip/archive';
import { foreignIn } from '../../../src/model/zip/foreign-bytes';
import { rewriteArchive } from '../../../src/model/zip/rewrite';

/** What people note down in a model's file (whose data it was, how well it did on them) would move along into the released file, which noise does not cover. */

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
let folder: string;
let archive: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notes-'));
  archive = new Uint8Array(await readFile(join(fixtures, 'keras3.keras')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file of the fixtures with a note in it. */
async function hdf5With(note: (file: hdf5.File) => void): Promise<string> {
  const { FS } = await hdf5.ready;
  FS.writeFile('/noted.h5', new Uint8Array(await readFile(join(fixtures, 'keras3.h5'))));
  const file = new hdf5.File('/noted.h5', 'a');
  note(file);
  file.close();
  const path = join(folder, 'noted.h5');
  await writeFile(path, FS.readFile('/noted.h5'));
  return path;
}

describe('an HDF5 file with attributes that Keras does not write', () => {
  it.each(['', 'model_weights'])('is not opened where they are of "%s"', async (group) => {
    const path = await hdf5With((file) => (group === '' ? file : file.get(group) as hdf5.Group).create_attribute('accuracy_on_forgotten', 0.97));
    await expect(openModel(path)).rejects.toMatchObject({ code: 'data-unexpected', file: path, message: expect.stringContaining('accuracy_on_forgotten') as string });
  });

  it('is not opened where they are of the weights themselves', async () => {
    const path = await hdf5With((file) => {
      const [dataset] = file.paths().map((name) => file.get(name)).filter((entity) => entity instanceof hdf5.Dataset);
      dataset?.create_attribute('name', 'alice');
    });
    await expect(openModel(path)).rejects.toMatchObject({ code: 'data-unexpected' });
  });
});

describe('a Keras archive with more in it than Keras writes', () => {
  const open = async (bytes: Uint8Array): Promise<unknown> => {
    const path = join(folder, 'noted.keras');
    await writeFile(path, bytes);
    return openModel(path);
  };
  const withJson = async (name: string, note: object): Promise<Uint8Array> => {
    const source = inMemory(archive);
    const entry = (await readDirectory(source)).find((candidate) => candidate.name === name);
    if (entry === undefined) throw new RangeError(name);
    const json = JSON.parse(new TextDecoder().decode(await readEntry(source, entry, 1e9))) as object;
    return rewriteArchive(archive, new Map([[name, new TextEncoder().encode(JSON.stringify({ ...json, ...note }))]]));
  };
  /** The same with bytes before the directory, whose place stands in the end record. */
  const withGap = (): Uint8Array => {
    const bytes = Buffer.from(archive);
    const end = bytes.lastIndexOf('PK\u0005\u0006');
    const directory = bytes.readUInt32LE(end + 16);
    const gap = Buffer.from('forgotten: alice');
    const moved = Buffer.concat([bytes.subarray(0, directory), gap, bytes.subarray(directory)]);
    moved.writeUInt32LE(directory + gap.length, end + gap.length + 16);
    return moved;
  };
  const withComment = (): Uint8Array => {
    const bytes = Buffer.concat([archive, Buffer.from('forgotten: alice')]);
    bytes.writeUInt16LE(16, archive.length - 2);
    return bytes;
  };

  it('is opened as Keras writes it', async () => {
    await expect(open(archive)).resolves.toBeDefined();
    expect(foreignIn(archive, await readDirectory(inMemory(archive)))).toBeUndefined();
  });

  it('is not opened with another member in its metadata or its configuration', async () => {
    await expect(open(await withJson('metadata.json', { accuracyOnForgotten: 0.97 }))).rejects.toMatchObject({ code: 'data-unexpected', message: expect.stringContaining('accuracyOnForgotten') as string });
    await expect(open(await withJson('config.json', { note: 'alice' }))).rejects.toMatchObject({ code: 'data-unexpected', message: expect.stringContaining('note') as string });
  });

  it('is not opened with a comment, or with bytes between its entries', async () => {
    await expect(open(withComment())).rejects.toMatchObject({ code: 'data-unexpected', message: expect.stringContaining('comment') as string });
    await expect(open(withGap())).rejects.toMatchObject({ code: 'data-unexpected', message: expect.stringContaining('16 bytes behind the entries') as string });
  });
});

describe('a TensorFlow.js model with notes and settings of its training', () => {
  it('is written back without them, and lists them as dropped', async () => {
    const json = JSON.parse(await readFile(join(fixtures, 'tfjs', 'model.json'), 'utf8')) as { modelTopology: object; weightsManifest: { paths: string[]; weights: object[] }[] };
    const noted = {
      ...json,
      modelTopology: { ...json.modelTopology, training_config: { optimizer_config: { learning_rate: 0.00123 } } },
      userDefinedMetadata: { forgotten: 'alice' },
      bestLoss: 0.0625,
      weightsManifest: json.weightsManifest.map((group) => ({ ...group, weights: group.weights.map((weight) => ({ ...weight, norm: 12.5 })) })),
    };
    await writeFile(join(folder, 'model.json'), JSON.stringify(noted));
    for (const name of json.weightsManifest.flatMap(({ paths }) => paths)) await writeFile(join(folder, name), await readFile(join(fixtures, 'tfjs', name)));
    const model = await openModel(join(folder, 'model.json'));
    const dropped = model.residues.filter(({ kind }) => kind === 'metadata').map(({ name }) => name);
    expect(dropped).toEqual(expect.arrayContaining(['modelTopology: training_config', 'userDefinedMetadata', 'bestLoss', 'weightsManifest: norm']));
    const [written] = await model.write(new Map());
    const text = new TextDecoder().decode(written?.bytes);
    for (const note of ['alice', '0.00123', '0.0625', '12.5', 'bestLoss', 'norm"']) expect(text).not.toContain(note);
  });
});

describe('initial values in a description that somebody chose', () => {
  const layer = (initializer: object): object => ({ class_name: 'Sequential', config: { name: 'm', layers: [{ class_name: 'Dense', config: { name: 'b', kernel_initializer: { class_name: 'GlorotUniform', config: { seed: 3 } }, bias_initializer: initializer } }] } });

  it('are named, whatever else is initialised by rule', () => {
    expect(chosenConstants(layer({ module: 'keras.initializers', class_name: 'Constant', config: { value: -2.94 } }))).toEqual(['b.bias_initializer = -2.94']);
    expect(chosenConstants(layer({ class_name: 'Constant', config: { value: [0.5, -1] } }))).toEqual(['b.bias_initializer = [0.5,-1]']);
  });

  it('are none where they are 0 or 1, as by rule', () => {
    expect(chosenConstants(layer({ class_name: 'Zeros', config: {} }))).toEqual([]);
    expect(chosenConstants(layer({ class_name: 'Constant', config: { value: 1 } }))).toEqual([]);
    expect(chosenConstants('no configuration')).toEqual([]);
  });
});
