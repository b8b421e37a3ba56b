import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import type { Predicate } from '../../src/certificate/statement';
import { passes } from '../../src/certificate/verify';
import { openModel } from '../../src/model/open-model';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun, type Completed } from '../../src/run/start-run';

/** Keras models with statistics of their records, and with boundaries of bins (test/fixtures/models/make_tabular.py). */

const { privateKey, publicKey } = createKeyPair();
const count = 400;
let folder: string;

const measurements = (record: number): readonly [number, number, number] => [170 + 10 * Math.sin(record * 0.7), 70 + 15 * Math.sin(record * 1.3 + 1), 40 + 20 * Math.sin(record * 0.31)];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'buffers-'));
  for (const name of ['tabular.h5', 'binned.h5']) cpSync(join('test', 'fixtures', 'models', name), join(folder, name));
  const rows = Array.from({ length: count }, (_, record) => {
    const [height, weight, age] = measurements(record);
    return [record, height, weight, age, weight / height + age / 200 > 0.62 ? 1 : 0].join(',');
  });
  writeFileSync(join(folder, 'people.csv'), ['person,height,weight,age,answer', ...rows].join('\n'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function request(model: string, change: object = {}): string {
  const path = join(folder, 'people.unlearn.json');
  writeFileSync(path, JSON.stringify({
    version: 1,
    model,
    data: { train: { format: 'csv', path: 'people.csv', features: ['height', 'weight', 'age'], label: 'answer' } },
    forget: { where: 'person < 40' },
    target: { epsilon: 8, delta: 1e-5 },
    method: { name: 'layered-gradient-clipping', batchSize: 64 },
    recovery: { epochs: 30, learningRate: 0.1 },
    ...change,
  }));
  return path;
}

async function unlearn(path: string): Promise<{ readonly completed: Completed; readonly predicate: Predicate }> {
  const completed = await startRun(path, { signer: signerFromPem(privateKey), engineEntry: join('dist', 'engine.js'), overwrite: true });
  const verification = await checkCertificate(completed.certificate, [publicKey]);
  expect(passes(verification)).toBe(true);
  if (verification.statement === undefined) throw new Error('no statement');
  return { completed, predicate: verification.statement.predicate };
}

async function tensor(file: string, name: string): Promise<number[]> {
  return Array.from((await openModel(file)).graph.tensors.get(name)?.values ?? [], Number);
}

describe('statistics that a model took from its records', () => {
  it('are taken from the retained ones instead, and the certificate says so', async () => {
    const { completed, predicate } = await unlearn(request('tabular.h5'));
    const recomputed = predicate.coverage.filter(({ treatment }) => treatment === 'recomputed');
    expect(recomputed.map(({ tensor: name }) => name).sort()).toEqual(['count:0', 'mean:0', 'variance:0']);
    expect(recomputed.every(({ why }) => why.includes('taken from the retain set alone'))).toBe(true);
    expect(predicate.assumptions[0]).toMatchObject({ id: 1, status: 'enforced' });
    expect(predicate.assumptions[0]?.enforcement).toContain('Mean and variance of the records (layers: 1) were taken from the retain set alone');

    // The records are kept from 40 on. Features and results are float32: relative to values near 200, 2^-24 is 1e-5.
    const kept = Array.from({ length: count - 40 }, (_, index) => measurements(index + 40));
    const expected = [0, 1, 2].map((column) => kept.reduce((sum, row) => sum + (row[column] ?? 0), 0) / kept.length);
    const mean = await tensor(completed.model, 'mean:0');
    mean.forEach((value, column) => expect(Math.abs(value - (expected[column] ?? NaN))).toBeLessThan(2e-5));
    const variance = await tensor(completed.model, 'variance:0');
    variance.forEach((value, column) => {
      const exact = kept.reduce((sum, row) => sum + ((row[column] ?? 0) - (expected[column] ?? 0)) ** 2, 0) / kept.length;
      expect(Math.abs(value / exact - 1)).toBeLessThan(1e-5);
    });
    expect(await tensor(completed.model, 'count:0')).toEqual([360]);
    expect(mean).not.toEqual(await tensor(join(folder, 'tabular.h5'), 'mean:0'));
    // Always the commoner answer would be right for 194 of the 360.
    expect(completed.metrics?.afterRecovery.retain.accuracy).toBeGreaterThan(0.75);
  });
});

describe('numbers that a configuration states', () => {
  const names = ['known/mean', 'known/variance', 'bins/bin_boundaries'];
  const declared = names.map((name) => ({ name, reason: 'from the manual of the instrument' }));

  it('stop the run where nothing speaks for them', async () => {
    await expect(unlearn(request('binned.h5'))).rejects.toMatchObject({ code: 'buffer-uncovered', message: /the tensor known\/mean was computed from training data/ });
    await expect(unlearn(request('binned.h5', { publicBuffers: declared.slice(0, 2) }))).rejects.toMatchObject({ code: 'buffer-uncovered', message: /bins\/bin_boundaries/ });
  });

  it('stay on the word of the signer, which the certificate states as that', async () => {
    const { predicate } = await unlearn(request('binned.h5', { publicBuffers: declared }));
    expect(predicate.coverage.filter(({ treatment }) => treatment === 'public').map(({ tensor: name, why }) => [name, why])).toEqual(names.map((name) => [name, 'on the word of the signer: from the manual of the instrument']));
    expect(predicate.assumptions[0]?.status).toBe('stated');
    expect(predicate.limits.some((limit) => limit.startsWith('known/mean, known/variance, bins/bin_boundaries were left as in the original model.'))).toBe(true);
  });

  it('stay where a public base states the same', async () => {
    const path = join(folder, 'base.h5');
    const model = await openModel(join(folder, 'binned.h5'));
    // A base that differs in the trained weights alone.
    const changed = new Map([...model.graph.tensors.values()].filter(({ role }) => role === 'parameter').map(({ name, values }) => [name, (values as Float32Array).map((value) => value * 0.5 + 0.01)]));
    const [file] = await model.write(changed);
    writeFileSync(path, file?.bytes ?? '');
    const { predicate } = await unlearn(request('binned.h5', { base: 'base.h5' }));
    expect(predicate.coverage.filter(({ treatment }) => treatment === 'public').map(({ tensor: name, why }) => [name, why])).toEqual(names.map((name) => [name, 'bit-identical to the public base, so nothing in it was learned from the data']));
  });

  it('cannot be declared for what is no such tensor: parameters are always noised', async () => {
    await expect(unlearn(request('tabular.h5', { publicBuffers: [{ name: 'hidden/kernel:0', reason: 'no' }] }))).rejects.toMatchObject({ code: 'buffer-unknown' });
  });
});
