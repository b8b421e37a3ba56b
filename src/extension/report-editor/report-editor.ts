import { l10n } from 'vscode';
import type { ReadOnlyEditor } from '../read-only-editor';

export const reportViewType = 'certifiedUnlearning.report';

/** The private report of a run. */
export const reportEditor: ReadOnlyEditor = {
  viewTypes: [reportViewType],
  page: 'report',
  title: () => l10n.t('Private Run Report'),
  load: async () => (await import('./report-page-host')).ReportPageHost,
};
