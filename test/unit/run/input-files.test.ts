import { link, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFile } from '../../../src/data/source-file';
import { requireInputsUnchanged, requireNoInputAmong, withInputFiles } from '../../../src/input-files';
import { readModelFile } from '../../../src/model/read-model-file';
import { loadRequest } from '../../../src/request/load-request';

let folder: string;
let model: string;
let data: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inputs-'));
  model = join(folder, 'model.h5');
  data = join(folder, 'x.npy');
  await writeFile(model, 'weights');
  await writeFile(data, 'records');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A model and data are read, something happens to the files, and then `look` is asked. */
function afterReading(happens: () => Promise<unknown>, look: () => Promise<void> = requireInputsUnchanged): Promise<void> {
  return withInputFiles(async () => {
    await readModelFile(model);
    await findFile('x.npy', 'data.train', { base: folder });
    await happens();
    await look();
  });
}

describe('the input files of a run', () => {
  it('may be read as often as one likes while nobody writes to them', () =>
    expect(afterReading(async () => readModelFile(model))).resolves.toBeUndefined());

  it('must not be written to, not even with as many bytes', () =>
    // The time of change is set, so that the outcome does not hang on the clock of the disk.
    expect(afterReading(async () => {
      await writeFile(data, 'RECORDS');
      await utimes(data, 1, 1);
    })).rejects.toMatchObject({ code: 'input-changed', file: data }));

  it('must not be replaced by another file of the same size and time', () =>
    expect(afterReading(async () => {
      const other = join(folder, 'other');
      await writeFile(other, 'WEIGHTS');
      await utimes(other, 1, 1);
      await rename(other, model);
    })).rejects.toMatchObject({ code: 'input-changed', file: model }));

  it('must not vanish', () => expect(afterReading(() => rm(model))).rejects.toMatchObject({ code: 'input-changed', file: model }));

  it('count as they were when first read: changes between two readings are seen too', () =>
    expect(afterReading(async () => {
      await writeFile(model, 'changed and longer');
      await readModelFile(model);
    })).rejects.toMatchObject({ code: 'input-changed' }));

  it('cannot be the place of a result, under no name', async () => {
    const [hard, soft] = [join(folder, 'hard.h5'), join(folder, 'soft.h5')];
    await link(model, hard);
    await symlink(model, soft);
    for (const path of [model, data, hard, soft, join(folder, '.', 'x.npy')]) {
      await expect(afterReading(() => Promise.resolve(), () => requireNoInputAmong([join(folder, 'new.h5'), path]))).rejects.toMatchObject({ code: 'output-is-input', file: path });
    }
    await expect(afterReading(() => Promise.resolve(), () => requireNoInputAmong([join(folder, 'new.h5')]))).resolves.toBeUndefined();
  });

  it('are those of one piece of work, and without any nothing can be vouched for', async () => {
    await readModelFile(model);
    await expect(withInputFiles(() => requireNoInputAmong([model]))).resolves.toBeUndefined();
    await expect(requireInputsUnchanged()).rejects.toThrow(RangeError);
  });

  it('include the request, which may be edited for another run meanwhile', async () => {
    const path = join(folder, 'a.unlearn.json');
    await writeFile(path, JSON.stringify({ version: 1, model: 'model.h5', data: { train: { format: 'npy', features: 'x.npy', labels: 'y.npy' } }, forget: { rows: [0] }, target: { epsilon: 1, delta: 1e-5 }, method: { name: 'retrain' } }));
    await expect(withInputFiles(async () => {
      await loadRequest(path);
      await writeFile(path, '{}');
      await requireInputsUnchanged();
      await requireNoInputAmong([path]);
    })).rejects.toMatchObject({ code: 'output-is-input' });
  });
});

describe('the certificate of a request', () => {
  it.each(['model.h5', 'x.npy', 'key.pem', 'a.unlearn.json', 'model.unlearned.h5'])('does not go to %s', async (certificate) => {
    const path = join(folder, 'a.unlearn.json');
    await writeFile(path, JSON.stringify({ version: 1, model: 'model.h5', certificate, data: { train: { format: 'npy', features: 'x.npy', labels: 'y.npy' } }, forget: { rows: [0] }, target: { epsilon: 1, delta: 1e-5 }, method: { name: 'retrain' } }));
    await expect(loadRequest(path)).rejects.toMatchObject({ code: 'certificate-name', field: 'certificate' });
  });
});
