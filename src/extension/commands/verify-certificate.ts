import { commands, l10n, window } from 'vscode';
import { check } from '../certificate-editor/check';
import type { Services } from '../services';
import { pickCertificate } from './pick-certificate';

/** Verifies a certificate and says the three verdicts. */
export async function verifyCertificate(services: Services, argument: unknown): Promise<void> {
  const certificate = await pickCertificate(services, argument, l10n.t('Verify Certificate'));
  if (certificate === undefined) return;
  const verification = await check(certificate, services.keys);
  const { signature, model, accounting } = verification;
  const details = [signature, model, accounting].map(({ status, detail }) => `${status}: ${detail}`);
  services.log.info(`${certificate.fsPath}\n  ${details.join('\n  ')}`);
  const show = l10n.t('Show Certificate');
  const { passes } = await import('../../certificate/verify');
  const choice = passes(verification)
    ? await window.showInformationMessage(l10n.t('The certificate holds: its signature is valid, the model is the certified one, and the accounting recomputes.'), show)
    : await window.showWarningMessage([signature, model, accounting].filter(({ status }) => status !== 'pass').map(({ detail }) => detail).join(' '), show);
  if (choice === show) await commands.executeCommand('certifiedUnlearning.showCertificate', certificate);
}
