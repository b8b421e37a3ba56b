import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { encodeStatement, type Predicate } from './statement';

export type SaltedCommitment = Predicate['inputModel'];

/** A new salt of 32 bytes. Whoever has it can open the commitment, so it stays with the private files of the run. */
export function newSalt(): Uint8Array {
  return randomBytes(32);
}

/** SHA-256(salt ‖ content). Hides the content from all who lack the salt, and binds to it. */
export function commitTo(content: Uint8Array, salt: Uint8Array): SaltedCommitment {
  if (salt.length !== 32) throw new RangeError('A salt has 32 bytes.');
  return { algorithm: 'sha256-salted', digest: createHash('sha256').update(salt).update(content).digest('hex') };
}

/** A commitment to several files: to the canonical JSON of `[{name, sha256}]` in the order of the names. */
export function commitToFiles(files: readonly { readonly name: string; readonly sha256: string }[], salt: Uint8Array): SaltedCommitment {
  const sorted = files.map(({ name, sha256 }) => ({ name, sha256 })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return commitTo(encodeStatement(sorted), salt);
}

/** Whether a commitment is to this content. */
export function opens(commitment: SaltedCommitment, content: Uint8Array, salt: Uint8Array): boolean {
  return salt.length === 32 && timingSafeEqual(Buffer.from(commitTo(content, salt).digest, 'hex'), Buffer.from(commitment.digest, 'hex'));
}
