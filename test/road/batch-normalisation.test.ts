import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { passes } from '../../src/certificate/verify';
import { openModel } from '../../src/model/open-model';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun } from '../../src/run/start-run';

/** A Keras model with two batch normalisations (test/fixtures/models/make_batchnorm.py), on the data of the shipped example. */

const { privateKey, publicKey } = createKeyPair();
const statistics = ['batch_normalization/moving_mean:0', 'batch_normalization/moving_variance:0', 'batch_normalization_1/moving_mean:0', 'batch_normalization_1/moving_variance:0'];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'batchnorm-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
  cpSync(join('test', 'fixtures', 'models', 'batchnorm.h5'), join(folder, 'batchnorm.h5'));
  const request = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(folder, 'batchnorm.unlearn.json'), JSON.stringify({ ...request, model: 'batchnorm.h5' }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function tensor(file: string, name: string): Promise<number[]> {
  return Array.from((await openModel(file)).graph.tensors.get(name)?.values ?? [], Number);
}

describe('a model with batch normalisation', () => {
  it('is released with statistics of the retain set, says so on its certificate, and has learned again', async () => {
    const completed = await startRun(join(folder, 'batchnorm.unlearn.json'), { signer: signerFromPem(privateKey), engineEntry: join('dist', 'engine.js') });
    const verification = await checkCertificate(completed.certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    const coverage = verification.statement?.predicate.coverage ?? [];
    expect(coverage.filter(({ treatment }) => treatment === 'recomputed').map(({ tensor: name }) => name)).toEqual(statistics);
    for (const name of statistics) {
      const [before, after] = [await tensor(join(folder, 'batchnorm.h5'), name), await tensor(completed.model, name)];
      expect(after).toHaveLength(before.length);
      expect(after).not.toEqual(before);
    }
    // The second normalisation's variance is what the first layers, now noised, really give: positive and finite.
    expect((await tensor(completed.model, 'batch_normalization_1/moving_variance:0')).every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    expect(completed.metrics?.afterRecovery.evaluation?.accuracy).toBeGreaterThan(0.85);
  });
});
