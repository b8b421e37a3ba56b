import path from 'node:path';
import { commands, type Uri, type WebviewPanel, workspace } from 'vscode';
import type { FromReportPage, ToReportPage } from '../../protocol/report-messages';
import { Disposable } from '../disposable';
import { reportError } from '../report-error';
import { toldError } from '../told';
import type { Services } from '../services';
import { certificateOfReport } from './certificate-of-report';

/** Reads one private report for its page. */
export class ReportPageHost extends Disposable {
  readonly #uri: Uri;
  readonly #panel: WebviewPanel;
  readonly #services: Services;
  #certificate: Uri | undefined;

  constructor(uri: Uri, panel: WebviewPanel, services: Services) {
    super();
    this.#uri = uri;
    this.#panel = panel;
    this.#services = services;
    this.register(panel.webview.onDidReceiveMessage((message: FromReportPage) => {
      this.#receive(message).catch((error: unknown) => reportError(error, services.log));
    }));
  }

  async #receive(message: FromReportPage): Promise<void> {
    if (message.type === 'ready') await this.#read();
    else if (message.what === 'text') await commands.executeCommand('vscode.openWith', this.#uri, 'default', this.#panel.viewColumn);
    else if (this.#certificate !== undefined) await commands.executeCommand('certifiedUnlearning.showCertificate', this.#certificate);
  }

  async #read(): Promise<void> {
    const folder = path.posix.basename(path.posix.dirname(this.#uri.path));
    try {
      const { readReport } = await import('../../run/read-report');
      const report = await readReport(this.#uri.fsPath);
      this.#certificate = await certificateOfReport(report, this.#services.models);
      this.#send({ type: 'report', name: folder, report, certificate: this.#certificate === undefined ? undefined : workspace.asRelativePath(this.#certificate) });
    } catch (error) {
      this.#send({ type: 'unreadable', name: folder, reason: toldError(error) });
    }
  }

  #send(message: ToReportPage): void {
    void this.#panel.webview.postMessage(message);
  }
}
