import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src/model/checkpoint/open-checkpoint';
import { openModel } from '../../../src/model/open-model';
import { compareWithBase } from '../../../src/model/public-base';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'base-'));
});
afterAll(() => rm(scratch, { recursive: true }));

test('a checkpoint is identical to its base in another format, integers too', async () => {
  const comparisons = await compareWithBase(join(fixtures, 'torch/state.pt'), join(fixtures, 'torch/sharded/model.safetensors.index.json'));
  expect(comparisons).toHaveLength(15);
  expect(new Set(comparisons.map(({ relation }) => relation))).toEqual(new Set(['identical']));
});

test('tensors that moved are found, with how far', async () => {
  const base = join(fixtures, 'torch/model.safetensors');
  const second = 4 + ((await openCheckpoint(base)).files[0]?.regions.find(({ name }) => name === 'classes.bias')?.start ?? NaN);
  const bytes = await readFile(base);
  bytes.writeFloatLE(bytes.readFloatLE(second) + 2, second);
  const moved = join(scratch, 'moved.safetensors');
  await writeFile(moved, bytes);
  const comparisons = await compareWithBase(moved, base);
  expect(comparisons.filter(({ relation }) => relation !== 'identical')).toEqual([{ name: 'classes.bias', relation: 'moved', distance: 2 }]);
});

test('models with a graph are compared too', async () => {
  const base = join(fixtures, 'keras3.h5');
  const [file] = await (await openModel(base)).write(new Map([['shared/bias', Float32Array.of(9, 9, 9, 9)]]));
  const path = join(scratch, 'keras3.h5');
  await writeFile(path, file?.bytes ?? '');
  const comparisons = await compareWithBase(path, base);
  expect(comparisons.filter(({ relation }) => relation === 'moved').map(({ name }) => name)).toEqual(['shared/bias']);
});

test('another precision proves nothing, and a base with other names is refused', async () => {
  const comparisons = await compareWithBase(join(fixtures, 'torch/model.safetensors'), join(fixtures, 'torch/brain.safetensors'));
  expect(comparisons.find(({ name }) => name === 'classes.bias')).toEqual({ name: 'classes.bias', relation: 'unlike', distance: undefined });
  await expect(compareWithBase(join(fixtures, 'torch/model.safetensors'), join(fixtures, 'keras3.h5'))).rejects.toMatchObject({ code: 'base-unrelated' });
});
