import { type CancellationToken, type CustomDocument, type CustomReadonlyEditorProvider, l10n, type WebviewPanel } from 'vscode';
import type { Services } from '../services';
import { loadPage } from '../webview-page';

/** The private report of a run on a page of its own: a read-only editor. */
export class ReportEditorProvider implements CustomReadonlyEditorProvider {
  static readonly viewType = 'certifiedUnlearning.report';
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  openCustomDocument(uri: CustomDocument['uri']): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel, token: CancellationToken): Promise<void> {
    const { ReportPageHost } = await import('./report-page-host');
    if (token.isCancellationRequested) return;
    const page = new ReportPageHost(uri, panel, this.#services);
    panel.onDidDispose(() => page.dispose());
    loadPage(panel.webview, this.#services.extension, 'report', l10n.t('Private Run Report'));
  }
}
