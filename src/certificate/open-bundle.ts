import { KeyObject } from 'node:crypto';
import { decodeBundle, type Bundle } from './bundle';
import { verifyEnvelope } from './dsse';
import { fingerprint, hintOf, publicKeyFromPem } from './keys';
import { JsonRefused } from './strict-json';

/** One answer of a verification. `unknown`: it could not be checked. */
export interface Verdict {
  readonly status: 'pass' | 'fail' | 'unknown';
  /** One sentence for people. */
  readonly detail: string;
}

/** A signed file, after its signature was checked and before anything in it was read. */
export interface Opened {
  readonly signature: Verdict;
  /** Fingerprint of the key that signed, or with `unknown` of the key that the file says did. */
  readonly signer: string | undefined;
  /** The signed bytes. Present only if the signature is valid. */
  readonly payload: Uint8Array | undefined;
  /** The same bytes if the signature is not valid: for showing with a warning, never for believing. */
  readonly unverifiedPayload: Uint8Array | undefined;
  /** Why the file could not be taken apart. */
  readonly damaged: string | undefined;
}

/** A key, or PEM text of one. */
export type TrustedKey = KeyObject | string;

/**
 * Checks the signature of a bundle against keys that the reader trusts. Never throws for what is in the bundle.
 * @throws UserError `key-unreadable` or `key-not-p256` for a bad trusted key.
 */
export function openBundle(bytes: Uint8Array, trustedKeys: readonly TrustedKey[]): Opened {
  const keys = trustedKeys.map((key) => (key instanceof KeyObject ? key : publicKeyFromPem(key)));
  let bundle: Bundle;
  try {
    bundle = decodeBundle(bytes);
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    return { signature: { status: 'fail', detail: `The file is damaged: ${error.message}.` }, signer: undefined, payload: undefined, unverifiedPayload: undefined, damaged: error.message };
  }
  const { envelope, hint } = bundle;
  // The hint is not signed, so it only words the answer: whichever trusted key fits is the signer.
  const signer = keys.find((key) => verifyEnvelope(envelope, key));
  if (signer !== undefined) {
    const by = fingerprint(signer);
    return { signature: { status: 'pass', detail: `Signed with the trusted key ${by}.` }, signer: by, payload: envelope.payload, unverifiedPayload: undefined, damaged: undefined };
  }
  const claimed = claimedFingerprint(hint);
  const trusted = keys.some((key) => hintOf(fingerprint(key)) === hint);
  return {
    signature: trusted
      ? { status: 'fail', detail: `The signature is not that of the trusted key ${claimed ?? ''}: the file was changed after it was signed.` }
      : { status: 'unknown', detail: `It says it is signed with the key ${claimed ?? '(not named)'}, which is not among the trusted keys.` },
    signer: claimed,
    payload: undefined,
    unverifiedPayload: envelope.payload,
    damaged: undefined,
  };
}

/** The hint as a fingerprint in hex, if it is one. */
function claimedFingerprint(hint: string): string | undefined {
  const bytes = Buffer.from(hint, 'base64');
  return bytes.length === 32 ? bytes.toString('hex') : undefined;
}
