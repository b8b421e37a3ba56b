import { type CustomReadonlyEditorProvider, type Disposable, type Uri, type WebviewPanel, window } from 'vscode';
import type { Disposable as Host } from './disposable';
import type { Services } from './services';
import { loadPage, type Page } from './webview-page';

/** A page that shows a file and never writes it. */
export interface ReadOnlyEditor {
  /** As the manifest names it. */
  readonly viewTypes: readonly string[];
  readonly page: Page;
  readonly title: () => string;
  /** What fills the page: its code is loaded when the first one opens. */
  readonly load: () => Promise<new (uri: Uri, panel: WebviewPanel, services: Services) => Host>;
}

export function registerReadOnlyEditor({ viewTypes, page, title, load }: ReadOnlyEditor, services: Services): Disposable[] {
  const provider: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri: Uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: async ({ uri }, panel, token) => {
      const PageHost = await load();
      if (token.isCancellationRequested) return;
      const host = new PageHost(uri, panel, services);
      panel.onDidDispose(() => host.dispose());
      loadPage(panel.webview, services.extension, page, title());
    },
  };
  return viewTypes.map((viewType) => window.registerCustomEditorProvider(viewType, provider));
}
