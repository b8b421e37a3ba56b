import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { passes } from '../../src/certificate/verify';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun, type Completed } from '../../src/run/start-run';

/** Class weights, augmentation, an evaluation share and early stopping, on the shipped example. */

const { privateKey, publicKey } = createKeyPair();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'training-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(change: (request: { data: Record<string, unknown>; recovery: Record<string, unknown> } & Record<string, unknown>) => void): Promise<Completed> {
  const request = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as Parameters<typeof change>[0];
  change(request);
  const path = join(folder, 'options.unlearn.json');
  writeFileSync(path, JSON.stringify(request));
  return startRun(path, { signer: signerFromPem(privateKey), engineEntry: join('dist', 'engine.js'), overwrite: true });
}

describe('training options', () => {
  it('all together give a certificate that verifies, with the set-aside records neither retained nor forgotten', async () => {
    const request = run((r) => {
      r['classWeights'] = [1, 1, 1, 1, 1, 1, 1, 1, 1, 2];
      r['augmentation'] = { shift: 1 };
      r.data['evaluation'] = { share: 0.1 };
      Object.assign(r.recovery, { epochs: 3, earlyStop: { patience: 1 } });
    });
    const { certificate, metrics } = await request;
    const verification = await checkCertificate(certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    const data = verification.statement?.predicate.data;
    const records = (data?.forget.count ?? 0) + (data?.retain.count ?? 0) + (data?.evaluation?.count ?? 0);
    // 4,000 records: 100 forgotten, the rest split by content, and the forgotten ones among the set-aside left out.
    expect(records).toBe(4000);
    expect(data?.evaluation?.count).toBeGreaterThan(300);
    expect(metrics?.afterRecovery.evaluation?.accuracy).toBeGreaterThan(0.7);
  });

  it.each([
    ['class weights for another number of classes', (r: Record<string, unknown>) => (r['classWeights'] = [1, 2]), 'class-weights', 'classWeights'],
    ['early stopping on data that the model was not kept from', (r: Record<string, unknown>) => Object.assign(r['recovery'] as object, { earlyStop: { patience: 1 } }), 'early-stop', 'recovery.earlyStop'],
  ])('%s are refused before anything runs', async (_name, change, code, field) => {
    await expect(run((request) => void change(request))).rejects.toMatchObject({ code, field, file: 'options.unlearn.json' });
  });
});
