import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Decisions } from '../../../src/data/decisions';
import { MemoryStore } from '../../../src/data/feature-store';
import { StoredDataset } from '../../../src/data/stored-dataset';
import { resolveNearDuplicates } from '../../../src/data/near-duplicate-decision';
import type { NearDuplicateDecision, NearDuplicateSearch } from '../../../src/data/near-duplicate-decision';
import { findNearDuplicates } from '../../../src/data/near-duplicates';
import { openDataset } from '../../../src/data/open-dataset';
import { averageHash, hammingDistance } from '../../../src/data/perceptual-hash';
import type { NearDuplicateSpec, SourceSpec } from '../../../src/data/source-spec';
import { useFolder, userError } from './sources';

const folder = useFolder();

function dataset(records: readonly (readonly number[])[], shape: readonly number[]): StoredDataset {
  const width = records[0]?.length ?? 0;
  return new StoredDataset({
    features: new MemoryStore(Float32Array.from(records.flat())),
    labels: Int32Array.from(records, (_, record) => record),
    featureShape: shape,
    scale: { subtract: new Float64Array(width), divide: new Float64Array(width).fill(1) },
  });
}

describe('records that nearly equal a forgotten one', () => {
  test('are found within a tolerance on every feature, whatever their labels', async () => {
    const data = dataset([[1, 1], [1.25, 0.75], [1, 1.5], [5, -3], [1, 1]], [2]);
    expect(await findNearDuplicates(data, Uint32Array.of(0), { kind: 'numeric', tolerance: 0.25 })).toEqual([{ record: 1, of: 0 }, { record: 4, of: 0 }]);
    expect(await findNearDuplicates(data, Uint32Array.of(0), { kind: 'numeric', tolerance: 0 })).toEqual([{ record: 4, of: 0 }]);
  });

  test('are the same that comparing all pairs gives', async () => {
    const records = fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 })), { minLength: 3, maxLength: 30 });
    await fc.assert(fc.asyncProperty(records, fc.integer({ min: 0, max: 2 }), async (rows, tolerance) => {
      const near = (a: readonly number[], b: readonly number[]): boolean => a.every((value, index) => Math.abs(value - (b[index] ?? 0)) <= tolerance);
      const expected = rows.flatMap((row, record) => (record > 1 && rows.slice(0, 2).some((other) => near(row, other)) ? [record] : []));
      const found = await findNearDuplicates(dataset(rows, [3]), Uint32Array.of(0, 1), { kind: 'numeric', tolerance });
      expect(found.map(({ record }) => record)).toEqual(expected);
      for (const { record, of } of found) expect(near(rows[record] ?? [], rows[of] ?? [])).toBe(true);
    }));
  });

  test('are found among texts with the same words', async () => {
    const texts = ['Hello, World!', 'hello world', 'HELLO  world?', 'hello there', null, '', '...'];
    const data = dataset(texts.map((_, record) => [record]), [1]);
    expect(await findNearDuplicates(data, Uint32Array.of(0), { kind: 'text', texts })).toEqual([{ record: 1, of: 0 }, { record: 2, of: 0 }]);
    expect(await findNearDuplicates(data, Uint32Array.of(5), { kind: 'text', texts })).toEqual([]); // no words resemble nothing
  });

  test('are found among images that differ in brightness and a few pixels', async () => {
    const picture = Array.from({ length: 256 }, (_, pixel) => (pixel % 16 < 8 ? 10 : 200) + Math.floor(pixel / 16));
    const brighter = picture.map((value) => value * 1.2 + 3);
    const touched = picture.map((value, pixel) => (pixel === 100 ? 255 : value));
    const mirrored = picture.map((_, pixel) => picture[255 - pixel] ?? 0);
    const found = await findNearDuplicates(dataset([picture, brighter, touched, mirrored], [16, 16, 1]), Uint32Array.of(0), { kind: 'image', bits: 2 });
    expect(found).toEqual([{ record: 1, of: 0 }, { record: 2, of: 0 }]);
  });
});

describe('the decision on them', () => {
  const source: SourceSpec = { format: 'csv', path: 'mail.csv', label: 'y', features: ['x'] };
  const decide = async (spec: NearDuplicateSpec, more: Pick<NearDuplicateSearch, 'decisions' | 'except'> = {}): Promise<NearDuplicateDecision> => resolveNearDuplicates(await openDataset(source, { base: folder.path }), Uint32Array.of(0), { source, spec, options: { base: folder.path }, ...more });

  beforeAll(async () => {
    await folder.file('mail.csv', 'x,y,body\n1,0,"Hello, you"\n9,1,hello YOU\n1.25,2,bye\n7,3,\n');
  });

  test('is to refuse, to forget them too, or to keep them', async () => {
    const error = await userError(decide({ text: 'body', policy: 'refuse' }), 'near-duplicate-in-retain');
    expect(error.field).toBe('nearDuplicates');
    expect(error.message).toContain('1 resembles 0');
    expect(await decide({ text: 'body', policy: 'forget' })).toEqual({ policy: 'forget', forget: Uint32Array.of(0, 1), found: [{ record: 1, of: 0 }], kept: 0, groups: [{ kind: 'text', group: 0, records: [1], decision: 'forget' }] });
    expect(await decide({ tolerance: 0.5, policy: 'keep' })).toEqual({ policy: 'keep', forget: Uint32Array.of(0), found: [{ record: 2, of: 0 }], kept: 1, groups: [{ kind: 'numeric', group: 0, records: [2], decision: 'keep' }] });
    expect((await decide({ tolerance: 0.1, policy: 'refuse' })).found).toEqual([]);
  });

  test('joins what resembles in any of the ways asked for', async () => {
    expect((await decide({ tolerance: 0.5, text: 'body', policy: 'forget' })).forget).toEqual(Uint32Array.of(0, 1, 2));
    await userError(decide({ tolerance: 100, policy: 'forget' }), 'forget-everything');
  });

  test('may be one for each group, each record found in one way only', async () => {
    const both: NearDuplicateSpec = { tolerance: 0.5, text: 'body', policy: 'refuse' };
    expect((await decide({ ...both, policy: 'keep' })).groups).toEqual([{ kind: 'text', group: 0, records: [1], decision: 'keep' }, { kind: 'numeric', group: 0, records: [2], decision: 'keep' }]);
    const half = new Decisions([{ kind: 'text', group: 0, decision: 'forget' }], 4);
    expect((await userError(decide(both, { decisions: half }), 'near-duplicate-in-retain')).message).toContain('record 2 resembles 0');
    const whole = new Decisions([{ kind: 'text', group: 0, decision: 'forget' }, { records: [2], decision: 'keep' }], 4);
    expect(await decide(both, { decisions: whole })).toMatchObject({ policy: 'decided', forget: Uint32Array.of(0, 1), kept: 1 });
    expect(() => whole.requireAllUsed()).not.toThrow();
  });

  test('is not asked again of exact copies, which were decided as such', async () => {
    expect((await decide({ tolerance: 0.5, text: 'body', policy: 'keep' }, { except: Uint32Array.of(1) })).found).toEqual([{ record: 2, of: 0 }]);
  });

  test('names groups by what was selected, whatever is decided of its exact copies', async () => {
    // Records 1 and 4 are selected. Record 0 is an exact copy of 4 with the words of 1; 2 has these words too, and 3 is within 1 of 0 and 4.
    await folder.file('copies.csv', 'x,y,body\n5,0,hello\n1,0,Hello!\n9,1,HELLO\n6,0,other\n5,0,more\n');
    const copies: SourceSpec = { format: 'csv', path: 'copies.csv', label: 'y', features: ['x'] };
    const dataset = await openDataset(copies, { base: folder.path });
    const groups = async (forget: Uint32Array): Promise<unknown> => (await resolveNearDuplicates(dataset, forget, { source: copies, spec: { tolerance: 1, text: 'body', policy: 'keep' }, options: { base: folder.path }, except: Uint32Array.of(0) })).groups;
    const expected = [{ kind: 'text', group: 1, records: [2], decision: 'keep' }, { kind: 'numeric', group: 4, records: [3], decision: 'keep' }];
    expect(await groups(Uint32Array.of(1, 4))).toEqual(expected); // the copy is kept
    expect(await groups(Uint32Array.of(0, 1, 4))).toEqual(expected); // and forgotten
  });

  test('needs a column of text that exists, and images where images are to be compared', async () => {
    expect((await userError(decide({ text: 'subject', policy: 'keep' }), 'column-missing')).field).toBe('nearDuplicates.text');
    expect((await userError(decide({ imageBits: 3, policy: 'keep' }), 'not-images')).field).toBe('nearDuplicates.imageBits');
  });
});

describe('the perceptual hash', () => {
  test('has a bit for each of 8 × 8 cells, row by row', () => {
    // 8 × 8 pixels, bright at cells 0, 31, 32 and 63.
    const pixels = Float32Array.from({ length: 64 }, (_, cell) => ([0, 31, 32, 63].includes(cell) ? 1 : 0));
    expect(averageHash(pixels, [8, 8])).toEqual(Uint32Array.of(0x80000001, 0x80000001));
  });

  test('is the same with colours first and last', () => {
    const last = Float32Array.from({ length: 16 * 16 * 3 }, (_, index) => (index * 7919) % 251);
    const first = Float32Array.from({ length: 16 * 16 * 3 }, (_, index) => last[(index % 256) * 3 + Math.floor(index / 256)] ?? 0);
    expect(averageHash(first, [3, 16, 16])).toEqual(averageHash(last, [16, 16, 3]));
  });

  test('is compared bit by bit', () => {
    fc.assert(fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (a, b) => {
      const bits = (a ^ b) >>> 0;
      expect(hammingDistance(Uint32Array.of(a, b), Uint32Array.of(b, b))).toBe(bits.toString(2).replaceAll('0', '').length);
    }));
    expect(() => averageHash(new Float32Array(4), [4])).toThrow(RangeError);
  });
});
