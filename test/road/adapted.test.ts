import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { passes } from '../../src/certificate/verify';
import { openModel } from '../../src/model/open-model';
import { inMemory, readDirectory, readEntry } from '../../src/model/zip/archive';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun } from '../../src/run/start-run';
import keras2 from '../fixtures/models/adapted2.json';
import keras3 from '../fixtures/models/adapted3.json';
import { largestDifference, runGraph } from '../unit/model/run-graph';

/** Keras models with bins, vocabularies and statistics that their layers took from records, behind other layers (test/fixtures/models/make_adapted.py). */

interface Expected {
  /** Keras's probabilities for every twentieth record. */
  readonly output: readonly number[];
  /** What Keras's own layers become when they are adapted to the retained records alone. */
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly boundaries: readonly number[];
  readonly before?: readonly number[];
  readonly vocabulary?: readonly number[];
}

const cases: readonly (readonly [string, Expected])[] = [...Object.entries(keras3), ...Object.entries(keras2)];
const { privateKey, publicKey } = createKeyPair();
let folder: string;

const groupOf = (record: number): number => {
  if (record === 5) return 77;
  if (record === 11) return 78;
  if (record % 5 < 2) return 3;
  return record % 7 < 3 ? 12 : 20 + (record % 4);
};
const records = Array.from({ length: 400 }, (_, record) => [170 + 10 * Math.sin(record * 0.7), 70 + 15 * Math.sin(record * 1.3 + 1), 40 + 20 * Math.sin(record * 0.31), groupOf(record)] as const);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'adapted-'));
  for (const [name] of cases) cpSync(join('test', 'fixtures', 'models', name), join(folder, name));
  const rows = records.map(([height, weight, age, group], record) => [record, height, weight, age, group, weight / height + age / 200 > 0.62 ? 1 : 0].join(','));
  writeFileSync(join(folder, 'people.csv'), ['person,height,weight,age,group,answer', ...rows].join('\n'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function requestOf(model: string, change: object = {}): string {
  const path = join(folder, `${model}.unlearn.json`);
  writeFileSync(path, JSON.stringify({
    version: 1,
    model,
    data: { train: { format: 'csv', path: 'people.csv', features: ['height', 'weight', 'age', 'group'], label: 'answer' } },
    forget: { where: 'person < 40' },
    target: { epsilon: 8, delta: 1e-5 },
    method: { name: 'layered-gradient-clipping', batchSize: 64 },
    recovery: { epochs: 30, learningRate: 0.1 },
    certificate: `${model}.unlearning-certificate.json`,
    ...change,
  }));
  return path;
}

/** The boundaries that the graph compares with: a tensor of the file, or what follows from one. */
async function tensorsOf(file: string): Promise<{ readonly file: readonly (readonly [string, number[]])[]; readonly compared: number[] }> {
  const { graph } = await openModel(file);
  const compared = graph.nodes.find(({ operator }) => operator === 'GreaterOrEqual')?.inputs[1];
  const values = (name: string): number[] => Array.from(graph.tensors.get(name)?.values ?? [], Number);
  return { file: [...graph.tensors.values()].filter(({ role }) => role === 'buffer').map(({ name }) => [name, values(name)]), compared: values(compared ?? '') };
}

async function textIn(file: string, name: string): Promise<string> {
  const archive = inMemory(new Uint8Array(readFileSync(file)));
  const entry = (await readDirectory(archive)).find((found) => found.name === name);
  if (entry === undefined) throw new Error(`no ${name}`);
  return new TextDecoder().decode(await readEntry(archive, entry, 1e6));
}

const asset = 'assets/layers/integer_lookup/vocabulary.txt';

describe.each(cases)('%s', (name, expected) => {
  it('predicts what Keras predicts', async () => {
    const { graph } = await openModel(join('test', 'fixtures', 'models', name));
    const every = records.filter((_, record) => record % 20 === 0);
    const outputs = await runGraph(graph, Float32Array.from(every.flat()), every.length);
    // Probabilities of order one, after standardising numbers of order 80 to a spread of 4: their float32 rounding of 2^-24 becomes 2^-20.
    expect(largestDifference(outputs, expected.output)).toBeLessThan(1e-5);
  });

  it('has its state taken from the retained records alone, as Keras would, and the certificate says so', async () => {
    const completed = await startRun(requestOf(name), { signer: signerFromPem(privateKey), engineEntry: join('dist', 'engine.js'), overwrite: true });
    const verification = await checkCertificate(completed.certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    const predicate = verification.statement?.predicate;

    const original = await tensorsOf(join(folder, name));
    const released = await tensorsOf(completed.model);
    const recomputed = predicate?.coverage.filter(({ treatment }) => treatment === 'recomputed').map(({ tensor }) => tensor);
    expect(recomputed?.sort()).toEqual(original.file.map(([tensor]) => tensor).sort());
    // How many words there were is not unlearned: layers behind the vocabulary have a row for each.
    expect(predicate?.assumptions[0]).toMatchObject({ id: 1, status: expected.vocabulary === undefined ? 'enforced' : 'stated' });
    expect(predicate?.limits.some((limit) => limit.includes('the number of places is that of the original model'))).toBe(expected.vocabulary !== undefined);
    expect(predicate?.assumptions[0]?.enforcement).toContain('Mean and variance of the records (layers: 1) were taken from the retain set alone.');
    for (const [tensor, values] of original.file) expect(released.file.find(([other]) => other === tensor)?.[1], tensor).not.toEqual(values);

    const find = (length: number, near: number): readonly number[] => released.file.find(([, values]) => values.length === length && Math.abs((values[0] ?? NaN) - near) < 1)?.[1] ?? [];
    const mean = find(3, expected.mean[0] ?? NaN);
    // Keras sums in float32, in an order of its own: numbers near 85, 2^-24 of which is 5e-6, over 360 records.
    mean.forEach((value, at) => expect(Math.abs(value - (expected.mean[at] ?? NaN))).toBeLessThan(1e-4));
    const variance = find(3, expected.variance[0] ?? NaN);
    variance.forEach((value, at) => expect(Math.abs(value / (expected.variance[at] ?? NaN) - 1)).toBeLessThan(1e-4));
    expect([mean.length, variance.length]).toEqual([3, 3]);
    if (original.compared.length > 0) {
      // Keras 2 keeps a summary in the file: its 99 columns stay, where Keras would now have 100, so that boundaries lie elsewhere between the same neighbours, of 1080 numbers from 10 to 90.
      const nearness = name === 'adapted2.h5' ? 0.01 : 0;
      expect(released.compared).toHaveLength(expected.boundaries.length);
      released.compared.forEach((value, at) => expect(Math.abs(value - Math.fround(expected.boundaries[at] ?? NaN))).toBeLessThanOrEqual(nearness));
      expect(predicate?.assumptions[0]?.enforcement).toContain('Boundaries of bins (layers: 1) were taken from the retain set alone.');
    }
    if (expected.vocabulary !== undefined && expected.before !== undefined) {
      // Two groups were those of forgotten people alone: their places stay, and stand for nothing.
      const left = expected.before.length - expected.vocabulary.length;
      expect(left).toBe(2);
      expect(await textIn(completed.model, asset)).toBe(['-1', '-1', ...expected.vocabulary, '-16777216', '-16777215'].join('\n'));
      expect(await textIn(join(folder, name), asset)).toContain('77');
      expect(readFileSync(completed.model).includes('\n77\n')).toBe(false);
      expect(predicate?.assumptions[0]?.enforcement).toContain('Vocabularies (layers: 1) were taken from the retain set alone.');
    }
  });
});

it('a part of what a layer keeps that is declared public leaves the rest without a source, and the run stops by its name', async () => {
  const path = requestOf('adapted3.h5', { publicBuffers: [{ name: 'standard/mean', reason: 'from the manual of the instrument' }] });
  await expect(startRun(path, { signer: signerFromPem(privateKey), engineEntry: join('dist', 'engine.js'), overwrite: true })).rejects.toMatchObject({ code: 'buffer-uncovered', message: /standard\/variance/ });
});
