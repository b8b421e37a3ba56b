import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shorten } from '../../../src/cli/preview';
import { previewRequest } from '../../../src/run/preview-request';

let folder: string;
const request = (): string => join(folder, 'forget-c17.unlearn.json');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'preview-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the preview of a request', () => {
  it('shows the records of the example without touching the model', async () => {
    rmSync(join(folder, 'model'), { recursive: true });
    const preview = await previewRequest(request(), 2);
    expect(preview).toMatchObject({ forgotten: 100, kept: 3900, copies: 0, columns: ['record', 'record', 'contributor'], requests: [], unmatchedIds: [] });
    expect(preview.rows.map(([, , contributor]) => contributor)).toEqual(['c17', 'c17']);
    expect(preview.balance.reduce((sum, { forgotten }) => sum + forgotten, 0)).toBe(100);
  });

  it('counts what each of several requests selects, ids that nobody has, and copies that the request would refuse', async () => {
    const value = JSON.parse(readFileSync(request(), 'utf8')) as Record<string, unknown>;
    const train = { format: 'csv', path: 'few.csv', label: 'y', features: ['x'] };
    writeFileSync(join(folder, 'few.csv'), 'x,y,who\n1,0,a\n2,1,b\n1,0,c\n');
    const forget = { requests: [{ reference: 'T-1', ids: { column: 'who', values: ['a', 'z'], allowUnmatched: true } }] };
    writeFileSync(request(), JSON.stringify({ ...value, data: { train }, forget }));
    expect(await previewRequest(request(), 1)).toMatchObject({ forgotten: 1, copies: 1, unmatchedIds: ['z'], requests: [{ reference: 'T-1', records: 1 }], rows: [['0', '1', '0', 'a']] });
  });

  it('lists copies and near duplicates by the record they are like, with what the request decides, for a list of decisions', async () => {
    const value = JSON.parse(readFileSync(request(), 'utf8')) as Record<string, unknown>;
    // Record 2 equals record 0, 1 is within 0.1 of it, and 4 within 0.1 of record 3.
    writeFileSync(join(folder, 'few.csv'), 'x,y,who\n1,0,a\n1.05,0,b\n1,0,c\n7,1,a\n7.05,1,d\n9,1,e\n');
    writeFileSync(join(folder, 'test.csv'), 'x,y\n7,1\n3,0\n');
    const train = { format: 'csv', path: 'few.csv', label: 'y', features: ['x'] };
    const write = (more: object): void => writeFileSync(request(), JSON.stringify({ ...value, data: { train, evaluation: { ...train, path: 'test.csv' } }, forget: { ids: { column: 'who', values: ['a'] } }, nearDuplicates: { tolerance: 0.1, policy: 'refuse' }, ...more }));
    write({});
    const groups = [
      { kind: 'exact', group: 0, records: [2], decision: null },
      { kind: 'numeric', group: 0, records: [1], decision: null },
      { kind: 'numeric', group: 3, records: [4], decision: null },
    ];
    expect(await previewRequest(request(), 0)).toMatchObject({ forgotten: 2, copies: 1, nearDuplicates: 2, copiesInEvaluation: 1, groups });
    writeFileSync(join(folder, 'decisions.json'), JSON.stringify(groups.map((group, index) => ({ ...group, decision: index === 1 ? 'keep' : 'forget' }))));
    write({ decisions: 'decisions.json' });
    expect((await previewRequest(request(), 0)).groups.map(({ decision }) => decision)).toEqual(['forget', 'keep', 'forget']);
    // The table changes: the decision on the group of record 3 was made without its new member.
    writeFileSync(join(folder, 'few.csv'), 'x,y,who\n1,0,a\n1.05,0,b\n1,0,c\n7,1,a\n7.05,1,d\n7.06,1,e\n');
    await expect(previewRequest(request(), 0)).rejects.toMatchObject({ code: 'decision-changed', field: 'decisions[2]' });
  });

  it('lists copies of near duplicates once these are to be forgotten, also where they are near duplicates themselves', async () => {
    const value = JSON.parse(readFileSync(request(), 'utf8')) as Record<string, unknown>;
    // Records 1 and 2 are equal but for the words; 1 has those of the forgotten record 0, 2 those of the forgotten record 3.
    writeFileSync(join(folder, 'few.csv'), 'x,y,who,body\n1,0,a,one\n2,0,b,one\n2,0,c,two\n9,1,a,two\n5,1,d,five\n');
    const train = { format: 'csv', path: 'few.csv', label: 'y', features: ['x'] };
    const write = (decisions: readonly object[]): void => writeFileSync(request(), JSON.stringify({ ...value, data: { train }, forget: { ids: { column: 'who', values: ['a'] } }, nearDuplicates: { text: 'body', policy: 'refuse' }, decisions }));
    write([{ group: 0, decision: 'forget' }, { group: 3, decision: 'keep' }]);
    const later = { kind: 'exact', group: 1, records: [2], decision: null };
    expect((await previewRequest(request(), 0)).groups).toEqual([{ kind: 'text', group: 0, records: [1], decision: 'forget' }, { kind: 'text', group: 3, records: [2], decision: 'keep' }, later]);
    write([{ group: 0, decision: 'forget' }, { group: 3, records: [2], kind: 'text', decision: 'keep' }, { ...later, decision: 'keep' }]);
    expect((await previewRequest(request(), 0)).groups.map(({ decision }) => decision)).toEqual(['forget', 'keep', 'keep']);
  });

  it('lets nothing of the data command the terminal', () => {
    expect(shorten('a\u001b[31m\nb\u0007')).toBe('a·[31m b·');
    expect(shorten('x'.repeat(50))).toBe(`${'x'.repeat(39)}…`);
  });
});
