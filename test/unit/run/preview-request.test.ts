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

  it('lets nothing of the data command the terminal', () => {
    expect(shorten('a\u001b[31m\nb\u0007')).toBe('a·[31m b·');
    expect(shorten('x'.repeat(50))).toBe(`${'x'.repeat(39)}…`);
  });
});
