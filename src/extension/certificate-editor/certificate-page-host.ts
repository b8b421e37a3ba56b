import path from 'node:path';
import { commands, env, l10n, RelativePattern, Uri, type WebviewPanel, window, workspace } from 'vscode';
import type { Verification } from '../../certificate/verify';
import type { CertifiedRun, FromCertificatePage, Lineage, ToCertificatePage } from '../../protocol/certificate-messages';
import { Disposable } from '../disposable';
import { reportError } from '../report-error';
import { language, toldError } from '../told';
import type { Services } from '../services';
import { check } from './check';
import { lineageOf } from './lineage-of';
import { privateReportOf } from './private-report-of';
import { savePdf } from './save-pdf';

/** How long to wait after the last change of a file before verifying again, in milliseconds. */
const settle = 300;

/** Verifies one certificate for its page, and again when a file beside it changes. */
export class CertificatePageHost extends Disposable {
  readonly #uri: Uri;
  readonly #name: string;
  readonly #panel: WebviewPanel;
  readonly #services: Services;
  #verification: Verification | undefined;
  #lineage: Lineage | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Counts the tracings, so that the end of an earlier one is dropped. */
  #tracing = 0;

  constructor(uri: Uri, panel: WebviewPanel, services: Services) {
    super();
    this.#uri = uri;
    this.#name = path.posix.basename(uri.path);
    this.#panel = panel;
    this.#services = services;
    // The certificate, or a file of the model that it is about.
    const watcher = this.register(workspace.createFileSystemWatcher(new RelativePattern(Uri.joinPath(uri, '..'), '**')));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.register(event(() => this.#verifySoon()));
    this.register(services.keys.onDidChange(() => this.#verifySoon()));
    this.register(services.models.onDidChange(() => {
      if (this.#verification !== undefined) void this.#trace();
    }));
    this.register(panel.webview.onDidReceiveMessage((message: FromCertificatePage) => {
      this.#receive(message).catch((error: unknown) => reportError(error, services.log));
    }));
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    this.#tracing++;
    super.dispose();
  }

  async #receive(message: FromCertificatePage): Promise<void> {
    switch (message.type) {
      case 'ready':
      case 'verify':
        return this.#verify();
      case 'copy': {
        if (this.#verification === undefined) return;
        const [{ describeCertificate }, { toMarkdown }] = await Promise.all([import('../../certificate/describe'), import('../../certificate/markdown')]);
        await env.clipboard.writeText(toMarkdown(describeCertificate(this.#verification), language()));
        window.setStatusBarMessage(l10n.t('Certificate copied as Markdown'), 3000);
        return;
      }
      case 'pdf':
        if (this.#verification !== undefined) await savePdf(this.#uri, this.#verification);
        return;
      case 'compare':
        await commands.executeCommand('certifiedUnlearning.compareCertificates', this.#uri);
        return;
      case 'open': {
        const asked = this.#lineage?.certificates.find((certificate) => certificate.path === message.path);
        if (asked !== undefined) await commands.executeCommand('certifiedUnlearning.showCertificate', Uri.file(asked.path));
        return;
      }
      case 'show':
        return message.what === 'text' ? this.#openAsText() : this.#openReport();
    }
  }

  async #openAsText(): Promise<void> {
    await commands.executeCommand('vscode.openWith', this.#uri, 'default', this.#panel.viewColumn);
  }

  async #openReport(): Promise<void> {
    const report = await privateReportOf(this.#uri);
    if (report !== undefined) await commands.executeCommand('certifiedUnlearning.showReport', report);
  }

  #verifySoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#verify(), settle);
  }

  async #verify(): Promise<void> {
    try {
      const verification = await check(this.#uri, this.#services.keys);
      const { describeCertificate } = await import('../../certificate/describe');
      this.#verification = verification;
      const report = await privateReportOf(this.#uri);
      this.#send({ type: 'certificate', name: this.#name, description: describeCertificate(verification), signer: verification.signer, schedule: scheduleOf(verification), report: report !== undefined });
      await this.#trace();
    } catch (error) {
      this.#send({ type: 'unreadable', name: this.#name, reason: toldError(error) });
    }
  }

  /** Where the certificate stands among others: reads all of them, so it comes after the verdicts. */
  async #trace(): Promise<void> {
    const tracing = ++this.#tracing;
    const lineage = await lineageOf(this.#uri, this.#services).catch((error: unknown) => {
      this.#services.log.warn(String(error));
      return undefined;
    });
    if (tracing !== this.#tracing) return;
    this.#lineage = lineage;
    this.#send({ type: 'lineage', lineage });
  }

  #send(message: ToCertificatePage): void {
    void this.#panel.webview.postMessage(message);
  }
}

/** Only a schedule whose accounting has been recomputed is drawn: anything else could be made to look like what it is not. */
function scheduleOf({ accounting, statement }: Verification): CertifiedRun | undefined {
  if (accounting.status !== 'pass' || statement === undefined) return undefined;
  const { guarantee, mechanism } = statement.predicate;
  return { mechanism, reference: guarantee.reference, target: { epsilon: guarantee.epsilon, delta: guarantee.delta } };
}
