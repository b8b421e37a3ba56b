import { type CustomDocument, type CustomReadonlyEditorProvider, type Disposable, l10n, type Uri, type WebviewPanel, window } from 'vscode';
import type { Services } from '../services';
import { loadPage } from '../webview-page';
import { ModelPageHost } from './model-page-host';

/** The model page: a read-only editor of what a model file holds, as the way to unlearning from it. */
export class ModelEditorProvider implements CustomReadonlyEditorProvider {
  static readonly viewType = 'certifiedUnlearning.model';
  /** The same for models that are JSON, which open as text unless the user asks for the page. */
  static readonly jsonViewType = 'certifiedUnlearning.modelJson';
  readonly #services: Services;

  private constructor(services: Services) {
    this.#services = services;
  }

  static register(services: Services): Disposable[] {
    const provider = new ModelEditorProvider(services);
    return [this.viewType, this.jsonViewType].map((viewType) => window.registerCustomEditorProvider(viewType, provider));
  }

  /** The editor that shows a file. */
  static viewTypeOf({ path }: Uri): string {
    return path.endsWith('.json') ? this.jsonViewType : this.viewType;
  }

  openCustomDocument(uri: Uri): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): void {
    const page = new ModelPageHost(uri, panel.webview, this.#services);
    panel.onDidDispose(() => page.dispose());
    loadPage(panel.webview, this.#services.extension, 'model', l10n.t('Model'));
  }
}
