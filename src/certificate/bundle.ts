import { z } from 'zod';
import { PAYLOAD_TYPE, type Envelope } from './dsse';
import { firstIssue } from './fields';
import { hintOf } from './keys';
import { JsonRefused, parseStrictJson } from './strict-json';

export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** Larger files are refused before they are read as JSON. 16 MiB hold a coverage list of more than 50,000 tensors. */
export const MAXIMUM_BUNDLE_BYTES = 16 * 1024 * 1024;

/** A Sigstore bundle v0.3 with its fields decoded. */
export interface Bundle {
  readonly envelope: Envelope;
  /** Which key is said to have signed: base64 of the SHA-256 of its SubjectPublicKeyInfo. Not covered by the signature. */
  readonly hint: string;
}

/** Standard base64 with padding, in its only canonical form. */
const base64 = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return new Uint8Array(bytes);
  context.addIssue({ code: 'custom', message: 'is not standard base64' });
  return z.NEVER;
});

const bundleSchema = z.strictObject({
  mediaType: z.literal(BUNDLE_MEDIA_TYPE),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({ hint: z.string().max(256) }),
    // Other signers may add entries of a transparency log; they are not what this program's trust rests on.
    tlogEntries: z.array(z.unknown()).optional(),
    timestampVerificationData: z.unknown().optional(),
  }),
  dsseEnvelope: z.strictObject({
    payload: base64,
    payloadType: z.literal(PAYLOAD_TYPE),
    signatures: z.tuple([z.strictObject({ sig: base64, keyid: z.string().max(256).optional() })]),
  }),
});

/** The bundle as a file: indented JSON and a newline. */
export function encodeBundle(envelope: Envelope, keyFingerprint: string): Uint8Array {
  const json = {
    mediaType: BUNDLE_MEDIA_TYPE,
    // Some readers insist on members that are optional: the empty list here, the empty key id below.
    verificationMaterial: { publicKey: { hint: hintOf(keyFingerprint) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(envelope.payload).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ keyid: '', sig: Buffer.from(envelope.signature).toString('base64') }],
    },
  };
  return new TextEncoder().encode(`${JSON.stringify(json, undefined, 2)}\n`);
}

/**
 * Takes a bundle apart without believing anything in it.
 * @throws JsonRefused with a reason for people, and nothing else.
 */
export function decodeBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > MAXIMUM_BUNDLE_BYTES) throw new JsonRefused('it is larger than 16 MiB');
  const parsed = bundleSchema.safeParse(parseStrictJson(bytes));
  if (!parsed.success) throw new JsonRefused(`it is not a Sigstore bundle v0.3 with a key hint and one signature (${firstIssue(parsed.error)})`);
  const { dsseEnvelope, verificationMaterial } = parsed.data;
  return { envelope: { payload: dsseEnvelope.payload, signature: dsseEnvelope.signatures[0].sig }, hint: verificationMaterial.publicKey.hint };
}
