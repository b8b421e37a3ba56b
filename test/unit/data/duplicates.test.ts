import { describe, expect, test } from 'vitest';
import { complement, forgottenInEvaluation, joinDecisions, recordsEqualTo, resolveDuplicates } from '../../../src/data/duplicates';
import { MemoryStore } from '../../../src/data/feature-store';
import { StoredDataset } from '../../../src/data/stored-dataset';
import { userError } from './sources';

/** One record for each pair of a feature and a label. */
function dataset(...records: readonly (readonly [number, number])[]): StoredDataset {
  return new StoredDataset({
    features: new MemoryStore(Float32Array.from(records, ([feature]) => feature)),
    labels: Int32Array.from(records, ([, label]) => label),
    featureShape: [1],
    scale: { subtract: Float64Array.of(0), divide: Float64Array.of(1) },
  });
}

// Records 1 and 4 equal record 0; record 2 differs from it in the label, record 3 in the feature; 5 equals 3.
const data = dataset([0.5, 1], [0.5, 1], [0.5, 2], [0.25, 1], [0.5, 1], [0.25, 1]);

describe('exact duplicates of forgotten records in the retain set', () => {
  test('refuse the run unless the request decides', async () => {
    const error = await userError(resolveDuplicates(data, Uint32Array.of(0)), 'duplicate-in-retain');
    expect(error.field).toBe('duplicates');
    expect(error.message).toContain('2 of the records');
    expect(error.message).toContain('record 1, 4');
  });

  test('are forgotten too when the request says so', async () => {
    expect(await resolveDuplicates(data, Uint32Array.of(0), 'forget')).toEqual({ policy: 'forget', forget: Uint32Array.of(0, 1, 4), duplicates: Uint32Array.of(1, 4), kept: 0 });
  });

  test('are counted when the request keeps them', async () => {
    expect(await resolveDuplicates(data, Uint32Array.of(0, 3), 'keep')).toEqual({ policy: 'keep', forget: Uint32Array.of(0, 3), duplicates: Uint32Array.of(1, 4, 5), kept: 3 });
  });

  test('are none where all equal records are forgotten anyway', async () => {
    expect(await resolveDuplicates(data, Uint32Array.of(0, 1, 4))).toEqual({ policy: 'refuse', forget: Uint32Array.of(0, 1, 4), duplicates: new Uint32Array(), kept: 0 });
  });

  test('must leave something to keep', async () => {
    await userError(resolveDuplicates(dataset([1, 1], [1, 1]), Uint32Array.of(0), 'forget'), 'forget-everything');
  });
});

test('forgotten records in the evaluation data are found whatever else is in it', async () => {
  const evaluation = dataset([0.25, 1], [7, 1], [0.5, 2], [0.5, 1]);
  expect(await forgottenInEvaluation(data, Uint32Array.of(0, 3), evaluation)).toEqual(Uint32Array.of(0, 3));
});

test('records equal to others are found, and so are others that none equals', async () => {
  const handedIn = dataset([0.25, 1], [9, 9], [0.5, 2]);
  expect(await recordsEqualTo(data, handedIn)).toEqual({ records: Uint32Array.of(2, 3, 5), unmatched: Uint32Array.of(1) });
});

test('two decisions in a row report the duplicates of both', async () => {
  const first = await resolveDuplicates(data, Uint32Array.of(0), 'forget');
  const second = await resolveDuplicates(data, Uint32Array.of(0, 1, 3, 4), 'forget');
  expect(joinDecisions(first, second)).toEqual({ policy: 'forget', forget: Uint32Array.of(0, 1, 3, 4, 5), duplicates: Uint32Array.of(1, 4, 5), kept: 0 });
});

test('the complement of a set of records is all others, in order', () => {
  expect(complement(5, Uint32Array.of(0, 3))).toEqual(Uint32Array.of(1, 2, 4));
  expect(complement(2, new Uint32Array())).toEqual(Uint32Array.of(0, 1));
});
