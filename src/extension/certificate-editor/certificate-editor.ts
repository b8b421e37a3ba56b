import { l10n } from 'vscode';
import type { ReadOnlyEditor } from '../read-only-editor';

export const certificateViewType = 'certifiedUnlearning.certificate';

/** The certificate page: verifies, and then shows. */
export const certificateEditor: ReadOnlyEditor = {
  viewTypes: [certificateViewType],
  page: 'certificate',
  title: () => l10n.t('Unlearning Certificate'),
  load: async () => (await import('./certificate-page-host')).CertificatePageHost,
};
