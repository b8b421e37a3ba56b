import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { openEngine } from '../../../src/engine/engines';
import { withValues } from '../../../src/graph/with-values';
import type { Model } from '../../../src/model/model';
import { openModel } from '../../../src/model/open-model';
import type { LoadedRequest } from '../../../src/request/load-request';
import { headFacts, headInputs, headOf } from '../../../src/run/head';
import { findNormalizations } from '../../../src/run/normalization-statistics';
import { aroundPublicBase } from '../../../src/run/public-centre';

/** A Keras model with two batch normalisations (test/fixtures/models/make_batchnorm.py), its last layer trained further, against itself as a public base. */

let folder: string;
let base: Model;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'public-'));
  cpSync(join('test', 'fixtures', 'models', 'batchnorm.h5'), join(folder, 'base.h5'));
  base = await openModel(join(folder, 'base.h5'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const weight = 'dense_1/kernel:0';
const bias = 'dense_1/bias:0';
const statistic = 'batch_normalization_1/moving_mean:0';
const plusOne = (model: Model, ...names: string[]): Model => ({ ...model, graph: withValues(model.graph, new Map(names.map((name) => [name, Float32Array.from(model.graph.tensors.get(name)?.values ?? [], Number).map((value) => value + 1)]))) });
const loaded = (): LoadedRequest => ({ request: { base: 'base.h5' }, folder }) as unknown as LoadedRequest;
const trainedFrom = (model: Model): ReturnType<typeof aroundPublicBase> => aroundPublicBase(model, [...model.graph.tensors.values()].filter(({ role }) => role === 'parameter'), findNormalizations(model.graph), loaded());

const images: Dataset = {
  count: 40,
  featureShape: [28, 28, 1],
  labelKind: 'class',
  read: (records) => Promise.resolve({ size: records.length, features: Float32Array.from({ length: records.length * 784 }, (_unused, index) => Math.abs(Math.sin(index + 1000 * (records[0] ?? 0)))), labels: Int32Array.from(records, (record) => record % 10) }),
  digests: () => Promise.reject(new Error('not needed')),
};
const retain = Uint32Array.from({ length: 40 }, (_unused, record) => record);

describe('running statistics beside a public base', () => {
  it('are public where they are the base\'s own, and left alone', async () => {
    const { trainable, frozen, statistics } = await trainedFrom(plusOne(base, weight));
    expect(trainable.map(({ name }) => name)).toEqual([weight]);
    expect(statistics).toEqual([]);
    expect(frozen.map(({ name }) => name)).toContain(statistic);
  });

  it('are recomputed where they differ from it', async () => {
    const { frozen, statistics } = await trainedFrom(plusOne(base, weight, statistic));
    expect(statistics.map(({ mean }) => mean)).toEqual([statistic]);
    expect(frozen.map(({ name }) => name)).not.toContain(statistic);
  });

  it('that differ from it never reach the inputs of a linear head: whatever they are, the inputs are the same', async () => {
    const inputsOf = async (model: Model): Promise<{ readonly features: Float32Array; readonly radius: number | undefined }> => {
      const { trainable, statistics, centre } = await trainedFrom(model);
      const inputs = { model, trainable, statistics, centre, loss: 'softmax-cross-entropy', train: images, retain } as const;
      const head = headOf(inputs);
      if (head === undefined) throw new Error('no head');
      return { features: (await (await headInputs(head, inputs, await openEngine('onnxruntime'))).read(retain)).features, radius: (await headFacts(inputs, {}))?.inputRadius };
    };
    const changed = plusOne(base, weight, bias, statistic);
    const once = await inputsOf(changed);
    const twice = await inputsOf(plusOne(changed, statistic));
    expect(twice).toEqual(once);
    // With the base's own statistics the inputs are others: the test would see a difference.
    expect((await inputsOf(plusOne(base, weight, bias))).features).not.toEqual(once.features);
  });
});
