import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRequest } from '../../../src/request/load-request';
import { openData, type RunData } from '../../../src/run/open-data';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-data-'));
  for (const [at, name] of ['ant/1', 'ant/2', 'bee/1', 'cat/1', 'cat/2'].entries()) {
    await mkdir(join(folder, 'animals', name.split('/')[0] ?? ''), { recursive: true });
    const image = new PNG({ width: 2, height: 2 });
    image.data.fill(255);
    for (let byte = 0; byte < image.data.length; byte += 4) image.data[byte] = 10 * at;
    await writeFile(join(folder, 'animals', `${name}.png`), PNG.sync.write(image));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function opened(rows: readonly (number | string)[], train: object = {}): Promise<RunData> {
  const path = join(folder, 'a.unlearn.json');
  await writeFile(path, JSON.stringify({ version: 1, model: 'm.h5', data: { train: { format: 'images', path: 'animals', ...train } }, forget: { rows }, target: { epsilon: 1, delta: 1e-5 }, method: { name: 'retrain' } }));
  return openData(await loadRequest(path), () => undefined);
}

describe('classes that are numbered by the names of folders', () => {
  // Without its one image, "bee" would be no class, and "cat" would be class 1 and not 2.
  it('must not lose one of them to what is forgotten', async () => {
    await expect(opened([2])).rejects.toMatchObject({ code: 'class-forgotten', field: 'data.train.classes' });
    await expect(opened([2, '3-4'])).rejects.toMatchObject({ code: 'class-forgotten', message: expect.stringContaining('2 of the 3 classes') as string });
  });

  it('may be listed instead, or keep an image each', async () => {
    expect((await opened([2], { classes: ['ant', 'bee', 'cat'] })).forget).toEqual(Uint32Array.of(2));
    expect((await opened([0, 3])).retain).toEqual(Uint32Array.of(1, 2, 4));
  });
});
