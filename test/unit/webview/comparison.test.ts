import { beforeAll, describe, expect, it } from 'vitest';
import type { ComparedCertificate, ComparedRun } from '../../../src/protocol/comparison-messages';
import { createStatement, type StatementInput } from '../../../src/certificate/create-statement';
import { describeCertificate } from '../../../src/certificate/describe';
import { verifyCertificate } from '../../../src/certificate/verify';
import { compareCertificates } from '../../../webview/comparison/compare-certificates';
import { compareRuns } from '../../../webview/comparison/compare-runs';
import { differs, flattened, type Group, type Row } from '../../../webview/comparison/groups';
import { ranges } from '../../../webview/report/facts';
import { exampleInput, keys, modelFiles, signed } from '../certificate/example';

async function certificate(name: string, changes: Partial<StatementInput> = {}): Promise<ComparedCertificate> {
  const verification = await verifyCertificate(await signed(createStatement(exampleInput(changes))), { trustedKeys: [keys.publicKey], modelFiles });
  const { outcome, verdicts } = describeCertificate(verification);
  return { name, path: name, outcome, verdicts, signer: verification.signer, statement: verification.statement };
}

function rowsIn(groups: readonly Group[]): ReadonlyMap<string, Row> {
  return new Map(groups.flatMap(({ rows }) => rows).map((row) => [row.label, row]));
}

const differing = (groups: readonly Group[]): string[] => groups.flatMap(({ rows }) => rows).filter(differs).map(({ label }) => label);

describe('two certificates side by side', () => {
  let same: ComparedCertificate;
  beforeAll(async () => {
    same = await certificate('a');
  });

  it('differ in nothing if they say the same, whatever the signature', async () => {
    expect(differing(compareCertificates([same, await certificate('b')]))).toEqual([]);
  });

  it('time and commitments never count as a difference', async () => {
    const later = await certificate('b', { finishedOn: new Date('2026-01-01T00:00:00Z') });
    const groups = compareCertificates([same, later]);
    expect(differing(groups)).toEqual([]);
    expect(rowsIn(groups).get('Finished')).toMatchObject({ left: '2025-11-23T08:00:00.000Z', right: '2026-01-01T00:00:00.000Z', always: true });
  });

  it('tell what was promised, on how many records, and which tensors are treated in another way', async () => {
    const [kernel, bias, , ...rest] = exampleInput().coverage;
    if (kernel === undefined || bias === undefined) throw new Error('the example has tensors');
    const other = await certificate('b', {
      target: { epsilon: 2, delta: 1e-5, reference: 'retrained' },
      data: { ...exampleInput().data, retain: { ...exampleInput().data.retain, count: 50_000 } },
      coverage: [kernel, bias, { tensor: 'normalization/mean', shape: [784], count: 784, treatment: 'public', why: 'of the base' }, ...rest],
      // That a base is public is the word of the signer.
      assumptions: exampleInput().assumptions.map((assumption) => (assumption.id === 1 ? { ...assumption, status: 'stated' } : assumption)),
      metrics: {},
    });
    const groups = compareCertificates([same, other]);
    const rows = rowsIn(groups);
    expect(rows.get('ε')).toMatchObject({ left: '1', right: '2' });
    expect(rows.get('Retained records')).toMatchObject({ left: '59,993', right: '50,000' });
    expect(rows.get('normalization/mean')).toMatchObject({ left: '784, recomputed, computed from the retained data after the run', right: '784, public, of the base' });
    expect(rows.get('Accuracy on evaluation records')).toMatchObject({ left: '90.00 %', right: undefined });
    expect(rows.get('δ')).toMatchObject({ left: '1e-5', right: '1e-5' });
    expect(differing(groups)).not.toContain('Noise σ');
  });

  it('one that cannot be read is beside the other with its verdicts alone', async () => {
    const damaged = await verifyCertificate(Buffer.from('{'), { trustedKeys: [keys.publicKey] });
    const { outcome, verdicts } = describeCertificate(damaged);
    const groups = compareCertificates([same, { name: 'b', path: 'b', outcome, verdicts, signer: undefined, statement: undefined }]);
    expect(rowsIn(groups).get('Signature valid')).toMatchObject({ left: 'holds', right: 'fails' });
    expect(rowsIn(groups).get('ε')).toMatchObject({ left: '1', right: undefined });
  });
});

describe('two runs side by side', () => {
  const sets = { retain: { count: 10, loss: 1, accuracy: 0.5 }, forget: { count: 2, loss: 2, accuracy: 0.25 } };
  const run = (name: string, epsilon: number, accuracy: number): ComparedRun => ({ name, report: {
    statement: '', requestFile: 'a.unlearn.json', request: { target: { epsilon, delta: 1e-5 }, method: { name: 'retrain' } }, target: { epsilon, delta: 1e-5 },
    metrics: { before: sets, afterNoise: sets, afterRecovery: { ...sets, retain: { count: 10, loss: 1, accuracy } } },
    engine: { name: 'onnxruntime', versions: {} }, records: { total: 12, forgotten: [1, 2], duplicates: 0, unmatchedIds: [], forgottenInEvaluation: 0 }, seconds: accuracy, course: undefined,
  } });

  it('tell which parameters differ, by their names in the request, and what came out', () => {
    const groups = compareRuns([run('a', 1, 0.5), run('b', 4, 0.75)]);
    expect(differing(groups)).toEqual(['Accuracy on retained records', 'target.epsilon']);
    expect(rowsIn(groups).get('Accuracy on retained records')).toMatchObject({ left: '50.00 %', right: '75.00 %' });
  });
});

describe('a request as lines', () => {
  it('has every value by its path; a list of plain values is one', () => {
    expect([...flattened({ a: { b: 1, c: 'x' }, d: [1, 2], e: [{ f: null }], g: undefined })]).toEqual([['a.b', '1'], ['a.c', 'x'], ['d', '[1,2]'], ['e.0.f', 'null']]);
  });
});

describe('numbers of records', () => {
  it.each([[[], ''], [[3], '3'], [[1, 2, 3, 7, 9, 10], '1–3, 7, 9–10']])('%j are shown as "%s"', (numbers, expected) => {
    expect(ranges(numbers)).toBe(expected);
  });

  it('are cut where there are too many to read', () => {
    expect(ranges([0, 2, 4, 6], 2)).toBe('0, 2, …');
  });
});
