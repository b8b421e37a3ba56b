import { type CancellationToken, type CustomTextEditorProvider, l10n, type LogOutputChannel, type TextDocument, type Uri, type WebviewPanel } from 'vscode';
import type { RunService } from '../runs/run-service';
import { loadPage } from '../webview-page';
import type { FactsReaders } from './facts-readers';

export interface RequestEditorServices {
  readonly extension: Uri;
  readonly runs: RunService;
  readonly facts: FactsReaders;
  readonly log: LogOutputChannel;
}

/** The panel: a custom editor on the text of a request. Its code is loaded when the first one opens. */
export class RequestEditorProvider implements CustomTextEditorProvider {
  static readonly viewType = 'certifiedUnlearning.request';
  readonly #services: RequestEditorServices;

  constructor(services: RequestEditorServices) {
    this.#services = services;
  }

  async resolveCustomTextEditor(document: TextDocument, panel: WebviewPanel, token: CancellationToken): Promise<void> {
    const { RequestEditor } = await import('./request-editor');
    if (token.isCancellationRequested) return;
    const editor = new RequestEditor(document, panel, this.#services);
    panel.onDidDispose(() => editor.dispose());
    loadPage(panel.webview, this.#services.extension, 'panel', l10n.t('Unlearning Request'));
  }
}
