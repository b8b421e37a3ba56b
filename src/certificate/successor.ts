import { z } from 'zod';
import { UserError } from '../error';
import { encodeBundle } from './bundle';
import { signEnvelope } from './dsse';
import { fileName, firstIssue, sha256, text } from './fields';
import { genuineCertificate } from './genuine-certificate';
import type { Signer } from './keys';
import { openBundle, type TrustedKey, type Verdict } from './open-bundle';
import { readPayload } from './read-payload';
import { STATEMENT_TYPE, encodeStatement } from './statement';
import { JsonRefused } from './strict-json';

/**
 * A model that was trained further from a certified one, elsewhere, on the retained records alone. That is post-processing: the guarantee of the
 * certificate holds for it too. Which data it was trained on is the word of the signer; nothing here can check it.
 */
export const SUCCESSOR_TYPE = 'https://certified-unlearning.github.io/successor/v1';

const successorSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.strictObject({ name: fileName, digest: z.strictObject({ sha256 }) })).min(1).max(10_000),
  predicateType: z.literal(SUCCESSOR_TYPE),
  predicate: z.strictObject({
    /** The certificate of the model that training started from, by the SHA-256 of its signed statement. */
    certificate: z.strictObject({ name: fileName, sha256 }),
    /** How it was trained, in the signer's words. */
    training: text,
    asserted: z.literal('trained from the certified model on retained records alone'),
    issuedOn: z.iso.datetime(),
  }),
});

export type Successor = z.output<typeof successorSchema>;

export interface SuccessorInput {
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** The certificate as a file, and its name. */
  readonly certificate: Uint8Array;
  readonly certificateName: string;
  readonly trustedKeys: readonly TrustedKey[];
  readonly training: string;
  readonly issuedOn: Date;
}

/** @throws UserError `certificate-not-verified`, `successor-invalid` */
export async function createSuccessor(input: SuccessorInput, signer: Signer): Promise<Uint8Array> {
  const certificate = genuineCertificate(input.certificate, input.trustedKeys);
  if ('detail' in certificate) throw new UserError('certificate-not-verified', `No successor can be attached to this certificate. ${certificate.detail}`, { file: input.certificateName, remedy: 'Ask its signer for an intact copy, or trust the key that signed it if you know whose it is.' });
  const successor = successorSchema.safeParse({
    _type: STATEMENT_TYPE,
    subject: input.files.map(({ name, sha256: digest }) => ({ name, digest: { sha256: digest } })),
    predicateType: SUCCESSOR_TYPE,
    predicate: { certificate: { name: input.certificateName, sha256: certificate.digest }, training: input.training, asserted: 'trained from the certified model on retained records alone', issuedOn: input.issuedOn.toISOString() },
  });
  if (!successor.success) throw new UserError('successor-invalid', `This cannot be said of a successor: ${firstIssue(successor.error)}.`, { remedy: 'Say in a sentence of your own how the model was trained, and name its files.' });
  return encodeBundle(await signEnvelope(encodeStatement(successor.data), signer), signer.fingerprint);
}

/** What a reader learns: all three must pass, and how the model was trained remains asserted. */
export interface SuccessorVerification {
  readonly signature: Verdict;
  /** The certificate is signed with a trusted key, and is the one that training started from. */
  readonly certificate: Verdict;
  readonly model: Verdict;
  readonly successor: Successor | undefined;
}

/** Verifies a successor against its certificate and the files at hand. Never throws for what is in the two files. */
export async function verifySuccessor(file: Uint8Array, certificateFile: Uint8Array, trustedKeys: readonly TrustedKey[], digestOf: (name: string) => Promise<string | undefined>): Promise<SuccessorVerification> {
  const opened = openBundle(file, trustedKeys);
  const certificate = genuineCertificate(certificateFile, trustedKeys);
  const notChecked: Verdict = { status: 'unknown', detail: 'Not checked, since what it rests on is not valid.' };
  const payload = opened.payload === undefined ? undefined : readPayload(opened.payload, successorSchema);
  if (payload === undefined || payload instanceof JsonRefused) {
    const signature: Verdict = payload === undefined ? opened.signature : { status: 'fail', detail: `What is signed is not a successor that this version can read: ${payload.message}.` };
    return { signature, certificate: 'detail' in certificate ? certificate : notChecked, model: notChecked, successor: undefined };
  }
  const belongs: Verdict = 'detail' in certificate
    ? certificate
    : payload.predicate.certificate.sha256 === certificate.digest
      ? { status: 'pass', detail: `Training started from the model of this certificate: ε = ${certificate.statement.predicate.guarantee.epsilon}, δ = ${certificate.statement.predicate.guarantee.delta}.` }
      : { status: 'fail', detail: 'The successor is of another certificate.' };
  for (const { name, digest } of payload.subject) {
    const found = await digestOf(name);
    if (found !== digest.sha256) return { signature: opened.signature, certificate: belongs, model: { status: 'fail', detail: `This is not the model that was signed: ${name} is ${found === undefined ? 'missing' : 'different'}.` }, successor: payload };
  }
  return { signature: opened.signature, certificate: belongs, model: { status: 'pass', detail: 'The model files are those that were signed.' }, successor: payload };
}
