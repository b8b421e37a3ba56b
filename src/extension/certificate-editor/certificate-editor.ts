import { type CancellationToken, type CustomDocument, type CustomReadonlyEditorProvider, l10n, type WebviewPanel } from 'vscode';
import type { Services } from '../services';
import { loadPage } from '../webview-page';

/** The certificate page: a read-only editor that verifies and then shows. Its code is loaded when the first one opens. */
export class CertificateEditorProvider implements CustomReadonlyEditorProvider {
  static readonly viewType = 'certifiedUnlearning.certificate';
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  openCustomDocument(uri: CustomDocument['uri']): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel, token: CancellationToken): Promise<void> {
    const { CertificatePageHost } = await import('./certificate-page-host');
    if (token.isCancellationRequested) return;
    const page = new CertificatePageHost(uri, panel, this.#services);
    panel.onDidDispose(() => page.dispose());
    loadPage(panel.webview, this.#services.extension, 'certificate', l10n.t('Unlearning Certificate'));
  }
}
