import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { createSuccessor, verifySuccessor } from '../../src/certificate/successor';
import { passes } from '../../src/certificate/verify';
import { openCheckpoint } from '../../src/model/checkpoint/open-checkpoint';
import { visitCheckpoint } from '../../src/model/checkpoint/stream';
import { filesOfModel } from '../../src/model/files-of-model';
import { checkCertificate } from '../../src/run/check-certificate';
import { fileDigest } from '../../src/run/file-digest';
import { startRun } from '../../src/run/start-run';

/** A file of tensors without the model around them: clipped and noised as it streams, and certified. */

const { privateKey, publicKey } = createKeyPair();
const signer = signerFromPem(privateKey);
const engineEntry = join('dist', 'engine.js');
const WIDTH = 300;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A safetensors file of a weight matrix and, in float32 too, the running variance of a normalisation; of the numbers of positions as well, if any. */
function safetensors(weights: Float32Array, positions = new BigInt64Array(0)): Buffer {
  const variance = new Float32Array(WIDTH).fill(7);
  const end = weights.byteLength + variance.byteLength;
  const header = Buffer.from(JSON.stringify({
    'layer.weight': { dtype: 'F32', shape: [WIDTH, WIDTH], data_offsets: [0, weights.byteLength] },
    'norm.running_var': { dtype: 'F32', shape: [WIDTH], data_offsets: [weights.byteLength, end] },
    ...(positions.length > 0 && { 'positions': { dtype: 'I64', shape: [positions.length], data_offsets: [end, end + positions.byteLength] } }),
  }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(weights.buffer), Buffer.from(variance.buffer), Buffer.from(positions.buffer)]);
}

function request(name: string, model: string, method: object): string {
  const original = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(folder, `${name}.unlearn.json`), JSON.stringify({ ...original, model, method }));
  return join(folder, `${name}.unlearn.json`);
}

async function values(file: string): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  await visitCheckpoint(file, await openCheckpoint(file), ({ name }, part) => void (found[name] ??= []).push(...part));
  return found;
}

describe('a checkpoint without a model', () => {
  it('is released with noise of the certified size, its statistics as in a fresh network, and a certificate that says what it is', async () => {
    writeFileSync(join(folder, 'net.safetensors'), safetensors(new Float32Array(WIDTH * WIDTH).fill(1)));
    const completed = await startRun(request('net', 'net.safetensors', { name: 'output-perturbation', initialRadius: 30 }), { signer, engineEntry });
    const verification = await checkCertificate(completed.certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    const predicate = verification.statement?.predicate;
    expect(predicate?.coverage.map(({ tensor, treatment }) => `${tensor} ${treatment}`)).toEqual(['layer.weight noised', 'norm.running_var reset']);
    // Text in the file is kept, so assumption 1 rests on the signer's word.
    expect(predicate?.assumptions[0]).toMatchObject({ id: 1, status: 'stated' });
    expect(predicate?.metrics).toEqual({});
    // Whoever trains it further finds on the certificate how to say so.
    expect(predicate?.limits.join(' ')).toContain('certified-unlearning successor CERTIFICATE MODEL --training');
    expect(predicate?.limits.join(' ')).toContain('certified-unlearning verify-successor');

    const released = await values(completed.model);
    expect(new Set(released['norm.running_var'])).toEqual(new Set([1]));
    // ε = 1, δ = 1e-5 is μ = 0.268051123211294 = 2·C0/σ, so σ = 223.84…; the mean is the clipped weight, 30/300 = 0.1.
    const weights = released['layer.weight'] ?? [];
    const sigma = 60 / 0.268051123211294;
    const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
    const deviation = Math.sqrt(weights.reduce((sum, value) => sum + (value - mean) ** 2, 0) / weights.length);
    // 90,000 samples: the standard errors are σ/300 and σ/424; six of them are exceeded once in 5e8 runs.
    expect(Math.abs(mean - 0.1)).toBeLessThan((6 * sigma) / 300);
    expect(Math.abs(deviation / sigma - 1)).toBeLessThan(6 / 424);
  });

  it('can be followed by a successor that was trained elsewhere, which is bound to its certificate and its file', async () => {
    const certificate = readFileSync(join(folder, 'net.unlearning-certificate.json'));
    const successorFile = join(folder, 'trained.safetensors');
    writeFileSync(successorFile, safetensors(new Float32Array(WIDTH * WIDTH).fill(2)));
    const files = [{ name: 'trained.safetensors', sha256: await fileDigest(successorFile) }];
    const successor = await createSuccessor({ files, certificate, certificateName: 'net.unlearning-certificate.json', trustedKeys: [publicKey], training: 'three epochs', issuedOn: new Date(0) }, signer);
    const check = (digest: string) => verifySuccessor(successor, certificate, [publicKey], () => Promise.resolve(digest));
    expect(await check(files[0]?.sha256 ?? '')).toMatchObject({ signature: { status: 'pass' }, certificate: { status: 'pass' }, model: { status: 'pass' } });
    expect(await check('0'.repeat(64))).toMatchObject({ signature: { status: 'pass' }, certificate: { status: 'pass' }, model: { status: 'fail' } });
    const stranger = createKeyPair().publicKey;
    expect((await verifySuccessor(successor, certificate, [stranger], () => Promise.resolve(undefined))).signature.status).not.toBe('pass');
  });

  it('in shards is released as an index and as many shards, all of them on the certificate', async () => {
    cpSync(join('test', 'fixtures', 'models', 'torch', 'sharded'), join(folder, 'sharded'), { recursive: true });
    const index = 'model.safetensors.index.json';
    const path = request('sharded', `sharded/${index}`, { name: 'gaussian-restart' });
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), output: `released/${index}` }));
    const completed = await startRun(path, { signer, engineEntry });
    const verification = await checkCertificate(completed.certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    const names = verification.statement?.subject.map(({ name }) => name.split('/').at(-1));
    expect(names).toEqual([index, 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']);
    expect(await filesOfModel(completed.model)).toEqual(names);
    // The shards are in their places, under the names that the index gives them.
    expect(Object.keys(await values(completed.model))).toEqual(Object.keys(await values(join(folder, 'sharded', index))));
  });

  it('that nobody here made, a `.pth` that PyTorch wrote on a GPU with Python 2, is released in the same form and verified', async () => {
    const original = readFileSync(join('test', 'fixtures', 'models', 'lpips', 'alex.pth'));
    writeFileSync(join(folder, 'alex.pth'), original);
    const completed = await startRun(request('alex', 'alex.pth', { name: 'output-perturbation', initialRadius: 1 }), { signer, engineEntry });
    const verification = await checkCertificate(completed.certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    const names = [0, 1, 2, 3, 4].map((layer) => `lin${layer}.model.1.weight`);
    expect(verification.statement?.predicate.coverage.map(({ tensor, treatment }) => `${tensor} ${treatment}`)).toEqual(names.map((name) => `${name} noised`));
    const [before, after] = [await values(join(folder, 'alex.pth')), await values(completed.model)];
    for (const name of names) {
      expect(after[name]).toHaveLength(before[name]?.length ?? 0);
      // Noise of σ = 7.5 leaves one number of about 0.1 as it was once in 10⁹ times: three of at most 384 never.
      expect(after[name]?.filter((value, index) => value === before[name]?.[index]).length).toBeLessThan(3);
    }
    // But for these numbers it is the same file.
    const released = readFileSync(completed.model);
    const { files: [file] } = await openCheckpoint(join(folder, 'alex.pth'));
    for (const { start, end } of file?.regions ?? []) for (const bytes of [original, released]) bytes.fill(0, start, end);
    expect(released.equals(original)).toBe(true);
  }, 120_000);

  it('with a method that needs gradients is refused, and told what to do', async () => {
    const path = request('trained', 'net.safetensors', { name: 'gradient-clipping', initialRadius: 1, gradientRadius: 1, learningRate: 0.1, decay: 1, steps: 10 });
    await expect(startRun(path, { signer, engineEntry, overwrite: true })).rejects.toMatchObject({ code: 'model-without-graph' });
  });

  it('keeps whole numbers only where the request declares them public, and the certificate says on whose word', async () => {
    const positions = BigInt64Array.from({ length: 9 }, (_, index) => BigInt(index));
    writeFileSync(join(folder, 'bert.safetensors'), safetensors(new Float32Array(WIDTH * WIDTH).fill(1), positions));
    const path = request('bert', 'bert.safetensors', { name: 'output-perturbation', initialRadius: 30 });
    await expect(startRun(path, { signer, engineEntry })).rejects.toMatchObject({ code: 'tensor-uncovered', message: expect.stringContaining('"positions"') as string, remedy: expect.stringContaining('publicBuffers') as string });
    const asked = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...asked, publicBuffers: [{ name: 'positions', reason: 'counts from zero' }] }));
    const completed = await startRun(path, { signer, engineEntry });
    const verification = await checkCertificate(completed.certificate, [publicKey]);
    expect(passes(verification)).toBe(true);
    const { coverage, assumptions } = verification.statement?.predicate ?? {};
    expect(coverage?.map(({ tensor, treatment, why }) => [tensor, treatment, why.slice(0, 22)])).toEqual([
      ['layer.weight', 'noised', 'a trained parameter: c'],
      ['norm.running_var', 'reset', 'running statistics: as'],
      ['positions', 'public', 'on the word of the sig'],
    ]);
    expect(assumptions?.[0]).toMatchObject({ status: 'stated', enforcement: expect.stringContaining('declared public') as string });
    expect(readFileSync(completed.model).subarray(-72).equals(Buffer.from(positions.buffer))).toBe(true);
  });

  it('keeps no whole numbers of a PyTorch file, whose storages may hold more than the tensors show', async () => {
    cpSync(join('test', 'fixtures', 'models', 'torch', 'positions.pt'), join(folder, 'positions.pt'));
    const path = request('positions', 'positions.pt', { name: 'output-perturbation', initialRadius: 1 });
    const asked = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...asked, publicBuffers: [{ name: 'positions', reason: 'counts from zero' }] }));
    await expect(startRun(path, { signer, engineEntry })).rejects.toMatchObject({ code: 'tensor-uncovered', remedy: expect.stringContaining('as safetensors') as string });
  });

  it('is not released where the request names a base, which has no part in it, or declares public what is noised or reset', async () => {
    const path = request('heeded', 'net.safetensors', { name: 'output-perturbation', initialRadius: 1 });
    const asked = JSON.parse(readFileSync(path, 'utf8')) as object;
    const given = async (part: object): Promise<unknown> => {
      writeFileSync(path, JSON.stringify({ ...asked, output: 'heeded.safetensors', ...part }));
      return startRun(path, { signer, engineEntry });
    };
    await expect(given({ base: 'net.safetensors' })).rejects.toMatchObject({ code: 'base-unsupported', field: 'base' });
    await expect(given({ publicBuffers: [{ name: 'norm.running_var', reason: 'given' }] })).rejects.toMatchObject({ code: 'buffer-unknown', field: 'publicBuffers' });
    expect(existsSync(join(folder, 'heeded.safetensors'))).toBe(false);
  });

  it('whose data are not there is refused for that, although its own reading has begun', async () => {
    const path = request('dataless', 'net.safetensors', { name: 'output-perturbation', initialRadius: 1 });
    const asked = JSON.parse(readFileSync(path, 'utf8')) as { data: { train: object } };
    writeFileSync(path, JSON.stringify({ ...asked, output: 'dataless.safetensors', data: { train: { ...asked.data.train, features: 'nowhere.gz' } } }));
    await expect(startRun(path, { signer, engineEntry })).rejects.toMatchObject({ code: 'file-missing', file: 'nowhere.gz' });
    expect(existsSync(join(folder, 'dataless.safetensors'))).toBe(false);
  });

  it('with a weight that is not a number is refused by name', async () => {
    const weights = new Float32Array(WIDTH * WIDTH);
    weights[777] = Number.NaN;
    writeFileSync(join(folder, 'nan.safetensors'), safetensors(weights));
    await expect(startRun(request('nan', 'nan.safetensors', { name: 'output-perturbation', initialRadius: 1 }), { signer, engineEntry })).rejects.toMatchObject({ code: 'weights-not-finite', message: expect.stringContaining('"layer.weight"') as string });
  });
});
