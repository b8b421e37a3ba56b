import { dirname, join } from 'node:path';
import type { TrustedKey } from '../certificate/open-bundle';
import { verifySuccessor, type SuccessorVerification } from '../certificate/successor';
import { filesOfModel } from '../model/files-of-model';
import { fileDigest } from './file-digest';

/**
 * Verifies a successor against its certificate and the model that lies beside it. A model whose main file names one that was not signed is not the
 * model that was signed: whoever changes that file changes the model, and no digest would tell.
 */
export async function checkSuccessor(path: string, successor: Uint8Array, certificate: Uint8Array, trustedKeys: readonly TrustedKey[]): Promise<SuccessorVerification> {
  const folder = dirname(path);
  const verification = await verifySuccessor(successor, certificate, trustedKeys, (name) => fileDigest(join(folder, name)).catch(() => undefined));
  const [main, ...others] = verification.successor?.subject.map(({ name }) => name) ?? [];
  if (main === undefined || verification.model.status !== 'pass') return verification;
  const [, ...parts] = await filesOfModel(join(folder, main));
  const unsigned = parts.find((part) => !others.includes(part));
  return unsigned === undefined ? verification : { ...verification, model: { status: 'fail', detail: `${main} names ${unsigned}, which was not signed with it.` } };
}
