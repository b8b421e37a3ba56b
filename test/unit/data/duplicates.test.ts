import { describe, expect, test } from 'vitest';
import { complement, forgottenInEvaluation, recordsEqualTo, resolveDuplicates } from '../../../src/data/duplicates';
import { Decisions, openDecisions } from '../../../src/data/decisions';
import { MemoryStore } from '../../../src/data/feature-store';
import { StoredDataset } from '../../../src/data/stored-dataset';
import { thrownUserError, useFolder, userError } from './sources';

const folder = useFolder();

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
    expect(await resolveDuplicates(data, Uint32Array.of(0), { policy: 'forget' })).toEqual({ policy: 'forget', forget: Uint32Array.of(0, 1, 4), duplicates: Uint32Array.of(1, 4), kept: 0, groups: [{ kind: 'exact', group: 0, records: [1, 4], decision: 'forget' }] });
  });

  test('are counted when the request keeps them', async () => {
    expect(await resolveDuplicates(data, Uint32Array.of(0, 3), { policy: 'keep' })).toMatchObject({ policy: 'keep', forget: Uint32Array.of(0, 3), duplicates: Uint32Array.of(1, 4, 5), kept: 3 });
  });

  test('are none where all equal records are forgotten anyway', async () => {
    expect(await resolveDuplicates(data, Uint32Array.of(0, 1, 4))).toEqual({ policy: 'refuse', forget: Uint32Array.of(0, 1, 4), duplicates: new Uint32Array(), kept: 0, groups: [] });
  });

  test('must leave something to keep', async () => {
    await userError(resolveDuplicates(dataset([1, 1], [1, 1]), Uint32Array.of(0), { policy: 'forget' }), 'forget-everything');
  });

  test('of records that came to be forgotten later are added, and what was decided before stays', async () => {
    const first = await resolveDuplicates(data, Uint32Array.of(0), { policy: 'keep' });
    // Record 3 now is forgotten too, and 5 equals it. That 1 and 4 equal 0 is settled.
    expect(await resolveDuplicates(data, Uint32Array.of(0, 3), { policy: 'forget', before: first })).toEqual({
      policy: 'forget', forget: Uint32Array.of(0, 3, 5), duplicates: Uint32Array.of(1, 4, 5), kept: 2,
      groups: [{ kind: 'exact', group: 0, records: [1, 4], decision: 'keep' }, { kind: 'exact', group: 3, records: [5], decision: 'forget' }],
    });
  });
});

describe('a list of decisions', () => {
  const forget = Uint32Array.of(0, 3);

  test('goes before the policy, group by group and record by record', async () => {
    const decisions = new Decisions([{ group: 0, decision: 'forget' }, { records: [4], decision: 'keep' }], data.count);
    const decided = await resolveDuplicates(data, forget, { policy: 'forget', decisions });
    // Of the group of record 0, 1 goes with it and 4 stays; 5, of the group of record 3, goes as the policy says.
    expect(decided).toMatchObject({ policy: 'decided', forget: Uint32Array.of(0, 1, 3, 5), duplicates: Uint32Array.of(1, 4, 5), kept: 1 });
    expect(decided.groups).toEqual([
      { kind: 'exact', group: 0, records: [1], decision: 'forget' },
      { kind: 'exact', group: 0, records: [4], decision: 'keep' },
      { kind: 'exact', group: 3, records: [5], decision: 'forget' },
    ]);
    expect(() => decisions.requireAllUsed()).not.toThrow();
  });

  test('that leaves something open stops the run, naming what is open and nothing else', async () => {
    const decisions = new Decisions([{ group: 0, decision: 'keep' }, { group: 3, decision: null }], data.count);
    const error = await userError(resolveDuplicates(data, forget, { decisions }), 'duplicate-in-retain');
    expect(error.message).toContain('1 of the records that would be kept is exactly equal to a record to forget (record 5)');
    expect(error.remedy).toContain('--decisions FILE');
  });

  test('holds for the records that it names only: a group that has others now is to be decided again', async () => {
    const decide = (records: (number | string)[]): Promise<unknown> => resolveDuplicates(data, forget, { policy: 'keep', decisions: new Decisions([{ kind: 'exact', group: 0, records, decision: 'forget' }], data.count) });
    await expect(decide([1, 4])).resolves.toMatchObject({ forget: Uint32Array.of(0, 1, 3, 4) });
    expect((await userError(decide([1]), 'decision-changed')).message).toContain('record 4');
    expect((await userError(decide(['1-2', 4]), 'decision-changed')).message).toContain('record 2');
  });

  test('that decides of no duplicate, or twice of one, is refused', async () => {
    for (const [entry, about] of [[{ group: 2, decision: 'keep' }, 'forgotten record 2'], [{ records: [2], decision: 'forget' }, 'record 2'], [{ group: 0, kind: 'text', decision: 'keep' }, 'forgotten record 0']] as const) {
      const decisions = new Decisions([entry], data.count, { field: 'decisions' });
      await resolveDuplicates(data, forget, { policy: 'keep', decisions });
      const error = await thrownUserError(() => decisions.requireAllUsed(), 'decision-unused');
      expect(error.message).toContain(about);
      expect(error.field).toBe('decisions[0]');
    }
    await thrownUserError(() => new Decisions([{ records: [1], decision: 'keep' }, { records: ['0-2'], decision: 'keep' }], data.count), 'decision-twice');
    expect(() => new Decisions([{ kind: 'exact', records: [1], decision: 'keep' }, { kind: 'text', records: [1], decision: 'forget' }], data.count)).not.toThrow();
    await thrownUserError(() => new Decisions([{ group: 0, decision: 'keep' }, { group: 0, decision: 'forget' }], data.count), 'decision-twice');
    await thrownUserError(() => new Decisions([{ records: [6], decision: 'keep' }], data.count), 'row-out-of-range');
  });

  test('may be a file, which is one or is refused', async () => {
    const open = async (content: string): Promise<Decisions> => openDecisions(await folder.file('decisions.json', content), data.count, { base: folder.path });
    const decided = await resolveDuplicates(data, forget, { decisions: await open('[{ "kind": "exact", "group": 0, "records": [1, 4], "decision": "keep" }, { "group": 3, "decision": "forget" }]') });
    expect(decided).toMatchObject({ policy: 'decided', kept: 2, forget: Uint32Array.of(0, 3, 5) });
    for (const content of ['{', '{}', '[7]', '[{"decision":"keep"}]', '[{"group":0,"decision":"maybe"}]', '[{"group":0}]', '[{"group":-1,"decision":null}]', '[{"group":0,"kind":"near","decision":null}]', '[{"records":[null],"decision":"keep"}]']) {
      expect((await userError(open(content), 'decision-invalid')).file).toBe('decisions.json');
    }
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

test('the complement of a set of records is all others, in order', () => {
  expect(complement(5, Uint32Array.of(0, 3))).toEqual(Uint32Array.of(1, 2, 4));
  expect(complement(2, new Uint32Array())).toEqual(Uint32Array.of(0, 1));
});
