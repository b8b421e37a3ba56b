import { createHash } from 'node:crypto';
import { openBundle, type TrustedKey, type Verdict } from './open-bundle';
import { readPayload } from './read-payload';
import { statementSchema, type Statement } from './statement';
import { JsonRefused } from './strict-json';

/** The statement of a validly signed certificate with the digest of its bytes, or what is wrong. */
export function genuineCertificate(file: Uint8Array, trustedKeys: readonly TrustedKey[]): { readonly statement: Statement; readonly digest: string } | Verdict {
  const opened = openBundle(file, trustedKeys);
  if (opened.payload === undefined) return opened.signature;
  const statement = readPayload(opened.payload, statementSchema);
  if (statement instanceof JsonRefused) return { status: 'fail', detail: `What is signed is not a certificate that this version can read: ${statement.message}.` };
  return { statement, digest: createHash('sha256').update(opened.payload).digest('hex') };
}
