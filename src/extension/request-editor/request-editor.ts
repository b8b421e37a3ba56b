import path from 'node:path';
import { commands, l10n, type TextDocument, Uri, type WebviewPanel, window, workspace } from 'vscode';
import type { Edit, FactsMessage, FieldPath, FromPanel, RunMessage, ToPanel } from '../../protocol/panel-messages';
import { Disposable } from '../disposable';
import { reportError } from '../report-error';
import type { Run } from '../runs/run';
import { applyToDocument } from './apply-edits';
import { chooseSource } from './choose-source';
import { DataReader } from './data-reader';
import { valueAt } from './edit-text';
import type { FactsReader } from './facts-reader';
import { readDocument } from './read-document';
import type { RequestEditorServices } from './request-editor-provider';

/** One panel on one request. */
export class RequestEditor extends Disposable {
  readonly #document: TextDocument;
  readonly #panel: WebviewPanel;
  readonly #services: RequestEditorServices;
  readonly #facts: FactsReader;
  readonly #data: DataReader;
  #ready = false;
  /** Edits are computed on the text that the one before has left. */
  #edits: Promise<void> = Promise.resolve();

  constructor(document: TextDocument, panel: WebviewPanel, services: RequestEditorServices) {
    super();
    this.#document = document;
    this.#panel = panel;
    this.#services = services;
    const held = services.facts.hold(document);
    this.register({ dispose: () => held.release() });
    this.#facts = held.reader;
    this.register(held.reader.onDidChange((message) => this.#send(this.#shown(message))));
    this.#data = this.register(new DataReader(document));
    this.register(this.#data.onDidChange((message) => this.#send(message)));
    this.register(services.runs.onDidChange((run) => {
      if (this.#isAboutThis(run)) this.#send(this.#shown(runMessage(run)));
    }));
    this.register(workspace.onDidChangeTextDocument((event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      this.#sendDocument();
      this.#data.follow();
    }));
    this.register(workspace.onDidSaveTextDocument((saved) => {
      if (saved !== document) return;
      void this.#data.read(true);
    }));
    this.register(workspace.onDidGrantWorkspaceTrust(() => {
      this.#send({ type: 'trust', trusted: true });
      void this.#data.read(true);
    }));
    this.register(panel.webview.onDidReceiveMessage((message: FromPanel) => {
      this.#receive(message).catch((error: unknown) => reportError(error, services.log));
    }));
    void this.#data.read();
  }

  async #receive(message: FromPanel): Promise<void> {
    const { runs, log } = this.#services;
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#send({ type: 'trust', trusted: workspace.isTrusted });
        this.#sendDocument();
        this.#send(this.#shown(this.#facts.current));
        for (const message of this.#data.current) this.#send(message);
        this.#send(this.#shown(runMessage(runs.latestOf(this.#document.uri))));
        return;
      case 'edit':
        return this.#edit(message.edits);
      case 'browse':
        return this.#browse(message.path);
      case 'source':
        return this.#chooseSource(message.path);
      case 'count': {
        const counted = await this.#data.count(message.question, message.forget);
        if (counted !== undefined) this.#send(counted);
        return;
      }
      case 'groups':
        this.#send({ type: 'groups', status: 'loading' });
        await this.#edits;
        await this.#document.save();
        this.#send(await this.#data.groups());
        return;
      case 'save':
        return this.#save(message.name, message.base64);
      case 'run':
        await this.#edits;
        await this.#document.save();
        return runs.start(this.#document.uri);
      case 'cancel': {
        const run = runs.latestOf(this.#document.uri);
        if (run !== undefined) runs.cancel(run.id);
        return;
      }
      case 'show':
        if (message.what === 'text') await commands.executeCommand('vscode.openWith', this.#document.uri, 'default', this.#panel.viewColumn);
        else if (message.what === 'log') log.show();
        else if (message.what === 'settings') await commands.executeCommand('workbench.action.openSettings', 'certifiedUnlearning.engine');
        else await this.#showResult(message.what);
    }
  }

  #edit(edits: readonly Edit[]): Promise<void> {
    const done = this.#edits.then(() => applyToDocument(this.#document, edits));
    this.#edits = done.catch(() => undefined);
    return done;
  }

  async #showResult(what: 'certificate' | 'model' | 'report'): Promise<void> {
    const run = this.#services.runs.latestOf(this.#document.uri);
    if (run?.state.status !== 'succeeded') return;
    const { summary } = run.state;
    if (what === 'certificate') await commands.executeCommand('certifiedUnlearning.showCertificate', Uri.file(summary.certificate));
    if (what === 'model') await commands.executeCommand('revealInExplorer', Uri.file(summary.model));
    if (what === 'report') await commands.executeCommand('certifiedUnlearning.showReport', run);
  }

  /** With paths as the request writes them. */
  #shown(message: FactsMessage | RunMessage): ToPanel {
    if (message.type === 'facts') return message.status === 'ready' ? { ...message, report: { ...message.report, output: this.#relative(message.report.output) } } : message;
    if (message.status !== 'succeeded') return message;
    const { summary } = message;
    return { ...message, summary: { ...summary, model: this.#relative(summary.model), certificate: this.#relative(summary.certificate) } };
  }

  /** A path as a request names files: relative to its own folder, with forward slashes. */
  #relative(file: string): string {
    return path.relative(path.dirname(this.#document.uri.fsPath), file).split(path.sep).join('/');
  }

  async #browse(field: FieldPath): Promise<void> {
    const folder = path.dirname(this.#document.uri.fsPath);
    const chosen = await window.showOpenDialog({ defaultUri: Uri.file(folder), canSelectMany: false, openLabel: l10n.t('Choose') });
    const file = chosen?.[0];
    if (file === undefined) return;
    await this.#edit([{ path: field, value: this.#relative(file.fsPath) }]);
  }

  async #chooseSource(field: FieldPath): Promise<void> {
    const [written, train] = [valueAt(this.#document.getText(), field), valueAt(this.#document.getText(), ['data', 'train'])];
    const isSource = typeof written === 'object' && written !== null && 'format' in written;
    // Other records are like the training data, unless they say otherwise; whose they are does not matter.
    const before = isSource || field.at(-1) === 'train' || typeof train !== 'object' ? written : { ...train, records: undefined };
    const source = await chooseSource(this.#document.uri, before);
    if (source !== undefined) await this.#edit([{ path: field, value: source }]);
  }

  async #save(name: string, base64: string): Promise<void> {
    const target = await window.showSaveDialog({ defaultUri: Uri.joinPath(this.#document.uri, '..', name), saveLabel: l10n.t('Save') });
    if (target !== undefined) await workspace.fs.writeFile(target, Buffer.from(base64, 'base64'));
  }

  #isAboutThis(run: Run): boolean {
    return run.request.toString() === this.#document.uri.toString();
  }

  #sendDocument(): void {
    this.#send(readDocument(this.#document));
  }

  #send(message: ToPanel): void {
    if (this.#ready) void this.#panel.webview.postMessage(message);
  }
}

function runMessage(run: Run | undefined): RunMessage {
  if (run === undefined) return { type: 'run', status: 'none' };
  switch (run.state.status) {
    case 'queued':
    case 'lost':
    case 'cancelled':
      return { type: 'run', status: run.state.status };
    case 'running':
      return { type: 'run', ...run.state };
    case 'failed':
      return { type: 'run', status: 'failed', error: run.state.error };
    case 'succeeded':
      return { type: 'run', status: 'succeeded', summary: run.state.summary };
  }
}
