import { Diagnostic, DiagnosticSeverity, languages, Range, TabInputCustom, TabInputText, TabInputTextDiff, type TextDocument, type Uri, window, workspace } from 'vscode';
import { Disposable } from '../disposable';
import { isRequest } from '../files';
import { told } from '../told';
import type { FactsReaders, Finding, HeldReader } from './facts-readers';

/** How long a text must be quiet before it is checked again, in milliseconds. */
const settle = 300;

/** A request that an editor shows, and what is looked at for it. */
interface Watched {
  readonly document: TextDocument;
  timer: NodeJS.Timeout | undefined;
  /** While the text is in sight. */
  held: HeldReader | undefined;
  /** Stays until there is a later answer. */
  finding: Finding | undefined;
}

/**
 * The problems of requests that an editor shows, in the Problems panel and under the text, whichever editor it is: those of the text as it is typed, and the one that the
 * engine finds in model and data as they were saved. What reads requests is loaded when the first one is shown.
 */
export class RequestDiagnostics extends Disposable {
  readonly #collection = this.register(languages.createDiagnosticCollection('certifiedUnlearning'));
  readonly #facts: FactsReaders;
  readonly #watched = new Map<TextDocument, Watched>();

  constructor(facts: FactsReaders) {
    super();
    this.#facts = facts;
    // A document may be open without an editor, and stay open for minutes after its editor was closed.
    for (const event of [workspace.onDidOpenTextDocument, workspace.onDidCloseTextDocument, window.tabGroups.onDidChangeTabs] as const) this.register(event(() => this.#follow()));
    this.register(workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) this.#soon(this.#watched.get(document));
    }));
    this.register(window.onDidChangeVisibleTextEditors(() => {
      for (const watched of this.#watched.values()) if (isInSight(watched.document) !== (watched.held !== undefined)) this.#soon(watched);
    }));
    this.register(facts.onDidAnswer(({ document, finding }) => {
      const watched = this.#watched.get(document);
      if (watched === undefined) return;
      watched.finding = finding;
      void this.#show(watched);
    }));
    this.#follow();
  }

  override dispose(): void {
    for (const document of [...this.#watched.keys()]) this.#close(document);
    super.dispose();
  }

  #follow(): void {
    const shown = new Set(workspace.textDocuments.filter(({ uri, isUntitled }) => isRequest(uri) && (isUntitled || uri.scheme === 'file') && hasTab(uri)));
    for (const document of this.#watched.keys()) if (!shown.has(document)) this.#close(document);
    for (const document of shown) {
      if (this.#watched.has(document)) continue;
      const watched: Watched = { document, timer: undefined, held: undefined, finding: undefined };
      this.#watched.set(document, watched);
      this.#soon(watched);
    }
  }

  #close(document: TextDocument): void {
    const watched = this.#watched.get(document);
    if (watched === undefined) return;
    clearTimeout(watched.timer);
    this.#watched.delete(document);
    watched.held?.release();
    this.#collection.delete(document.uri);
  }

  #soon(watched: Watched | undefined): void {
    if (watched === undefined) return;
    clearTimeout(watched.timer);
    watched.timer = setTimeout(() => void this.#check(watched), settle);
  }

  /** Beside a panel the engine is asked anyway; for a text, as long as it is in sight. */
  async #check(watched: Watched): Promise<void> {
    if (isInSight(watched.document) && !watched.document.isUntitled) watched.held ??= this.#facts.hold(watched.document);
    else {
      watched.held?.release();
      watched.held = undefined;
    }
    await this.#show(watched);
  }

  async #show(watched: Watched): Promise<void> {
    const { problemsOf } = await import('./problems-of');
    const { document, finding } = watched;
    if (this.#watched.get(document) !== watched) return;
    this.#collection.set(document.uri, problemsOf(document.getText(), finding, told).map(({ offset, length, text }) => {
      const diagnostic = new Diagnostic(new Range(document.positionAt(offset), document.positionAt(offset + length)), text, DiagnosticSeverity.Error);
      diagnostic.source = 'Certified Unlearning';
      return diagnostic;
    }));
  }
}

function isInSight(document: TextDocument): boolean {
  return window.visibleTextEditors.some((editor) => editor.document === document);
}

function hasTab(uri: Uri): boolean {
  return window.tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => {
    const shown = input instanceof TabInputText || input instanceof TabInputCustom ? input.uri : input instanceof TabInputTextDiff ? input.modified : undefined;
    return shown?.toString() === uri.toString();
  }));
}
