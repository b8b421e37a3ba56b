import { commands, l10n } from 'vscode';
import { certificateViewType } from '../certificate-editor/certificate-editor';
import type { Services } from '../services';
import { pickCertificate } from './pick-certificate';

/** Opens a certificate on its page. */
export async function showCertificate(services: Services, argument: unknown): Promise<void> {
  const certificate = await pickCertificate(services, argument, l10n.t('Show Certificate'));
  if (certificate !== undefined) await commands.executeCommand('vscode.openWith', certificate, certificateViewType);
}
