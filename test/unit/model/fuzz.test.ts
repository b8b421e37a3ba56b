import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectModel } from '../../../src/model/inspect-model';
import { models } from '../../fuzz/models';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuzz-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const { seedCount, caseOf } = models;
/** Ten thousand, in processes of their own with their time and memory watched, are a command: `npm run fuzz`. */
const rounds = 9;

test(`${rounds * seedCount} damaged files of all formats each give a typed error or a model, and none spoils the next`, async () => {
  const outcomes = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    for (let seed = 0; seed < seedCount; seed += 1) {
      const { seed: model, files, examine } = await caseOf(seed, round);
      const folder = await mkdtemp(join(scratch, 'case-'));
      for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
      const outcome = await examine(folder).catch((error: unknown) => {
        throw new Error(`${model}, ${seed}:${round}`, { cause: error });
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  expect(outcomes.get('model')).toBeGreaterThan(0);
  expect(outcomes.get('model-damaged')).toBeGreaterThan(0);
  // A good file, in the process that opened all those damaged ones.
  const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
  for (const name of ['layers.h5', 'keras3.keras', 'torch/traced.onnx']) expect((await inspectModel(join(fixtures, name))).obstacle).toBeUndefined();
}, 600_000);
