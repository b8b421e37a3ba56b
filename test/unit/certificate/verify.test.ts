import { createPublicKey } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBundle } from '../../../src/certificate/bundle';
import { createStatement } from '../../../src/certificate/create-statement';
import { signEnvelope } from '../../../src/certificate/dsse';
import { createKeyPair, hintOf, publicKeyFromPem, signerFromPem } from '../../../src/certificate/keys';
import { encodeStatement, type Statement } from '../../../src/certificate/statement';
import { passes, verifyCertificate, type Verification } from '../../../src/certificate/verify';
import { exampleInput, hexDigest, keys, modelFiles, signed, signer } from './example';

const statement = createStatement(exampleInput());
const certificate = await signed(statement);
const trustedKeys = [keys.publicKey];
const verify = (bytes: Uint8Array): Promise<Verification> => verifyCertificate(bytes, { trustedKeys, modelFiles });
const statuses = ({ signature, model, accounting }: Verification): string[] => [signature, model, accounting].map(({ status }) => status);

/** The mechanism of the example, to be changed. */
function clipping({ mechanism }: Statement['predicate']): Statement['predicate']['mechanism'] & { readonly method: 'gradient-clipping' } {
  if (mechanism.method !== 'gradient-clipping') throw new Error('the example is gradient clipping');
  return mechanism;
}

/** The statement with something changed, signed again by the trusted key: what a dishonest signer can make. */
async function resigned(change: (statement: Statement) => void): Promise<Verification> {
  const changed = structuredClone(statement);
  change(changed);
  return verify(await signed(changed));
}

describe('a certificate', () => {
  it('passes all three verdicts with its key and its model, and says that the run is asserted', async () => {
    const verification = await verify(certificate);
    expect(statuses(verification)).toEqual(['pass', 'pass', 'pass']);
    expect(passes(verification)).toBe(true);
    expect(verification.run.status).toBe('asserted');
    expect(verification.statement).toEqual(statement);
    expect(verification.signer).toBe(signer.fingerprint);
  });

  it('is accepted by the unmodified Sigstore verifier', () => {
    const verifier = new Verifier(
      { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey: () => ({ publicKey: createPublicKey(keys.publicKey), validFor: () => true }) },
      { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
    );
    const json = JSON.parse(new TextDecoder().decode(certificate)) as { verificationMaterial: { publicKey: { hint: string } }; dsseEnvelope: { payload: string } };
    expect(json.verificationMaterial.publicKey.hint).toBe(hintOf(signer.fingerprint));
    expect(() => verifier.verify(toSignedEntity(bundleFromJSON(json)))).not.toThrow();
    json.dsseEnvelope.payload = Buffer.from(encodeStatement({ ...statement, subject: [] })).toString('base64');
    expect(() => verifier.verify(toSignedEntity(bundleFromJSON(json)))).toThrow('signature verification failed');
  });

  it('signed with an unknown key says so with the fingerprint, and is decoded only when asked', async () => {
    const stranger = signerFromPem(createKeyPair().privateKey);
    const bytes = await signed(statement, stranger);
    const verification = await verify(bytes);
    expect(statuses(verification)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(verification.signature.detail).toContain(stranger.fingerprint);
    expect(verification.statement).toBeUndefined();
    expect(verification.unverifiedStatement).toBeUndefined();
    const shown = await verifyCertificate(bytes, { trustedKeys: [publicKeyFromPem(keys.publicKey)], modelFiles, showUnverified: true });
    expect(shown.statement).toBeUndefined();
    expect(shown.unverifiedStatement).toEqual(statement);
    expect(passes(shown)).toBe(false);
  });

  it('with any byte changed fails, or still says exactly the same', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(certificate.length - 1), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
      const changed = Uint8Array.from(certificate);
      changed[place] = (changed[place] ?? 0) ^ flip;
      const verification = await verify(changed);
      if (passes(verification)) expect(verification.statement).toEqual(statement);
      else expect(verification.statement).toBeUndefined();
    }), { numRuns: 3000 });
  }, 60_000);

  it('cut short or replaced by any bytes gives verdicts, never an exception', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.json().map((text) => new TextEncoder().encode(text)), fc.nat(certificate.length - 2).map((length) => certificate.slice(0, length))), async (bytes) => {
      expect((await verify(bytes)).signature.status).toBe('fail');
    }), { numRuns: 500 });
  });
});

describe('the verdict on the model', () => {
  const check = async (files: Parameters<typeof verifyCertificate>[1]['modelFiles']): Promise<Verification> => verifyCertificate(certificate, { trustedKeys, modelFiles: files });
  const [name = ''] = modelFiles.keys();

  it('names files that differ, are missing or are too many', async () => {
    expect((await check(new Map([[name, hexDigest('other')]]))).model).toEqual({ status: 'fail', detail: `This is not the certified model: ${name} is different.` });
    expect((await check(new Map())).files).toEqual([{ name, state: 'missing' }]);
    expect((await check(new Map([...modelFiles, ['extra.bin', hexDigest('x')]]))).files).toEqual([{ name, state: 'matches' }, { name: 'extra.bin', state: 'extra' }]);
  });

  it('takes a look-up instead of a map, and is unknown where there is no model or it cannot be read', async () => {
    expect((await check((file) => Promise.resolve(modelFiles.get(file)))).model.status).toBe('pass');
    expect((await check(() => Promise.reject(new Error('EACCES')))).model).toEqual({ status: 'unknown', detail: `The file ${name} could not be read: EACCES` });
    expect((await check(undefined)).model.status).toBe('unknown');
  });
});

describe('the verdict on the accounting', () => {
  it('fails when a signer states less than the schedule gives', async () => {
    // The schedule gives ε = 0.7255 against the retrained reference and 0.3407 against the centre.
    const lowered = await resigned(({ predicate }) => (predicate.guarantee.epsilon = 0.5));
    expect(statuses(lowered)).toEqual(['pass', 'pass', 'fail']);
    expect(lowered.accounting.detail).toContain('ε = 0.5 is stated');
    for (const reference of ['retrained', 'centre'] as const) {
      expect((await resigned(({ predicate }) => (predicate.guarantee[reference].epsilon *= 0.99))).accounting.status).toBe('fail');
      expect((await resigned(({ predicate }) => (predicate.guarantee[reference].mu = 1e-3))).accounting.status).toBe('fail');
      expect((await resigned(({ predicate }) => (predicate.guarantee[reference].epsilon *= 1.01))).accounting.status).toBe('fail');
      expect((await resigned(({ predicate }) => delete predicate.guarantee[reference].mu)).accounting.status).toBe('fail');
    }
    expect((await resigned(({ predicate }) => (predicate.guarantee.delta = 1e-9))).accounting.status).toBe('fail');
  });

  it('fails when the schedule is changed under the stated numbers', async () => {
    expect((await resigned(({ predicate }) => (clipping(predicate).initialRadius = 2))).accounting.status).toBe('fail');
    expect((await resigned(({ predicate }) => (clipping(predicate).steps = []))).accounting.status).toBe('fail');
    // Steps without noise after the last noise are post-processing on retained data and cost nothing.
    expect((await resigned(({ predicate }) => clipping(predicate).steps.push({ count: 1, learningRate: 9, decay: 0, gradientRadius: 9, sigma: 0 }))).accounting.status).toBe('pass');
  });

  it('fails when coverage, assumptions or data do not add up', async () => {
    const detail = async (change: (statement: Statement) => void): Promise<string> => {
      const { accounting } = await resigned(change);
      expect(accounting.status).toBe('fail');
      return accounting.detail;
    };
    expect(await detail(({ predicate }) => (predicate.coverage = predicate.coverage.filter(({ treatment }) => treatment !== 'noised')))).toContain('No tensor is noised');
    expect(await detail(({ predicate }) => predicate.coverage.push(...predicate.coverage))).toContain('listed twice');
    expect(await detail(({ predicate }) => (predicate.coverage = predicate.coverage.map((entry) => ({ ...entry, count: 1 }))))).toContain('does not have 1 numbers');
    expect(await detail(({ predicate }) => predicate.assumptions.reverse())).toContain('numbered 1 to 7');
    expect(await detail(({ predicate }) => (predicate.data.duplicatesInRetain.keptCount = 1))).toContain('policy is "refuse"');
    expect(await detail(({ subject }) => subject.push(...subject))).toContain('listed twice');
    expect(await detail(({ predicate }) => (predicate.metrics.retain = { count: 1e9, loss: 1 }))).toContain('More retained records');
  });
});

describe('a hostile statement under a valid signature', () => {
  it('is refused as a whole for fields that it may not have', async () => {
    for (const change of [
      (s: Statement) => Object.assign(s.predicate, { originalMetrics: { loss: 1 } }),
      (s: Statement) => Object.assign(s.predicate.metrics, { forget: { count: 1, loss: 1 } }),
      (s: Statement) => Object.assign(s.predicate.engine.versions, { odd: 1 }),
      (s: Statement) => Object.assign(s, { predicateType: 'https://example.org/other' }),
      (s: Statement) => (s.predicate.finishedOn = 'yesterday'),
      (s: Statement) => Object.assign(s.subject[0] ?? {}, { name: '../../etc/passwd' }),
    ]) {
      const verification = await resigned((changed) => void change(changed));
      expect(statuses(verification)).toEqual(['pass', 'fail', 'fail']);
      expect(verification.damaged).toBeDefined();
      expect(verification.statement).toBeUndefined();
    }
  });

  it('cannot make the verifier count for long', async () => {
    const huge = await resigned(({ predicate }) => (clipping(predicate).steps = [{ count: 9e15, learningRate: 0.1, decay: 0, gradientRadius: 1, sigma: 1 }]));
    expect(huge.accounting).toEqual({ status: 'fail', detail: 'The schedule has 9000000000000000 steps; more than 10000000 are not accepted.' });
    const beyond = await resigned(({ predicate }) => Object.assign(clipping(predicate).steps[0] ?? {}, { sigma: 1e300 }));
    expect(beyond.accounting.detail).toMatch(/^The accountant refuses the schedule: /);
  });

  it('cannot use two names, prototypes, depth or numbers that are none', async () => {
    const text = new TextDecoder().decode(encodeStatement(statement));
    const raw = async (payload: string): Promise<string | undefined> => {
      const verification = await verify(encodeBundle(await signEnvelope(new TextEncoder().encode(payload), signer), signer.fingerprint));
      expect(verification.signature.status).toBe('pass');
      return verification.damaged;
    };
    expect(await raw(text)).toBeUndefined();
    expect(await raw(text.replace('{', '{"_type":"x",'))).toContain('twice');
    expect(await raw(text.replace('{', '{"__proto__":{"a":1},'))).toContain('__proto__');
    expect(await raw(text.replace('"versions":{', '"versions":{"__proto__":"1",'))).toContain('__proto__');
    expect(await raw(text.replace('"centre":"zero"', `"centre":${'['.repeat(5000)}${']'.repeat(5000)}`))).toContain('deeper');
    expect(await raw(text.replace('"delta":0.00001', '"delta":1e-999'))).toContain('delta');
    expect(await raw(text.replace('"loss":0.31', '"loss":1e999'))).toContain('loss');
    expect(await raw(text.replace('"initialRadius":1', '"initialRadius":-1'))).toContain('initialRadius');
    expect(await raw('null')).toBeDefined();
    expect(await raw('[]')).toBeDefined();
    expect(await raw(' ')).toBe('it is not valid JSON');
  });
});
