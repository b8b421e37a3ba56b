import { EventEmitter, type TextDocument, workspace } from 'vscode';
import type { FactsMessage } from '../../protocol/panel-messages';
import type { EngineClient } from '../../run/engine-client';
import { Disposable } from '../disposable';
import type { EngineSettingsReader } from '../engines/engine-settings';
import { errorData } from '../report-error';

/** Asks the engine what it finds in the model and the data of a saved request, in a process that lives no longer than the question. */
export class FactsReader extends Disposable {
  readonly #changed = this.register(new EventEmitter<FactsMessage>());
  readonly onDidChange = this.#changed.event;
  readonly #document: TextDocument;
  readonly #engines: EngineSettingsReader;
  #engine: EngineClient | undefined;
  /** Counts the questions, so that a late answer to an earlier one is dropped. */
  #asked = 0;
  #readFrom = '';
  /** The text when the last question was asked. */
  text = '';
  current: FactsMessage = { type: 'facts', status: 'loading' };

  constructor(document: TextDocument, engines: EngineSettingsReader) {
    super();
    this.#document = document;
    this.#engines = engines;
    this.register(workspace.onDidChangeTextDocument((event) => {
      if (event.document === document && event.contentChanges.length > 0) this.#compare();
    }));
    this.register(workspace.onDidSaveTextDocument((saved) => {
      if (saved === document) void this.read();
    }));
    this.register(workspace.onDidGrantWorkspaceTrust(() => void this.read()));
  }

  async read(): Promise<void> {
    const question = ++this.#asked;
    this.#engine?.dispose();
    this.#engine = undefined;
    if (!workspace.isTrusted) {
      this.#set({ type: 'facts', status: 'waiting', why: 'untrusted' });
      return;
    }
    const { parseRequest } = await import('../../request/parse-request');
    const text = this.#document.getText();
    if (parseRequest(text).problems.length > 0) {
      this.#set({ type: 'facts', status: 'waiting', why: 'invalid' });
      return;
    }
    this.#set({ type: 'facts', status: 'loading' });
    this.text = text;
    this.#readFrom = inputsOf(text);
    const { startEngine } = await import('../../run/engine-client');
    if (question !== this.#asked) return;
    const engine = startEngine();
    this.#engine = engine;
    try {
      const report = await engine.plan({ request: this.#document.uri.fsPath, engines: this.#engines.read(this.#document.uri) });
      if (question === this.#asked) this.#set({ type: 'facts', status: 'ready', report, outdated: this.#isOutdated() });
    } catch (error) {
      if (question === this.#asked) this.#set({ type: 'facts', status: 'failed', error: errorData(error) });
    } finally {
      engine.dispose();
    }
  }

  override dispose(): void {
    this.#asked++;
    this.#engine?.dispose();
    super.dispose();
  }

  /** Whether what was found still belongs to the text. */
  #compare(): void {
    if (this.current.status !== 'ready') return;
    const outdated = this.#isOutdated();
    if (outdated !== this.current.outdated) this.#set({ ...this.current, outdated });
  }

  #isOutdated(): boolean {
    return inputsOf(this.#document.getText()) !== this.#readFrom;
  }

  #set(message: FactsMessage): void {
    this.current = message;
    this.#changed.fire(message);
  }
}

/** The part of a request that facts depend on. */
function inputsOf(text: string): string {
  try {
    const { model, data, forget, duplicates, nearDuplicates, decisions } = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify([model, data, forget, duplicates, nearDuplicates, decisions]);
  } catch {
    return '';
  }
}
