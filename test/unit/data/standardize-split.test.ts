import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../src/data/feature-store';
import { StoredDataset } from '../../../src/data/stored-dataset';
import { splitByShare } from '../../../src/data/split';

function dataset(records: readonly (readonly number[])[]): StoredDataset {
  const width = records[0]?.length ?? 0;
  return new StoredDataset({
    features: new MemoryStore(Float32Array.from(records.flat())),
    labels: new Int32Array(records.length),
    featureShape: [width],
    scale: { subtract: new Float64Array(width), divide: new Float64Array(width).fill(1) },
  });
}

describe('standardization', () => {
  // Features of records 0 to 2: 1, 2, 3 (mean 2, variance 2/3), and 5, 5, 5 (constant). Record 3 is not to be looked at.
  const data = dataset([[1, 5], [2, 5], [3, 5], [1000, -1000]]);
  const onThree = Uint32Array.of(0, 1, 2);

  test('uses the given records alone', async () => {
    expect(await data.standardization(onThree)).toEqual({ subtract: [2, 5], divide: [Math.sqrt(2 / 3), 1] });
  });

  test('changes what is read and nothing else', async () => {
    const scaled = data.rescaled(await data.standardization(onThree));
    // (1 - 2) / sqrt(2/3) = -sqrt(1.5), in float32
    expect(Array.from((await scaled.read(Uint32Array.of(0, 1))).features)).toEqual([Math.fround(-Math.sqrt(1.5)), 0, 0, 0]);
    expect(await scaled.digests()).toEqual(await data.digests());
    expect(() => data.rescaled({ subtract: [1], divide: [1] })).toThrow(RangeError);
  });
});

describe('a seeded share for evaluation', () => {
  const records = Array.from({ length: 2000 }, (_, record) => [record / 8]);
  const data = dataset(records);

  test('has about that size, is the same again, and another one under another seed', async () => {
    const { training, evaluation } = await splitByShare(data, { share: 0.25, seed: 3 });
    expect([...training, ...evaluation].sort((a, b) => a - b)).toEqual(Array.from(records.keys()));
    // Mean 500, standard deviation sqrt(2000 · 0.25 · 0.75) = 19.4: within five of them.
    expect(Math.abs(evaluation.length - 500)).toBeLessThan(97);
    expect(await splitByShare(data, { share: 0.25, seed: 3 })).toEqual({ training, evaluation });
    expect((await splitByShare(data, { share: 0.25 })).evaluation).not.toEqual(evaluation);
  });

  test('keeps equal records together and moves no other when records go', async () => {
    const twice = await splitByShare(dataset([...records, ...records]), { share: 0.5 });
    const sides = new Set(twice.evaluation);
    expect(Array.from(records.keys()).every((record) => sides.has(record) === sides.has(record + 2000))).toBe(true);
    const once = await splitByShare(dataset(records.slice(0, 100)), { share: 0.5 });
    expect(once.evaluation).toEqual(twice.evaluation.filter((record) => record < 100));
  });

  test('lies between nothing and everything', async () => {
    for (const share of [0, 1, NaN]) await expect(splitByShare(data, { share })).rejects.toThrow(RangeError);
  });
});
