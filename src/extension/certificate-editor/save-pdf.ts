import path from 'node:path';
import { commands, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { Verification } from '../../certificate/verify';
import { language } from '../told';

/** Asks where to, and writes the certificate there as a PDF, with the verdicts of its last verification. */
export async function savePdf(certificate: Uri, verification: Verification): Promise<void> {
  const name = path.posix.basename(certificate.path);
  const target = await window.showSaveDialog({
    title: l10n.t('Save Certificate as PDF'),
    defaultUri: Uri.joinPath(certificate, '..', name.replace(/\.json$/, '.pdf')),
    filters: { PDF: ['pdf'] },
    saveLabel: l10n.t('Save'),
  });
  if (target === undefined) return;
  await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('Writing the PDF') }, async () => {
    const { printCertificate } = await import('../../run/print-certificate');
    await workspace.fs.writeFile(target, await printCertificate(name, verification, language()));
  });
  const reveal = l10n.t('Reveal in Explorer');
  if ((await window.showInformationMessage(l10n.t('The certificate was written to {0}.', workspace.asRelativePath(target)), reveal)) === reveal) await commands.executeCommand('revealInExplorer', target);
}
