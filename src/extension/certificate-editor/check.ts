import type { Uri } from 'vscode';
import { workspace } from 'vscode';
import type { Verification } from '../../certificate/verify';
import type { Keys } from '../keys';

/**
 * Verifies a certificate against the keys that the user trusts and the model files beside it. What is not validly signed is
 * decoded too, for showing it with a warning. Where files are not on a disk, the model stays unchecked.
 */
export async function check(certificate: Uri, keys: Keys): Promise<Verification> {
  const trusted = await keys.trusted();
  if (certificate.scheme === 'file') {
    const { checkCertificate } = await import('../../run/check-certificate');
    return checkCertificate(certificate.fsPath, trusted, { showUnverified: true });
  }
  const { verifyCertificate } = await import('../../certificate/verify');
  return verifyCertificate(await workspace.fs.readFile(certificate), { trustedKeys: trusted, showUnverified: true });
}
