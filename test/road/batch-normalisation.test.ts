import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import type { Predicate } from '../../src/certificate/statement';
import { passes } from '../../src/certificate/verify';
import type { Progress } from '../../src/protocol/engine-protocol';
import { openModel } from '../../src/model/open-model';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun, type Completed } from '../../src/run/start-run';

/**
 * Models with two batch normalisations each, on the data of the shipped example: from Keras (test/fixtures/models/make_batchnorm.py) and
 * from PyTorch, as an ONNX file that was exported for training (make_torch_batchnorm.py).
 */

const { privateKey, publicKey } = createKeyPair();
const keras = ['batch_normalization/moving_mean:0', 'batch_normalization/moving_variance:0', 'batch_normalization_1/moving_mean:0', 'batch_normalization_1/moving_variance:0'];
const torch = ['1.running_mean', '1.running_var', '6.running_mean', '6.running_var'];
let folder: string;
/** Accuracies that were shown while the recovery went on. */
let shown: number[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'batchnorm-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
  cpSync(join('test', 'fixtures', 'models', 'batchnorm.h5'), join(folder, 'batchnorm.h5'));
  cpSync(join('test', 'fixtures', 'models', 'torch', 'batchnorm-training-17.onnx'), join(folder, 'batchnorm.onnx'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Parts {
  data: { train: Record<string, unknown>; evaluation?: unknown };
  method: Record<string, unknown>;
  recovery?: Record<string, unknown>;
}

async function unlearn(model: string, change: (request: Parts) => object = () => ({})): Promise<{ readonly completed: Completed; readonly predicate: Predicate }> {
  const request = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as Parts;
  if (model.endsWith('.onnx')) request.data.train['shape'] = [1, 28, 28];
  const path = join(folder, 'batchnorm.unlearn.json');
  writeFileSync(path, JSON.stringify({ ...request, model, ...change(request) }));
  shown = [];
  const onProgress = ({ phase, accuracy }: Progress): void => {
    if (phase === 'recovery' && accuracy !== undefined) shown.push(accuracy);
  };
  const completed = await startRun(path, { signer: signerFromPem(privateKey), engineEntry: join('dist', 'engine.js'), overwrite: true, onProgress });
  const verification = await checkCertificate(completed.certificate, [publicKey]);
  expect(passes(verification)).toBe(true);
  if (verification.statement === undefined) throw new Error('no statement');
  return { completed, predicate: verification.statement.predicate };
}

async function tensor(file: string, name: string): Promise<number[]> {
  return Array.from((await openModel(file)).graph.tensors.get(name)?.values ?? [], Number);
}

describe.each([
  ['batchnorm.h5', 'batch', keras, /the steps normalised by their mini-batches instead/, /Every step normalised by mean and variance of its own mini-batch/],
  ['batchnorm.h5', 'fixed', keras, /reset for the noisy steps/, /no memory besides the parameters/],
  ['batchnorm.onnx', 'batch', torch, /the steps normalised by their mini-batches instead/, /Every step normalised by mean and variance of its own mini-batch/],
] as const)('%s, normalised by %s', (model, batchNormalization, statistics, why, memory) => {
  it('is released with statistics of the retain set, says so on its certificate, and has learned again', async () => {
    const { completed, predicate } = await unlearn(model, () => ({ batchNormalization }));
    const recomputed = predicate.coverage.filter(({ treatment }) => treatment === 'recomputed');
    expect(recomputed.map(({ tensor: name }) => name)).toEqual(statistics);
    for (const each of recomputed) expect(each.why).toMatch(why);
    expect(predicate.assumptions.find(({ id }) => id === 5)?.enforcement).toMatch(memory);
    expect(predicate.limits.some((limit) => limit.includes('in training form'))).toBe(model.endsWith('.onnx'));
    for (const name of statistics) {
      const [before, after] = [await tensor(join(folder, model), name), await tensor(completed.model, name)];
      expect(after).toHaveLength(before.length);
      expect(after).not.toEqual(before);
    }
    // The second normalisation's variance is what the first layers, now noised, really give: positive and finite.
    expect((await tensor(completed.model, statistics[3] ?? '')).every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    const accuracy = completed.metrics?.afterRecovery.evaluation?.accuracy ?? NaN;
    expect(accuracy).toBeGreaterThan(0.85);
    // What was shown last is of 500 of the evaluation records, and where steps normalise by the batch under statistics of fewer retained ones.
    expect(shown.length).toBeGreaterThanOrEqual(2);
    expect(Math.abs((shown.at(-1) ?? NaN) - accuracy)).toBeLessThan(0.1);
  });
});

describe('the training form', () => {
  it('stops early by what the released model would predict, under statistics of its own', async () => {
    const { completed, predicate } = await unlearn('batchnorm.h5', (request) => {
      request.data.evaluation = { share: 0.1 };
      return { recovery: { epochs: 3, earlyStop: { patience: 1 } } };
    });
    // The parameters kept are the best of those measured, which one epoch already brings beyond guessing (0.1).
    expect(completed.metrics?.afterRecovery.evaluation?.accuracy).toBeGreaterThan(0.85);
    expect(predicate.metrics.evaluation?.accuracy).toBe(completed.metrics?.afterRecovery.evaluation?.accuracy);
  });

  it('is refused for batches of one record, which have no spread', async () => {
    await expect(unlearn('batchnorm.h5', ({ method }) => ({ method: { ...method, batchSize: 1 } }))).rejects.toMatchObject({ code: 'batch-too-small', field: 'method.batchSize' });
  });
});
