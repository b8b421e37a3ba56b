import { describe, expect, it } from 'vitest';
import { createStatement } from '../../../src/certificate/create-statement';
import { createKeyPair, signerFromPem } from '../../../src/certificate/keys';
import { encodeStatement } from '../../../src/certificate/statement';
import { passes, verifyCertificate } from '../../../src/certificate/verify';
import type { Mechanism } from '../../../src/privacy/mechanism';
import { exampleInput, keys, modelFiles, signed } from './example';

/**
 * A holder of a trusted key who lies. Every leaf of a certificate is replaced by other values of its kind, taken out, and joined by another; what is
 * then signed again must fail one of the three verdicts, or the leaf is among those that only the signer vouches for.
 */

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type Path = readonly (string | number)[];

function* leaves(value: Json, path: Path = []): Generator<{ readonly path: Path; readonly value: string | number | boolean | null }> {
  if (typeof value !== 'object' || value === null) yield { path, value };
  else for (const [key, part] of Object.entries(value)) yield* leaves(part, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** The same with another value at a path; `undefined` takes it out. */
function changed(value: Json, [key, ...rest]: Path, to: Json | undefined): Json {
  if (key === undefined) return to ?? null;
  if (Array.isArray(value)) return value.flatMap((part: Json, index) => (index === key ? (rest.length === 0 && to === undefined ? [] : [changed(part, rest, to)]) : [part]));
  return Object.fromEntries(Object.entries(value as Record<string, Json>).flatMap(([name, part]): [string, Json][] => {
    if (name !== key) return [[name, part]];
    return rest.length === 0 && to === undefined ? [] : [[name, changed(part, rest, to)]];
  }));
}

const words = ['noised', 'reset', 'recomputed', 'public', 'dropped', 'enforced', 'stated', 'retrained', 'centre', 'refuse', 'forget', 'keep', 'decided', 'gradient-clipping', 'output-perturbation', 'softmax-cross-entropy', 'initial', 'zero', 'origin'];

/** Other values of the same kind: numbers that claim more and less, digests of other things, every word that the format knows. */
function others(value: string | number | boolean | null): Json[] {
  if (typeof value === 'number') return [2 * value, value / 2, value + 1, -value - 1, value * (1 + 1e-4), value * (1 - 1e-4), 0, 1e308, 5e-324, '1'].filter((other) => other !== value);
  if (typeof value !== 'string') return [];
  if (/^[0-9a-f]{64}$/.test(value)) return [value.replace(/^./, (first) => (first === '0' ? '1' : '0')), value.toUpperCase(), value.slice(1), ''];
  return [...words.filter((word) => word !== value), `${value} `, `${value}\u202e`, `${value}\u0000`, '', 7, null];
}

const asText = (path: Path): string => path.map((key) => (typeof key === 'number' ? '[]' : `.${key}`)).join('').slice(1);

async function isAccepted(certificate: Uint8Array): Promise<boolean> {
  return passes(await verifyCertificate(certificate, { trustedKeys: [keys.publicKey], modelFiles }));
}

/** Which leaves can be changed, and to what, without a verdict that fails. */
async function unseen(statement: Json, below = ''): Promise<ReadonlyMap<string, readonly (Json | undefined)[]>> {
  const found = new Map<string, (Json | undefined)[]>();
  for (const { path, value } of leaves(statement)) {
    if (!asText(path).startsWith(below)) continue;
    for (const to of [undefined, ...others(value)]) {
      if (await isAccepted(await signed(changed(statement, path, to) as object))) found.set(asText(path), [...(found.get(asText(path)) ?? []), to]);
    }
  }
  return found;
}

/** What a statement says, if it is accepted as it is: else every change would seem to be noticed. */
async function genuine(changes: Parameters<typeof exampleInput>[0] = {}): Promise<Json> {
  const statement = createStatement(exampleInput(changes));
  expect(await isAccepted(await signed(statement))).toBe(true);
  return statement as unknown as Json;
}

/** What happened, and what was used: nobody can see it from a file. docs/certificate.md says the same. */
const vouchedFor = [
  'predicate.batchSize', 'predicate.recovery.steps', 'predicate.recovery.batchSize', 'predicate.recovery.description',
  'predicate.coverage[].tensor', 'predicate.coverage[].treatment', 'predicate.coverage[].why',
  'predicate.assumptions[].enforcement', 'predicate.assumptions[].status',
  'predicate.inputModel.digest', 'predicate.request.digest',
  'predicate.data.forget.count', 'predicate.data.forget.commitment.root', 'predicate.data.retain.count', 'predicate.data.retain.commitment.root',
  'predicate.data.duplicatesInRetain.policy', 'predicate.data.evaluation.count',
  'predicate.forgetRequests[].reference', 'predicate.forgetRequests[].date', 'predicate.forgetRequests[].basis',
  'predicate.engine.name', 'predicate.engine.versions.execution provider', 'predicate.engine.versions.onnxruntime-node',
  'predicate.software.name', 'predicate.software.version', 'predicate.arithmetic.radiusMargin', 'predicate.arithmetic.noise',
  'predicate.metrics.retain.loss', 'predicate.metrics.retain.accuracy', 'predicate.metrics.evaluation.count', 'predicate.metrics.evaluation.loss', 'predicate.metrics.evaluation.accuracy',
  'predicate.limits[]',
];

/** What may be changed without a claim becoming stronger than the numbers allow. */
const weaker: Readonly<Record<string, (to: Json | undefined) => boolean>> = {
  'predicate.guarantee.epsilon': (to) => typeof to === 'number' && to > 0.9,
  // The weaker of the two references, whose cost is recomputed as well.
  'predicate.guarantee.reference': (to) => to === 'centre',
  // More noisy steps behind the one that certifies.
  'predicate.mechanism.steps[].count': (to) => typeof to === 'number' && to > 100,
  'predicate.mechanism.steps[].decay': (to) => to === 5e-324,
};

describe('a certificate of which one leaf is changed and which is signed again', () => {
  it('fails, or claims less, or says something that only the signer vouches for', async () => {
    const found = await unseen(await genuine());
    const claims = [...found].filter(([path]) => !vouchedFor.includes(path));
    expect(claims.map(([path]) => path).sort()).toEqual(Object.keys(weaker).sort());
    for (const [path, values] of claims) expect(values.filter((to) => weaker[path]?.(to) !== true), path).toEqual([]);
    // And nothing is called vouched for that a verifier would notice.
    expect(vouchedFor.filter((path) => !found.has(path))).toEqual([]);
  });

  const step = { count: 10, learningRate: 0.1, decay: 0.5, gradientRadius: 0.1, sigma: 4 };
  const trained = ['dense/kernel', 'dense/bias'];
  const mechanisms: readonly Mechanism[] = [
    { method: 'layered-gradient-clipping', blocks: trained.map((name) => ({ name, initialRadius: 1, steps: [step] })) },
    { method: 'sequential-subspaces', blocks: trained.map((name) => ({ name, initialRadius: 1, steps: [step] })) },
    { method: 'model-clipping', initialRadius: 1, initialSigma: 2, steps: [{ count: 10, learningRate: 0.1, decay: 0, modelRadius: 1, sigma: 0.8 }] },
    { method: 'output-perturbation', initialRadius: 1, sigma: 8 },
    { method: 'convex-head', loss: 'softmax-cross-entropy', initialRadius: 1, steps: [{ count: 30, learningRate: 1, decay: 0.1, inputRadius: 1 }], sigma: 0.5 },
  ];
  it.each(mechanisms.map((mechanism) => [mechanism.method, mechanism] as const))('cannot claim more by %s than its numbers give', async (_, mechanism) => {
    const { run } = exampleInput();
    const statement = await genuine({ mechanism, run: { ...run, mechanism } });
    const found = await unseen(statement, 'predicate.mechanism');
    // Learning rates and decay do not enter model clipping. The head contracts by |1 − γλ| = 0.9, and |1 − γ(λ + A²/2)| = 0.4 is less: neither the bound
    // on its inputs nor the curvature of its loss counts. More noisy steps behind the one that certifies change nothing.
    const free: Readonly<Record<string, readonly string[]>> = { 'model-clipping': ['learningRate', 'decay'], 'convex-head': ['inputRadius', 'loss'], 'layered-gradient-clipping': ['count'], 'sequential-subspaces': ['count'] };
    expect([...found.keys()].filter((path) => free[mechanism.method]?.includes(path.split('.').at(-1) ?? '') !== true)).toEqual([]);
  });

  it('is not accepted with the old signature, whatever the leaf', async () => {
    const statement = await genuine();
    const { dsseEnvelope, ...material } = JSON.parse(new TextDecoder().decode(await signed(statement as object))) as { dsseEnvelope: { payload: string } };
    for (const { path, value } of leaves(statement)) {
      const forged = changed(statement, path, typeof value === 'number' ? value + 1 : `${String(value)}x`);
      const payload = Buffer.from(encodeStatement(forged as object)).toString('base64');
      const bytes = new TextEncoder().encode(JSON.stringify({ ...material, dsseEnvelope: { ...dsseEnvelope, payload } }));
      expect((await verifyCertificate(bytes, { trustedKeys: [keys.publicKey], modelFiles })).signature.status, asText(path)).toBe('fail');
    }
  });

  it('is not accepted with the signature of another key, nor with another member anywhere', async () => {
    const stranger = signerFromPem(createKeyPair().privateKey);
    const statement = await genuine();
    const { signature } = await verifyCertificate(await signed(statement as object, stranger), { trustedKeys: [keys.publicKey], modelFiles });
    expect(signature.status).toBe('unknown');
    const objects = new Set([...leaves(statement)].flatMap(({ path }) => path.map((_, depth) => JSON.stringify(path.slice(0, depth)))));
    for (const text of objects) {
      const path = JSON.parse(text) as Path;
      const there = path.reduce<Json>((part, key) => (part as Record<string | number, Json>)[key] ?? null, statement);
      if (Array.isArray(there) || path.at(-1) === 'versions') continue;
      expect(await isAccepted(await signed(changed(statement, path, { ...(there as Record<string, Json>), accuracyOfTheOriginal: 0.9 }) as object)), text).toBe(false);
    }
  });
});
