import { createHash } from 'node:crypto';
import { encodeBundle } from '../../../src/certificate/bundle';
import type { StatementInput } from '../../../src/certificate/create-statement';
import { signEnvelope } from '../../../src/certificate/dsse';
import { leafHash } from '../../../src/certificate/inclusion';
import { createKeyPair, signerFromPem } from '../../../src/certificate/keys';
import { commitTo, commitToFiles } from '../../../src/certificate/salted-commitment';
import { encodeStatement, type Coverage } from '../../../src/certificate/statement';
import type { GradientClipping } from '../../../src/privacy/mechanism';
import { merkleRoot } from './merkle-tree';

/** A small but complete certificate, for the tests of this folder. */

export const keys = createKeyPair();
export const signer = signerFromPem(keys.privateKey);

export const hexDigest = (text: string): string => createHash('sha256').update(text).digest('hex');
export const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/** Seven forgotten records, each with its digest and salt. */
export const forgottenRecords = Array.from({ length: 7 }, (_, index) => ({ digest: digest(`record ${index}`), salt: digest(`salt ${index}`) }));
export const forgottenLeaves = forgottenRecords.map((record) => leafHash(record.salt, record.digest));

export const modelFiles = new Map([['mnist.unlearned.h5', hexDigest('released model')]]);

const coverage: readonly Coverage[] = [
  { tensor: 'dense/kernel', shape: [784, 10], count: 7840, treatment: 'noised', why: 'trained' },
  { tensor: 'dense/bias', shape: [10], count: 10, treatment: 'noised', why: 'trained' },
  { tensor: 'normalization/mean', shape: [784], count: 784, treatment: 'recomputed', why: 'computed from the retained data after the run' },
  { tensor: 'optimizer_weights', treatment: 'dropped', why: 'state of the optimiser that made the original' },
];

export const exampleMechanism: GradientClipping = { method: 'gradient-clipping', initialRadius: 1, steps: [{ count: 100, learningRate: 0.01, decay: 0, gradientRadius: 1, sigma: 2 }] };

/**
 * Facts that add up. Against the retrained reference without decay Δ = 2·C0 + 2·γ·C1·T = 2·1 + 2·0.01·1·100 = 4 and V = T·σ² = 400,
 * so μ = 4/20 = 0.2; a shorter prefix is not better, as the best length is C0/(γC1) = 100. That is ε < 1 at δ = 1e-5, since μ(ε = 1, δ = 1e-5) = 0.268.
 */
export function exampleInput(changes: Partial<StatementInput> = {}): StatementInput {
  return {
    files: [...modelFiles].map(([name, sha256]) => ({ name, sha256 })),
    target: { epsilon: 1, delta: 1e-5, reference: 'retrained' },
    mechanism: exampleMechanism,
    centre: 'zero',
    run: {
      mechanism: { method: 'gradient-clipping', initialRadius: 1 - 1e-6, steps: [{ count: 60, learningRate: Math.fround(0.01), decay: 0, gradientRadius: 1 - 1e-6, sigma: 2 }, { count: 40, learningRate: Math.fround(0.01), decay: 0, gradientRadius: 1 - 1e-6, sigma: 2.000001 }] },
      trainable: ['dense/kernel', 'dense/bias'],
      batchSize: 128,
      freshNoise: true,
      momentum: 'none',
      engine: { name: 'onnxruntime', versions: { 'onnxruntime-node': '1.30.0', 'execution provider': 'cpu' } },
    },
    tensors: coverage.flatMap(({ tensor, shape }) => (shape === undefined ? [] : [{ name: tensor, shape }])),
    residues: ['optimizer_weights'],
    coverage,
    assumptions: [1, 2, 3, 4, 5, 6, 7].map((id) => ({ id, enforcement: `how number ${id} was met`, status: id === 4 ? 'stated' : 'enforced' })),
    inputModel: commitToFiles([{ name: 'mnist.h5', sha256: hexDigest('original model') }], digest('salt of the model')),
    request: commitTo(new TextEncoder().encode('{"version":1}'), digest('salt of the request')),
    data: {
      forget: { count: forgottenRecords.length, commitment: { algorithm: 'rfc6962-sha256-salted', root: Buffer.from(merkleRoot(forgottenLeaves)).toString('hex') } },
      retain: { count: 59_993, commitment: { algorithm: 'rfc6962-sha256-salted', root: hexDigest('root of the retained records') } },
      duplicatesInRetain: { policy: 'refuse', keptCount: 0 },
      evaluation: { count: 10_000, forgottenRecords: 0 },
    },
    forgetRequests: [{ reference: 'ticket 17', date: '2025-11-23', basis: 'GDPR Art. 17(1)(b)' }],
    recovery: { steps: 500, batchSize: 128, description: 'sgd with momentum 0.9' },
    software: { name: 'certified-unlearning', version: '0.1.0' },
    arithmetic: { precision: 'float32', radiusMargin: 1e-6, noise: 'crypto.randomFillSync, Box–Muller' },
    metrics: { retain: { count: 59_993, loss: 0.31, accuracy: 0.91 }, evaluation: { count: 10_000, loss: 0.33, accuracy: 0.9 } },
    finishedOn: new Date('2025-11-23T08:00:00Z'),
    ...changes,
  };
}

/** Any object, signed: for certificates that the program itself would never make. */
export async function signed(statement: object, by = signer): Promise<Uint8Array> {
  return encodeBundle(await signEnvelope(encodeStatement(statement), by), by.fingerprint);
}
