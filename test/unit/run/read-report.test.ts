import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readReport } from '../../../src/run/read-report';

const sets = { retain: { count: 10, loss: 1, accuracy: 0.5 }, forget: { count: 2, loss: 2, accuracy: 0.25 } };
const report = {
  statement: 'a'.repeat(64), requestFile: 'a.unlearn.json', request: { model: 'model.json', target: { delta: 1e-5 } },
  plan: { target: { epsilon: 1, delta: 1e-5 } },
  metrics: { before: sets, afterNoise: sets, afterRecovery: sets },
  engine: { name: 'onnxruntime', versions: { 'onnxruntime-node': '1.30.0' }, reason: 'the faster one' },
  records: { total: 12, forgotten: [3, 7], duplicates: [7], unmatchedIds: ['x'], forgottenInEvaluation: 1 },
  seconds: 3,
};
const course = { startedAt: '2026-02-03T04:05:06.000Z', finishedAt: '2026-02-03T04:05:09.000Z', phases: [{ phase: 'loading', seconds: 3 }], losses: [{ phase: 'noisy', step: 1, loss: 2 }], peakMemory: 1e9 };

let folder: string;
const file = (): string => join(folder, 'report.json');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a private report', () => {
  it('is read with the course of the run beside it, duplicates as their number', async () => {
    writeFileSync(file(), JSON.stringify(report));
    writeFileSync(join(folder, 'course.json'), JSON.stringify(course));
    expect(await readReport(file())).toEqual({ ...report, plan: undefined, target: report.plan.target, records: { ...report.records, duplicates: 1 }, course });
  });

  it('is read without a course, and without metrics where the model could not be run', async () => {
    writeFileSync(file(), JSON.stringify({ ...report, metrics: undefined, engine: undefined, records: { total: 12, forgotten: [] } }));
    expect(await readReport(file())).toMatchObject({ metrics: undefined, engine: undefined, course: undefined, records: { duplicates: 0, unmatchedIds: [], forgottenInEvaluation: 0 } });
  });

  it.each([['not JSON', '{'], ['another file', '{"statement": 1}']])('says so if it is %s', async (_, text) => {
    writeFileSync(file(), text);
    await expect(readReport(file())).rejects.toMatchObject({ code: 'report-damaged', file: file() });
  });

  it('says so if it is not there', async () => {
    await expect(readReport(file())).rejects.toMatchObject({ code: 'report-missing' });
  });
});
