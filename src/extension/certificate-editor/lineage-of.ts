import { Uri, workspace } from 'vscode';
import type { Lineage } from '../../protocol/certificate-messages';
import { certificatePattern, findFiles, successorPattern } from '../files';
import type { Services } from '../services';

/** Traces a certificate among those of the workspace; undefined where it is not on a disk, or not signed with a trusted key. */
export async function lineageOf(certificate: Uri, { keys }: Pick<Services, 'keys'>): Promise<Lineage | undefined> {
  if (certificate.scheme !== 'file') return undefined;
  const onDisk = async (pattern: string): Promise<string[]> => (await findFiles(pattern)).filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
  const [{ readLineage }, certificates, successors, trustedKeys] = await Promise.all([import('../../run/lineage/read'), onDisk(certificatePattern), onDisk(successorPattern), keys.trusted()]);
  return readLineage(certificate.fsPath, { certificates, successors, trustedKeys, nameOf: (path) => workspace.asRelativePath(Uri.file(path)) });
}
