import path from 'node:path';
import { commands, l10n, RelativePattern, Uri, type Webview, type WebviewPanel, workspace } from 'vscode';
import { UserError } from '../../error';
import type { FromModelPage, ModelReport, ToModelPage } from '../../protocol/model-messages';
import type { EngineClient } from '../../run/engine-client';
import { Disposable } from '../disposable';
import { errorData } from '../report-error';
import type { Services } from '../services';
import { certificatesOf } from './certificates-of';

/** How long files must be quiet before the model is read again, in milliseconds. */
const settle = 500;

/** Files beside a model in which formats keep its weights. */
const weights = /\.(bin|data|safetensors)$/;

/**
 * Reads one model for its page, in a process that lives no longer than the reading, and again when its files change.
 * Nothing in a model is run, so this is done in Restricted Mode as well.
 */
export class ModelPageHost extends Disposable {
  readonly #uri: Uri;
  readonly #name: string;
  readonly #webview: Webview;
  readonly #services: Services;
  #engine: EngineClient | undefined;
  /** Counts the readings, so that the end of an earlier one is dropped. */
  #reading = 0;
  #found: ToModelPage | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(uri: Uri, { webview }: WebviewPanel, services: Services) {
    super();
    this.#uri = uri;
    this.#name = path.posix.basename(uri.path);
    this.#webview = webview;
    this.#services = services;
    const watcher = this.register(workspace.createFileSystemWatcher(new RelativePattern(Uri.joinPath(uri, '..'), '*')));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.register(event((changed) => this.#changed(changed)));
    this.register(services.models.onDidChange(() => void this.#sendSurroundings()));
    this.register(workspace.onDidGrantWorkspaceTrust(() => void this.#sendSurroundings()));
    this.register(webview.onDidReceiveMessage((message: FromModelPage) => void this.#receive(message)));
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    this.#reading++;
    this.#engine?.dispose();
    super.dispose();
  }

  async #receive(message: FromModelPage): Promise<void> {
    switch (message.type) {
      case 'ready': // also whenever the page has been hidden and is shown again
        void this.#sendSurroundings();
        if (this.#found === undefined) await this.#read();
        else this.#send(this.#found);
        return;
      case 'unlearn':
        if (workspace.isTrusted) await commands.executeCommand('certifiedUnlearning.unlearn', this.#uri);
        return;
      case 'certificate': {
        const asked = (await certificatesOf(this.#uri, this.#services.models)).find(({ uri }) => uri === message.uri);
        if (asked !== undefined) await commands.executeCommand('certifiedUnlearning.showCertificate', Uri.parse(asked.uri));
      }
    }
  }

  #changed(file: Uri): void {
    if (file.toString() !== this.#uri.toString() && !weights.test(file.path)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), settle);
  }

  async #read(): Promise<void> {
    const reading = ++this.#reading;
    this.#engine?.dispose();
    let found: ToModelPage;
    try {
      found = { type: 'model', name: this.#name, report: await this.#inspect() };
    } catch (error) {
      if (reading === this.#reading) this.#services.log.warn(String(error));
      found = { type: 'unreadable', name: this.#name, error: errorData(error) };
    }
    if (reading !== this.#reading) return;
    this.#found = found;
    this.#send(found);
  }

  async #inspect(): Promise<ModelReport> {
    if (this.#uri.scheme !== 'file') throw new UserError('model-not-on-disk', l10n.t('the model is not on a disk of this machine.'), { remedy: l10n.t('Copy it into a folder, and open it there.') });
    const { startEngine } = await import('../../run/engine-client');
    const engine = startEngine();
    this.#engine = engine;
    try {
      return await engine.inspect({ model: this.#uri.fsPath });
    } finally {
      engine.dispose();
    }
  }

  async #sendSurroundings(): Promise<void> {
    this.#send({ type: 'surroundings', trusted: workspace.isTrusted, certificates: await certificatesOf(this.#uri, this.#services.models) });
  }

  #send(message: ToModelPage): void {
    void this.#webview.postMessage(message);
  }
}
