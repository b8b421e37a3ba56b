import path from 'node:path';
import { Uri, workspace } from 'vscode';

/** The private report of the run that a certificate came from, where it is at hand. */
export async function privateReportOf(certificate: Uri): Promise<Uri | undefined> {
  if (certificate.scheme !== 'file') return undefined;
  try {
    const { findPrivateRun } = await import('../../run/private-run');
    const { folder } = await findPrivateRun(certificate.fsPath, await workspace.fs.readFile(certificate));
    return Uri.file(path.join(folder, 'report.json'));
  } catch {
    return undefined; // damaged, or by someone else: nothing to open
  }
}
