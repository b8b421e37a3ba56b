import { verify, type KeyObject } from 'node:crypto';
import type { Signer } from './keys';

/** What the payload of an envelope is: an in-toto statement in JSON. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** A DSSE envelope with its fields decoded. */
export interface Envelope {
  readonly payload: Uint8Array;
  /** ASN.1 DER. */
  readonly signature: Uint8Array;
}

/**
 * Pre-authentication encoding, the bytes that are really signed: `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`.
 * Source: secure-systems-lab/dsse, protocol.md, version 1.0.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

export async function signEnvelope(payload: Uint8Array, signer: Signer): Promise<Envelope> {
  return { payload, signature: await signer.sign(preAuthenticationEncoding(PAYLOAD_TYPE, payload)) };
}

export function verifyEnvelope(envelope: Envelope, publicKey: KeyObject): boolean {
  return verify('sha256', preAuthenticationEncoding(PAYLOAD_TYPE, envelope.payload), { key: publicKey, dsaEncoding: 'der' }, envelope.signature);
}
