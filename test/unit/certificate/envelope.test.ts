import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { describe, expect, it } from 'vitest';
import { decodeBundle, encodeBundle, MAXIMUM_BUNDLE_BYTES } from '../../../src/certificate/bundle';
import { PAYLOAD_TYPE, preAuthenticationEncoding, signEnvelope, verifyEnvelope } from '../../../src/certificate/dsse';
import { createKeyPair, fingerprint, hintOf, publicKeyFromPem, publicPem, signerFromPem } from '../../../src/certificate/keys';

const keys = createKeyPair();
const signer = signerFromPem(keys.privateKey);
const publicKey = publicKeyFromPem(keys.publicKey);
const payload = new TextEncoder().encode('{"_type":"https://in-toto.io/Statement/v1"}');

/** What Sigstore's own JavaScript verifier says, with a key and no transparency log. */
function sigstoreAccepts(bundle: Uint8Array): boolean {
  const verifier = new Verifier(
    {
      certificateAuthorities: [],
      timestampAuthorities: [],
      tlogs: [],
      ctlogs: [],
      publicKey: (hint) => {
        if (hint !== hintOf(signer.fingerprint)) throw new Error(`unknown key ${hint}`);
        return { publicKey: createPublicKey(keys.publicKey), validFor: () => true };
      },
    },
    { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  );
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(Buffer.from(bundle).toString('utf8')))));
    return true;
  } catch {
    return false;
  }
}

describe('keys', () => {
  it('have as fingerprint the SHA-256 of the public key in DER, whichever half is given', () => {
    // The PEM body is the DER in base64, so the digest can be taken without the code under test.
    const der = Buffer.from(keys.publicKey.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    expect(signer.fingerprint).toBe(createHash('sha256').update(der).digest('hex'));
    expect(fingerprint(publicKeyFromPem(keys.privateKey))).toBe(signer.fingerprint);
    expect(publicPem(keys.privateKey)).toBe(keys.publicKey);
  });

  it('of another curve or kind are refused, and so is what is not a key', () => {
    for (const other of [generateKeyPairSync('ec', { namedCurve: 'P-384' }), generateKeyPairSync('ed25519')]) {
      const privatePem = other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const otherPublicPem = other.publicKey.export({ type: 'spki', format: 'pem' }).toString();
      expect(() => signerFromPem(privatePem)).toThrow(expect.objectContaining({ code: 'key-not-p256' }));
      expect(() => publicKeyFromPem(otherPublicPem)).toThrow(expect.objectContaining({ code: 'key-not-p256' }));
    }
    expect(() => signerFromPem(keys.publicKey)).toThrow(expect.objectContaining({ code: 'key-unreadable' }));
    expect(() => publicKeyFromPem('hello')).toThrow(expect.objectContaining({ code: 'key-unreadable' }));
  });
});

describe('the envelope', () => {
  it('signs the pre-authentication encoding of the DSSE specification', () => {
    // The example of secure-systems-lab/dsse, protocol.md.
    const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', new TextEncoder().encode('hello world'));
    expect(Buffer.from(encoded).toString('utf8')).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('is accepted by its own key and by no other', async () => {
    const envelope = await signEnvelope(payload, signer);
    expect(verifyEnvelope(envelope, publicKey)).toBe(true);
    expect(verifyEnvelope(envelope, publicKeyFromPem(createKeyPair().publicKey))).toBe(false);
    expect(verifyEnvelope({ ...envelope, payload: payload.slice(1) }, publicKey)).toBe(false);
  });

  it('verifies on a second path, the streaming verifier of Node over bytes put together by hand', async () => {
    const envelope = await signEnvelope(payload, signer);
    const signed = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} ${Buffer.from(payload).toString('utf8')}`;
    expect(createVerify('sha256').update(signed).verify(keys.publicKey, envelope.signature)).toBe(true);
    expect(createVerify('sha256').update(`${signed} `).verify(keys.publicKey, envelope.signature)).toBe(false);
  });

  it('verifies with the openssl command line, or on machines without it with IEEE P1363 signatures', async () => {
    const envelope = await signEnvelope(payload, signer);
    const encoded = preAuthenticationEncoding(PAYLOAD_TYPE, envelope.payload);
    const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
    try {
      writeFileSync(join(folder, 'pae'), encoded);
      writeFileSync(join(folder, 'sig'), envelope.signature);
      writeFileSync(join(folder, 'key.pem'), keys.publicKey);
      const answer = run('openssl', ['dgst', '-sha256', '-verify', 'key.pem', '-signature', 'sig', 'pae'], folder);
      if (answer === undefined) expect(createVerify('sha256').update(encoded).verify({ key: keys.publicKey, dsaEncoding: 'ieee-p1363' }, toP1363(envelope.signature))).toBe(true);
      else expect(answer.trim()).toBe('Verified OK');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Standard output, or undefined where there is no such program. */
function run(program: string, parameters: readonly string[], folder: string): string | undefined {
  try {
    return execFileSync(program, parameters, { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** `SEQUENCE { INTEGER r, INTEGER s }` to r ‖ s, 32 bytes each. */
function toP1363(der: Uint8Array): Buffer {
  const lengthOfR = der[3] ?? 0;
  const half = (integer: Uint8Array): string => Buffer.from(integer).toString('hex').padStart(66, '0').slice(-64);
  return Buffer.from(half(der.slice(4, 4 + lengthOfR)) + half(der.slice(6 + lengthOfR)), 'hex');
}

describe('the bundle', () => {
  it('is read back as it was written', async () => {
    const envelope = await signEnvelope(payload, signer);
    const bundle = decodeBundle(encodeBundle(envelope, signer.fingerprint));
    expect(bundle.envelope.payload).toEqual(payload);
    expect(bundle.envelope.signature).toEqual(new Uint8Array(envelope.signature));
    expect(bundle.hint).toBe(hintOf(signer.fingerprint));
  });

  it('is accepted by the unmodified Sigstore verifier, and refused by it once tampered with', async () => {
    const envelope = await signEnvelope(payload, signer);
    expect(sigstoreAccepts(encodeBundle(envelope, signer.fingerprint))).toBe(true);
    const other = new TextEncoder().encode('{"_type":"https://in-toto.io/Statement/v2"}');
    expect(sigstoreAccepts(encodeBundle({ ...envelope, payload: other }, signer.fingerprint))).toBe(false);
    expect(sigstoreAccepts(encodeBundle(envelope, 'ab'.repeat(32)))).toBe(false);
  });

  it('is refused with a reason when it is not what it should be', async () => {
    const text = Buffer.from(encodeBundle(await signEnvelope(payload, signer), signer.fingerprint)).toString('utf8');
    const refusal = (changed: string): string => {
      try {
        decodeBundle(new TextEncoder().encode(changed));
        return 'accepted';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal(text)).toBe('accepted');
    expect(refusal(text.slice(0, -10))).toBe('it is not valid JSON');
    expect(refusal(text.replace('v0.3', 'v0.2'))).toMatch(/mediaType/);
    expect(refusal(text.replace('in-toto+json', 'other'))).toMatch(/payloadType/);
    expect(refusal(text.replace('"sig": "', '"sig": "-'))).toMatch(/standard base64/);
    expect(refusal(text.replace('{', '{"extra": 1,'))).toMatch(/extra/);
    expect(refusal(text.replace('{', `{"mediaType": "x",`))).toMatch(/"mediaType" twice/);
    expect(refusal(text.replace('{', '{"__proto__": {"polluted": 1},'))).toMatch(/__proto__/);
    expect(refusal(text.replace('{', '{"__pr\\u006fto__": {"polluted": 1},'))).toMatch(/__proto__/);
    // A reason may quote the file, but never a terminal's escape sequences.
    expect(refusal(text.replace('{', '{"\\u001b[31mred":1,'))).toMatch(/\ufffd\[31mred/);
    expect(refusal('{"\\u001b[2J":1,"\\u001b[2J":1}')).toBe('it has the member "\ufffd[2J" twice in one object');
    expect(refusal('['.repeat(1_000_000) + ']'.repeat(1_000_000))).toMatch(/deeper than 64/);
    expect(refusal('')).toBe('it is not valid JSON');
    expect(() => decodeBundle(new Uint8Array(MAXIMUM_BUNDLE_BYTES + 1))).toThrow(/16 MiB/);
    expect(() => decodeBundle(new Uint8Array([0xff, 0xfe, 0x00]))).toThrow(/UTF-8/);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
