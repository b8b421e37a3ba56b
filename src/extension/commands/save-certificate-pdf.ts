import { l10n } from 'vscode';
import { check } from '../certificate-editor/check';
import type { Services } from '../services';
import { pickCertificate } from './pick-certificate';

/** Verifies a certificate and writes it as a PDF. */
export async function saveCertificatePdf(services: Services, argument: unknown): Promise<void> {
  const certificate = await pickCertificate(services, argument, l10n.t('Save Certificate as PDF'));
  if (certificate === undefined) return;
  const { savePdf } = await import('../certificate-editor/save-pdf');
  await savePdf(certificate, await check(certificate, services.keys));
}
