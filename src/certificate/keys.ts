import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { UserError } from '../error';

/** Signs bytes. The private key may live anywhere: in a file, in the secret storage of an editor, in a hardware token. */
export interface Signer {
  /** SHA-256 of the public key's SubjectPublicKeyInfo in DER, as 64 lower-case hex digits. */
  readonly fingerprint: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
  /** ECDSA P-256 over SHA-256 of `bytes`, in ASN.1 DER. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A new ECDSA P-256 key: PKCS#8 (private, not encrypted) and SubjectPublicKeyInfo (public), both in PEM. */
export function createKeyPair(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/**
 * A signer from a private key in PEM.
 * @throws UserError `key-unreadable` when it is not an unencrypted private key, `key-not-p256` for any other kind of key.
 */
export function signerFromPem(pem: string): Signer {
  const key = requireP256(readKey(() => createPrivateKey(pem), 'private'));
  return {
    fingerprint: fingerprint(createPublicKey(key)),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => Promise.resolve(sign('sha256', bytes, { key, dsaEncoding: 'der' })),
  };
}

/**
 * A public key from PEM; a private key gives its public half.
 * @throws UserError `key-unreadable` or `key-not-p256`.
 */
export function publicKeyFromPem(pem: string): KeyObject {
  return requireP256(readKey(() => createPublicKey(pem), 'public'));
}

/** The public half of a private key, in PEM, for handing to those who verify. */
export function publicPem(privatePem: string): string {
  return publicKeyFromPem(privatePem).export({ type: 'spki', format: 'pem' }).toString();
}

/** SHA-256 of the key's SubjectPublicKeyInfo in DER, as 64 lower-case hex digits. */
export function fingerprint(publicKey: KeyObject): string {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex');
}

/** The fingerprint as Sigstore tools write it in a bundle: base64 instead of hex. */
export function hintOf(keyFingerprint: string): string {
  return Buffer.from(keyFingerprint, 'hex').toString('base64');
}

function readKey(read: () => KeyObject, kind: 'private' | 'public'): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw new UserError('key-unreadable', `This is not a ${kind} key in PEM.`, {
      cause,
      remedy: kind === 'private' ? 'Give an unencrypted PKCS#8 file that begins with "-----BEGIN PRIVATE KEY-----".' : 'Give a file that begins with "-----BEGIN PUBLIC KEY-----".',
    });
  }
}

function requireP256(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new UserError('key-not-p256', 'Certificates are signed with ECDSA on the curve P-256, and this is another kind of key.', {
      remedy: 'Create one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
    });
  }
  return key;
}
