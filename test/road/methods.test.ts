import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import type { Predicate } from '../../src/certificate/statement';
import { passes, type Verification } from '../../src/certificate/verify';
import { openModel } from '../../src/model/open-model';
import type { RequestInput } from '../../src/request/schema';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun } from '../../src/run/start-run';

/** Every method from the request file to a certificate that verifies, by the real engine process (dist/engine.js; `npm run build`) on the shipped example. */

const { privateKey, publicKey } = createKeyPair();
const signer = signerFromPem(privateKey);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'methods-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Method = RequestInput['method'];
const few = { learningRate: 0.1, decay: 1, steps: 6 };

const methods: readonly Method[] = [
  { name: 'gradient-clipping', initialRadius: 10, gradientRadius: 0.01, ...few },
  { name: 'gradient-clipping', initialRadius: 10, gradientRadius: 0.01, ...few, learningRateShape: { kind: 'warm-up', steps: 2, then: 'cosine' }, sigmaShape: [3, 2, 1, 1, 0, 1] },
  { name: 'layered-gradient-clipping', ...few, sigmaShape: 'geometric' },
  { name: 'sequential-subspaces', initialRadius: 10, gradientRadius: 0.01, ...few, steps: 2 },
  { name: 'model-clipping', initialRadius: 0.1, learningRate: 0.1, steps: 6 },
  { name: 'output-perturbation', initialRadius: 0.1 },
  { name: 'gaussian-restart' },
  { name: 'retrain' },
];

/** Runs the shipped request with another method; the certificate as it was verified. */
async function road(name: string, method: Method, more: Partial<RequestInput> = {}): Promise<{ readonly verification: Verification; readonly predicate: Predicate; readonly model: string }> {
  const request = { ...JSON.parse(readFileSync(join('examples', 'mnist', 'forget-c17.unlearn.json'), 'utf8')) as RequestInput, output: `${name}/model.json`, engine: 'onnxruntime', recovery: { epochs: 0.1 }, method, ...more };
  const path = join(folder, `${name}.unlearn.json`);
  writeFileSync(path, JSON.stringify(request));
  const { certificate, model } = await startRun(path, { signer, engineEntry: join('dist', 'engine.js') });
  const verification = await checkCertificate(certificate, [publicKey]);
  if (verification.statement === undefined) throw new Error(verification.damaged);
  return { verification, predicate: verification.statement.predicate, model };
}

describe('every method', () => {
  it.each(methods.map((method, index) => [method.name, index, method] as const))('%s (%d) ends in a certificate that verifies', async (name, index, method) => {
    const { verification, predicate } = await road(`${name}-${index}`, method);
    expect(passes(verification)).toBe(true);
    const exact = name === 'retrain' || name === 'gaussian-restart';
    expect(predicate.mechanism.method).toBe(name);
    expect(predicate.guarantee).toMatchObject(exact ? { epsilon: 0, delta: 0 } : { epsilon: 1, delta: 1e-5 });
    expect(predicate.guarantee.retrained.epsilon).toBeLessThanOrEqual(exact ? 0 : 1 + 1e-12);
    // The noise is the least that meets the target.
    expect(predicate.guarantee.retrained.epsilon).toBeGreaterThanOrEqual(exact ? 0 : 1 - 1e-6);
    expect(predicate.coverage.map(({ treatment }) => treatment)).toEqual(Array<string>(6).fill(exact ? 'reset' : 'noised'));
    // Model clipping is not Gaussian: no μ is stated against the retrained reference.
    expect(predicate.guarantee.retrained.mu === undefined).toBe(name === 'model-clipping');
  });

  it('around a public base leaves what is equal to it alone, and a head on it needs hardly any noise', async () => {
    // The model differs from its base in the last layer alone.
    const { model: base } = await road('base', { name: 'retrain' });
    const original = await openModel(join(folder, 'model', 'model.json'));
    const values = new Map([...(await openModel(base)).graph.tensors].flatMap(([name, tensor]) => (tensor.role === 'parameter' && !name.startsWith('digit') ? [[name, Float32Array.from(tensor.values as Float32Array)] as const] : [])));
    for (const { path, bytes } of await original.write(values)) writeFileSync(join(folder, 'model', path), bytes);
    const { verification, predicate } = await road('head', { name: 'convex-head', steps: 200, batchSize: 32 }, { base: 'base/model.json' });
    expect(passes(verification)).toBe(true);
    expect(predicate.coverage.map(({ tensor, treatment }) => `${tensor} ${treatment}`)).toEqual(['conv_1/kernel public', 'conv_1/bias public', 'conv_2/kernel public', 'conv_2/bias public', 'digit/kernel noised', 'digit/bias noised']);
    expect(predicate.mechanism).toMatchObject({ method: 'convex-head', centre: 'public', frozen: ['conv_1/kernel', 'conv_1/bias', 'conv_2/kernel', 'conv_2/bias'] });
    expect(predicate.centre).toHaveProperty('sha256');
    expect(predicate.assumptions[0]).toMatchObject({ status: 'stated' });
  });

  it('is refused where it does not apply: a head for a whole network, private training without a run', async () => {
    cpSync(join('examples', 'mnist', 'model'), join(folder, 'model'), { recursive: true });
    await expect(road('whole', { name: 'convex-head' })).rejects.toMatchObject({ code: 'not-one-linear-layer', field: 'method.name' });
    await expect(road('private', { name: 'dp-sgd-group' } as unknown as Method)).rejects.toMatchObject({ code: 'request-field', message: expect.stringContaining('needs no unlearning run') as string });
  });
});
