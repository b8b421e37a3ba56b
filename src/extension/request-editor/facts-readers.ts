import { EventEmitter, type TextDocument } from 'vscode';
import type { ErrorData } from '../../protocol/engine-protocol';
import { Disposable } from '../disposable';
import type { EngineSettingsReader } from '../engines/engine-settings';
import { FactsReader } from './facts-reader';

/** Someone's hold on the reader of a document. */
export interface HeldReader {
  readonly reader: FactsReader;
  release(): void;
}

/** What the engine last found wrong with a request, and the text that it stands on. */
export interface Finding {
  readonly error: ErrorData;
  readonly text: string;
}

/** One reader for each open request, however many editors show it, as long as one of them holds it. */
export class FactsReaders extends Disposable {
  readonly #answered = this.register(new EventEmitter<{ readonly document: TextDocument; readonly finding: Finding | undefined }>());
  /** An answer of the engine, for better or worse. */
  readonly onDidAnswer = this.#answered.event;
  readonly #engines: EngineSettingsReader;
  readonly #held = new Map<TextDocument, { readonly reader: FactsReader; holders: number }>();

  constructor(engines: EngineSettingsReader) {
    super();
    this.#engines = engines;
  }

  hold(document: TextDocument): HeldReader {
    const held = this.#held.get(document) ?? this.#start(document);
    held.holders++;
    let released = false;
    return {
      reader: held.reader,
      release: () => {
        if (released) return;
        released = true;
        held.holders--;
        if (held.holders > 0) return;
        this.#held.delete(document);
        held.reader.dispose();
      },
    };
  }

  override dispose(): void {
    for (const { reader } of this.#held.values()) reader.dispose();
    this.#held.clear();
    super.dispose();
  }

  #start(document: TextDocument): { readonly reader: FactsReader; holders: number } {
    const reader = new FactsReader(document, this.#engines);
    reader.onDidChange((message) => {
      if (message.status === 'loading') return;
      this.#answered.fire({ document, finding: message.status === 'failed' ? { error: message.error, text: reader.text } : undefined });
    });
    const started = { reader, holders: 0 };
    this.#held.set(document, started);
    void reader.read();
    return started;
  }
}
