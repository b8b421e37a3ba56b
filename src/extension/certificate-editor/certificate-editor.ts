import path from 'node:path';
import { commands, type CustomDocument, type CustomReadonlyEditorProvider, env, l10n, RelativePattern, Uri, type WebviewPanel, window, workspace } from 'vscode';
import type { Verification } from '../../certificate/verify';
import { UserError, describe } from '../../error';
import type { CertifiedRun, FromCertificatePage, ToCertificatePage } from '../../protocol/certificate-messages';
import { Disposable } from '../disposable';
import type { Keys } from '../keys';
import { loadPage } from '../webview-page';
import { check } from './check';

/** The certificate page: a read-only editor that verifies and then shows. */
export class CertificateEditorProvider implements CustomReadonlyEditorProvider {
  static readonly viewType = 'certifiedUnlearning.certificate';
  readonly #extension: Uri;
  readonly #keys: Keys;

  constructor(extension: Uri, keys: Keys) {
    this.#extension = extension;
    this.#keys = keys;
  }

  openCustomDocument(uri: Uri): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): void {
    const editor = new CertificateEditor(uri, panel, this.#keys);
    panel.onDidDispose(() => editor.dispose());
    loadPage(panel.webview, this.#extension, 'certificate', l10n.t('Unlearning Certificate'));
  }
}

/** How long to wait after the last change of a file before verifying again. */
const settle = 300;

class CertificateEditor extends Disposable {
  readonly #uri: Uri;
  readonly #panel: WebviewPanel;
  readonly #keys: Keys;
  #verification: Verification | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(uri: Uri, panel: WebviewPanel, keys: Keys) {
    super();
    this.#uri = uri;
    this.#panel = panel;
    this.#keys = keys;
    // The certificate, or a file of the model that it is about.
    const watcher = this.register(workspace.createFileSystemWatcher(new RelativePattern(Uri.joinPath(uri, '..'), '**')));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.register(event(() => this.#verifySoon()));
    this.register(panel.webview.onDidReceiveMessage((message: FromCertificatePage) => void this.#receive(message)));
  }

  override dispose(): void {
    clearTimeout(this.#timer);
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
        await env.clipboard.writeText(toMarkdown(describeCertificate(this.#verification)));
        window.setStatusBarMessage(l10n.t('Certificate copied as Markdown'), 3000);
        return;
      }
      case 'show':
        await commands.executeCommand('vscode.openWith', this.#uri, 'default', this.#panel.viewColumn);
    }
  }

  #verifySoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#verify(), settle);
  }

  async #verify(): Promise<void> {
    const name = path.posix.basename(this.#uri.path);
    try {
      const verification = await check(this.#uri, this.#keys);
      const { describeCertificate } = await import('../../certificate/describe');
      this.#verification = verification;
      this.#send({ type: 'certificate', name, description: describeCertificate(verification), signer: verification.signer, schedule: scheduleOf(verification) });
    } catch (error) {
      const reason = error instanceof UserError ? describe(error) : error instanceof Error ? error.message : String(error);
      this.#send({ type: 'unreadable', name, reason });
    }
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
