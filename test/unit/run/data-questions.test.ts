import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForgetPreviewer } from '../../../src/run/forget-previewer';
import { inspectData } from '../../../src/run/inspect-data';

let folder: string;
const never = new AbortController().signal;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'questions-'));
  writeFileSync(join(folder, 'people.csv'), 'age,who,label\n30,ann,0\n40,bob,1\n50,ann,1\n60,,0\n');
  cpSync('examples/mnist', join(folder, 'mnist'), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the inspection of the data of a request', () => {
  it('shows a table before its columns are chosen', async () => {
    const report = await inspectData({ source: { format: 'csv', path: 'people.csv' }, folder, field: 'data.train' });
    expect(report.table?.rows).toBe(4);
    expect(report.table?.columns.map(({ name, type, numeric }) => [name, type, numeric])).toEqual([['age', 'BIGINT', true], ['who', 'VARCHAR', false], ['label', 'BIGINT', true]]);
    expect(report.problems).toEqual([]);
  });

  it('shows features, labels and whose they are', async () => {
    const source = { format: 'idx', features: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz', records: 'contributors.csv' };
    const report = await inspectData({ source, folder: join(folder, 'mnist'), field: 'data.train' });
    expect(report.features).toEqual([{ key: undefined, type: 'uint8', shape: [4000, 28, 28] }]);
    expect(report.labels).toEqual([{ key: undefined, type: 'uint8', shape: [4000] }]);
    expect(report.table?.columns.map(({ name }) => name)).toEqual(['record', 'contributor']);
  });

  it('says what is wrong with one part and still shows the others', async () => {
    const source = { format: 'idx', features: 'train-images-idx3-ubyte.gz', labels: 'nowhere', records: 'contributors.csv' };
    const report = await inspectData({ source, folder: join(folder, 'mnist'), field: 'data.train' });
    expect(report.problems).toMatchObject([{ code: 'file-missing', field: 'data.train.labels', file: 'nowhere' }]);
    expect(report.features).toHaveLength(1);
    expect(report.table?.rows).toBe(4000);
  });

  it('lists the tables of a database, and asks which where there are several', async () => {
    cpSync('test/fixtures/data/small.sqlite', join(folder, 'small.sqlite'));
    const report = await inspectData({ source: { format: 'sqlite', path: 'small.sqlite' }, folder, field: 'data.train' });
    expect(report.tables?.length).toBeGreaterThan(1);
    expect(report.problems).toMatchObject([{ code: 'table-missing', field: 'data.train.table' }]);
    const chosen = await inspectData({ source: { format: 'sqlite', path: 'small.sqlite', table: report.tables?.[0] }, folder, field: 'data.train' });
    expect(chosen.table?.columns.length).toBeGreaterThan(0);
  });

  it.each([undefined, null, 'text', {}, { format: 'csv' }, { format: 'none', path: 'people.csv' }])('of %j is empty', async (source) => {
    expect(await inspectData({ source, folder, field: 'data.train' })).toMatchObject({ table: undefined, features: undefined, problems: [] });
  });
});

describe('the preview of a selection that is being written', () => {
  const source = { format: 'csv', path: 'people.csv', label: 'label', features: ['age'] };

  it('counts each way by itself and all together, with first rows and classes', async () => {
    const previewer = new ForgetPreviewer();
    const forget = { where: 'age > 35', rows: [0], requests: [{ reference: 'T-1', ids: { column: 'who', values: ['ann'] } }] };
    const preview = await previewer.preview({ source, forget, folder }, never);
    // 40, 50, 60 by age; 30 by number; 30 and 50 by name: all four.
    expect(preview?.parts).toEqual([
      { field: 'forget.rows', records: 1, error: undefined }, { field: 'forget.where', records: 3, error: undefined }, { field: 'forget.requests[0].ids', records: 2, error: undefined },
    ]);
    expect(preview).toMatchObject({ forgotten: 4, kept: 0, balance: [{ label: 0, forgotten: 2, kept: 0 }, { label: 1, forgotten: 2, kept: 0 }], unlabelled: undefined });
    expect(preview?.rows[0]).toEqual(['0', '30', 'ann', '0']);
    previewer.close();
  });

  it('says what is wrong beside what can be counted', async () => {
    const previewer = new ForgetPreviewer();
    const forget = { where: 'agee > 35', rows: [1], ids: { column: 'who' }, requests: [{ where: 'age >' }] };
    const preview = await previewer.preview({ source, forget, folder }, never);
    expect(preview?.forgotten).toBe(1);
    const errors = new Map(preview?.parts.map(({ field, error }) => [field, error?.code]));
    expect(errors.get('forget.where')).toBe('predicate-failed');
    expect(errors.get('forget.ids')).toBe('ids-empty');
    expect(errors.get('forget.requests[0].where')).toBe('predicate-syntax');
    expect(preview?.parts.find(({ field }) => field === 'forget.where')?.error?.message).toContain('age, who, label');
    previewer.close();
  });

  it('counts before the label is chosen, and says why a label gives no classes', async () => {
    const previewer = new ForgetPreviewer();
    const forget = { where: `who = 'ann'` };
    expect(await previewer.preview({ source: { format: 'csv', path: 'people.csv' }, forget, folder }, never)).toMatchObject({ forgotten: 2, kept: 2, balance: [], unlabelled: undefined });
    expect(await previewer.preview({ source: { ...source, label: 'who' }, forget, folder }, never)).toMatchObject({ forgotten: 2, balance: [], unlabelled: { code: 'label-not-integer' } });
    previewer.close();
  });

  it('sees a file that has changed in between', async () => {
    const previewer = new ForgetPreviewer();
    writeFileSync(join(folder, 'changing.csv'), 'age,label\n1,0\n2,1\n');
    const changing = { ...source, path: 'changing.csv' };
    expect((await previewer.preview({ source: changing, forget: { where: 'age > 1' }, folder }, never))?.forgotten).toBe(1);
    writeFileSync(join(folder, 'changing.csv'), 'age,label\n1,0\n2,1\n3,1\n');
    expect((await previewer.preview({ source: changing, forget: { where: 'age > 1' }, folder }, never))?.forgotten).toBe(2);
    previewer.close();
  });

  it('compares with the records that a person handed in', async () => {
    const previewer = new ForgetPreviewer();
    writeFileSync(join(folder, 'mine.csv'), 'age,label\n50,1\n');
    const preview = await previewer.preview({ source, forget: { equalTo: { ...source, path: 'mine.csv' } }, folder }, never);
    expect(preview).toMatchObject({ forgotten: 1, rows: [['2', '50', 'ann', '1']] });
    previewer.close();
  });

  it('stops a condition that takes long, and answers the next question', async () => {
    const previewer = new ForgetPreviewer();
    const abort = new AbortController();
    // A cross product of four tables of 4,000 rows has 256 · 10¹² rows: longer than anybody waits.
    const images = { format: 'idx', features: 'mnist/train-images-idx3-ubyte.gz', labels: 'mnist/train-labels-idx1-ubyte.gz', records: 'mnist/contributors.csv' };
    const slow = 'record < (select count(*) from records a, records b, records c, records d where a.record + b.record + c.record + d.record > 3)';
    const asked = previewer.preview({ source: images, forget: { where: slow }, folder }, abort.signal);
    setTimeout(() => abort.abort(), 400);
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    expect((await previewer.preview({ source: images, forget: { where: `contributor = 'c17'` }, folder }, never))?.forgotten).toBe(100);
    previewer.close();
  });

  it('answers one question after the other, and those that were withdrawn not at all', async () => {
    const previewer = new ForgetPreviewer();
    const withdrawn = new AbortController();
    const ask = (where: string, signal = never): ReturnType<typeof previewer.preview> => previewer.preview({ source, forget: { where }, folder }, signal);
    const [first, second, third] = [ask('age > 30'), ask('age > 40', withdrawn.signal), ask('age > 50')];
    withdrawn.abort();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    expect([(await first)?.forgotten, (await third)?.forgotten]).toEqual([3, 1]);
    previewer.close();
  });

  it('is none while the source names no file', async () => {
    expect(await new ForgetPreviewer().preview({ source: { format: 'csv' }, forget: {}, folder }, never)).toBeUndefined();
  });
});
