import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openModel } from '../../../src/model/open-model';

/** Weights whose model is described in a JSON file beside them, in a folder that holds several models. */

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'beside-'));
  await copyFile(join(fixtures, 'keras3-apart', 'keras3.weights.h5'), join(folder, 'net.weights.h5'));
  // Another model, which these weights do not fit.
  await writeFile(join(folder, 'another.json'), '{"class_name": "Sequential", "config": {"name": "other", "layers": []}}');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(['net.json', 'net.weights.json'])('weights go with the description that is called as they are, %s', async (name) => {
  await copyFile(join(fixtures, 'keras3-apart', 'keras3.json'), join(folder, name));
  expect((await openModel(join(folder, 'net.weights.h5'))).graph.tensors.size).toBeGreaterThan(0);
});

test('where none is called so, nobody guesses, and the message says what to call it', async () => {
  await copyFile(join(fixtures, 'keras3-apart', 'keras3.json'), join(folder, 'keras3.json'));
  await expect(openModel(join(folder, 'net.weights.h5'))).rejects.toMatchObject({
    code: 'model-config-missing',
    message: 'the file holds weights, and 2 files beside it describe a model: `another.json`, `keras3.json`.',
    remedy: expect.stringContaining('`net.json`') as string,
  });
});
