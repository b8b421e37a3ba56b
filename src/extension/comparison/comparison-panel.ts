import { commands, l10n, Uri, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { ComparisonState, FromComparisonPage, ToComparisonPage } from '../../protocol/comparison-messages';
import { certificateViewType } from '../certificate-editor/certificate-editor';
import { reportError } from '../report-error';
import { reportViewType } from '../report-editor/report-editor';
import type { Services } from '../services';
import { toldError } from '../told';
import { loadPage } from '../webview-page';
import { distinctNames } from './names';

const viewType = 'certifiedUnlearning.comparison';

/** Two certificates, or two runs, side by side. It speaks of two files, so it is a page of its own and no editor. */
export class ComparisonPanel implements WebviewPanelSerializer {
  static readonly viewType = viewType;
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  static open(services: Services, state: ComparisonState): void {
    const panel = window.createWebviewPanel(viewType, titleOf(state), ViewColumn.Active);
    new ComparisonPanel(services).#fill(panel, state);
  }

  /** After a reload of the window. */
  deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    if (isState(state)) this.#fill(panel, state);
    else panel.dispose();
    return Promise.resolve();
  }

  #fill(panel: WebviewPanel, initial: ComparisonState): void {
    let state = initial;
    const show = async (): Promise<void> => {
      panel.title = titleOf(state);
      await panel.webview.postMessage(await this.#read(state));
    };
    const receive = async (message: FromComparisonPage): Promise<void> => {
      switch (message.type) {
        case 'ready': return show();
        case 'swap':
          state = { ...state, uris: [state.uris[1], state.uris[0]] };
          return show();
        case 'open':
          await commands.executeCommand('vscode.openWith', Uri.parse(state.uris[message.which]), state.kind === 'certificates' ? certificateViewType : reportViewType);
      }
    };
    panel.webview.onDidReceiveMessage((message: FromComparisonPage) => {
      receive(message).catch((error: unknown) => reportError(error, this.#services.log));
    });
    loadPage(panel.webview, this.#services.extension, 'comparison', titleOf(state));
  }

  async #read(state: ComparisonState): Promise<ToComparisonPage> {
    const { readCertificates, readRuns } = await import('./read-pair');
    try {
      return await (state.kind === 'certificates' ? readCertificates(state, this.#services.keys) : readRuns(state));
    } catch (error) {
      return { type: 'unreadable', state, reason: toldError(error) };
    }
  }
}

function titleOf({ kind, uris: [left, right] }: ComparisonState): string {
  if (kind === 'runs') return l10n.t('Two Runs');
  return distinctNames(Uri.parse(left).path, Uri.parse(right).path).join(' ↔ ');
}

/** What a page has kept comes back from VS Code as anything at all. */
function isState(value: unknown): value is ComparisonState {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('uris' in value)) return false;
  const { kind, uris } = value;
  return (kind === 'certificates' || kind === 'runs') && Array.isArray(uris) && uris.length === 2 && uris.every((uri) => typeof uri === 'string');
}
