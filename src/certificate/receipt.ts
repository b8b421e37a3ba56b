import { z } from 'zod';
import { UserError } from '../error';
import { encodeBundle } from './bundle';
import { signEnvelope } from './dsse';
import { count, fileName, firstIssue, sha256, text } from './fields';
import { genuineCertificate } from './genuine-certificate';
import { leafHash, verifyInclusion, type InclusionProof } from './inclusion';
import type { Signer } from './keys';
import { openBundle, type TrustedKey, type Verdict } from './open-bundle';
import { readPayload } from './read-payload';
import { STATEMENT_TYPE, encodeStatement, type Statement } from './statement';
import { JsonRefused } from './strict-json';

export const RECEIPT_TYPE = 'https://certified-unlearning.github.io/receipt/v1';

const recordSchema = z.strictObject({
  /** Place among the forgotten records. */
  index: count,
  /** Digest of the record's content: whoever has the record can recompute it. */
  digest: sha256,
  /** This record's own salt. It opens this leaf and no other. */
  salt: sha256,
  /** Siblings on the way to the root: hashes of salted leaves, which say nothing about the records under them. */
  path: z.array(sha256).max(64),
});

const receiptSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  /** The certificate, by the SHA-256 of its signed statement. */
  subject: z.tuple([z.strictObject({ name: fileName, digest: z.strictObject({ sha256 }) })]),
  predicateType: z.literal(RECEIPT_TYPE),
  predicate: z.strictObject({
    /** Of one person, or one record. */
    records: z.array(recordSchema).min(1).max(100_000).refine((records) => new Set(records.map(({ index }) => index)).size === records.length, 'names a record twice'),
    request: z.strictObject({ reference: text, date: z.iso.date().optional(), basis: text.optional() }).optional(),
    issuedOn: z.iso.datetime(),
  }),
});

export type Receipt = z.output<typeof receiptSchema>;

/** One forgotten record: what opens its leaf, and the leaf's way to the root. */
export interface ForgottenRecord extends InclusionProof {
  /** SHA-256 of the record's canonical content, 32 bytes. */
  readonly digest: Uint8Array;
  /** 32 bytes, of this record alone. */
  readonly salt: Uint8Array;
}

export interface ReceiptInput {
  /** The certificate as a file, and its name. */
  readonly certificate: Uint8Array;
  readonly certificateName: string;
  /** Keys by which the certificate is recognised as genuine. */
  readonly trustedKeys: readonly TrustedKey[];
  /** The forgotten records of the one person that the receipt is for. */
  readonly records: readonly ForgottenRecord[];
  readonly request?: Receipt['predicate']['request'];
  readonly issuedOn: Date;
}

/**
 * A receipt for one person, as a file: that these records were among those forgotten, and nothing about anyone else's.
 * It holds the digest and salt of the records, so it is for that person only.
 * @throws UserError `certificate-not-verified`, `not-forgotten` if a record is not under the certificate's root, `receipt-invalid`.
 */
export async function createReceipt(input: ReceiptInput, signer: Signer): Promise<Uint8Array> {
  const certificate = genuineCertificate(input.certificate, input.trustedKeys);
  if ('detail' in certificate) throw new UserError('certificate-not-verified', `No receipt can be written for this certificate. ${certificate.detail}`, { file: input.certificateName, remedy: 'Ask its signer for an intact copy, or trust the key that signed it if you know whose it is.' });
  const receipt = receiptSchema.safeParse({
    _type: STATEMENT_TYPE,
    subject: [{ name: input.certificateName, digest: { sha256: certificate.digest } }],
    predicateType: RECEIPT_TYPE,
    predicate: {
      records: input.records.map(({ index, digest, salt, path }) => ({ index, digest: hex(digest), salt: hex(salt), path: path.map(hex) })),
      request: input.request,
      issuedOn: input.issuedOn.toISOString(),
    },
  });
  if (!receipt.success) throw new UserError('receipt-invalid', `This cannot stand on a receipt: ${firstIssue(receipt.error)}.`, { remedy: 'Ask for each record once, and for at most 100,000 at a time.' });
  const wrong = recordsOutside(receipt.data, certificate.statement);
  if (wrong !== undefined) throw new UserError('not-forgotten', wrong, { file: input.certificateName, remedy: 'Ask for records that this run forgot; its private report lists them.' });
  return encodeBundle(await signEnvelope(encodeStatement(receipt.data), signer), signer.fingerprint);
}

/** What a person learns from a receipt and a certificate. All three must pass. */
export interface ReceiptVerification {
  /** The receipt is signed with a trusted key. */
  readonly signature: Verdict;
  /** The certificate is signed with a trusted key, and is the one that the receipt is for. */
  readonly certificate: Verdict;
  /** The records are under the certificate's commitment to what was forgotten. */
  readonly inclusion: Verdict;
  readonly receipt: Receipt | undefined;
}

/**
 * Verifies a receipt against its certificate. Never throws for what is in the two files.
 * The certificate's own verdicts (model, accounting) are not repeated here; see `verifyCertificate`.
 * @param recordDigests digests of the person's own records (hex), if they are to be compared with those on the receipt
 */
export function verifyReceipt(receiptFile: Uint8Array, certificateFile: Uint8Array, trustedKeys: readonly TrustedKey[], recordDigests?: readonly string[]): ReceiptVerification {
  const opened = openBundle(receiptFile, trustedKeys);
  const certificate = genuineCertificate(certificateFile, trustedKeys);
  const notChecked: Verdict = { status: 'unknown', detail: 'Not checked, since what it rests on is not valid.' };
  const certificateAlone: Verdict = 'detail' in certificate ? certificate : notChecked;
  if (opened.payload === undefined) return { signature: opened.signature, certificate: certificateAlone, inclusion: notChecked, receipt: undefined };

  const receipt = readPayload(opened.payload, receiptSchema);
  if (receipt instanceof JsonRefused) {
    const signature: Verdict = { status: 'fail', detail: `What is signed is not a receipt that this version can read: ${receipt.message}.` };
    return { signature, certificate: certificateAlone, inclusion: notChecked, receipt: undefined };
  }
  if ('detail' in certificate) return { signature: opened.signature, certificate, inclusion: notChecked, receipt };
  if (receipt.subject[0].digest.sha256 !== certificate.digest) {
    return { signature: opened.signature, certificate: { status: 'fail', detail: 'The receipt is for another certificate.' }, inclusion: notChecked, receipt };
  }
  return {
    signature: opened.signature,
    certificate: { status: 'pass', detail: 'The receipt is for this certificate, which is signed with a trusted key.' },
    inclusion: checkRecords(receipt, certificate.statement, recordDigests),
    receipt,
  };
}

function checkRecords(receipt: Receipt, statement: Statement, recordDigests: readonly string[] | undefined): Verdict {
  const wrong = recordsOutside(receipt, statement);
  if (wrong !== undefined) return { status: 'fail', detail: wrong };
  const proven = new Set(receipt.predicate.records.map(({ digest }) => digest));
  const absent = recordDigests?.find((digest) => !proven.has(digest));
  if (absent !== undefined) return { status: 'fail', detail: `The receipt does not speak of the record ${absent}.` };
  const { length } = receipt.predicate.records;
  return { status: 'pass', detail: `${length === 1 ? 'The record is' : `All ${length} records are`} among the ${statement.predicate.data.forget.count} that were forgotten.` };
}

/** A sentence about the first record that is not under the root, or undefined if all are. */
function recordsOutside(receipt: Receipt, { predicate: { data: { forget } } }: Statement): string | undefined {
  const root = bytes(forget.commitment.root);
  const outside = receipt.predicate.records.find(({ index, digest, salt, path }) =>
    !verifyInclusion(leafHash(bytes(salt), bytes(digest)), { index, size: forget.count, path: path.map(bytes) }, root));
  return outside && `The record ${outside.digest} is not proven to be among those that were forgotten.`;
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}
