import path from 'node:path';
import { EventEmitter, l10n, type TextDocument, workspace } from 'vscode';
import { UserError } from '../../error';
import type { CountedMessage, DataMessage, GroupsMessage, InspectedSource } from '../../protocol/panel-messages';
import type { EngineClient } from '../../run/engine-client';
import { Disposable } from '../disposable';
import { errorData } from '../report-error';

/** How long the engine keeps data open after the last question, in milliseconds. */
const idle = 60_000;
/** How long the text must be quiet before the data are looked at again, in milliseconds. */
const settle = 300;

const inspectedSources: readonly InspectedSource[] = ['train', 'evaluation'];

/** Looks into the data of a request while it is written, and counts whom it would forget: in a process of its own, which ends when nobody asks. */
export class DataReader extends Disposable {
  readonly #changed = this.register(new EventEmitter<DataMessage>());
  readonly onDidChange = this.#changed.event;
  readonly #document: TextDocument;
  #engine: EngineClient | undefined;
  #retirement: NodeJS.Timeout | undefined;
  /** Questions that wait for their answer. */
  #pending = 0;
  #settled: NodeJS.Timeout | undefined;
  /** What was last looked at, as the request says it. */
  readonly #seen: Record<InspectedSource, string> = { train: '', evaluation: '' };
  #counting: AbortController | undefined;
  #disposed = false;
  readonly #current: Record<InspectedSource, DataMessage> = { train: { type: 'data', of: 'train', status: 'none' }, evaluation: { type: 'data', of: 'evaluation', status: 'none' } };

  constructor(document: TextDocument) {
    super();
    this.#document = document;
  }

  /** To be called when the text changes: looks again if it names other files, or another part of them. */
  follow(): void {
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => void this.read(), settle);
  }

  get current(): readonly DataMessage[] {
    return inspectedSources.map((of) => this.#current[of]);
  }

  /** @param again Looks also if the request names the same: the files may have changed. */
  async read(again = false): Promise<void> {
    await Promise.all(inspectedSources.map((of) => this.#inspect(of, again)));
  }

  async #inspect(of: InspectedSource, again: boolean): Promise<void> {
    if (!workspace.isTrusted) {
      this.#set({ type: 'data', of, status: 'untrusted' });
      return;
    }
    const source = this.#source(of);
    const seen = filesOf(source);
    if (seen === this.#seen[of] && !again) return;
    this.#seen[of] = seen;
    if (seen === '') {
      this.#set({ type: 'data', of, status: 'none' });
      return;
    }
    this.#set({ type: 'data', of, status: 'loading' });
    let message: DataMessage;
    try {
      const report = await this.#ask((engine) => engine.inspectData({ source, folder: this.#folder, field: `data.${of}` }));
      message = { type: 'data', of, status: 'ready', report };
    } catch (error) {
      message = { type: 'data', of, status: 'failed', error: errorData(error) };
    }
    // A later question has its own answer.
    if (seen === this.#seen[of]) this.#set(message);
  }

  /** @returns undefined where a later question has taken its place */
  async count(question: number, forget: unknown): Promise<CountedMessage | undefined> {
    this.#counting?.abort();
    if (!workspace.isTrusted) return { type: 'counted', question, status: 'none' };
    const abort = new AbortController();
    this.#counting = abort;
    try {
      const preview = await this.#ask((engine) => engine.previewData({ source: this.#source('train'), forget, folder: this.#folder }, { signal: abort.signal }));
      return preview === null ? { type: 'counted', question, status: 'none' } : { type: 'counted', question, status: 'ready', preview };
    } catch (error) {
      if (abort.signal.aborted) return undefined;
      return { type: 'counted', question, status: 'failed', error: errorData(error) };
    }
  }

  /** Reads all features: only when asked for. */
  async groups(): Promise<GroupsMessage> {
    if (!workspace.isTrusted) return { type: 'groups', status: 'none' };
    try {
      return { type: 'groups', status: 'ready', groups: await this.#ask((engine) => engine.groups({ request: this.#document.uri.fsPath })) };
    } catch (error) {
      return { type: 'groups', status: 'failed', error: errorData(error) };
    }
  }

  override dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#settled);
    this.#counting?.abort();
    this.#retire();
    super.dispose();
  }

  get #folder(): string {
    return path.dirname(this.#document.uri.fsPath);
  }

  #source(of: InspectedSource): unknown {
    try {
      return (JSON.parse(this.#document.getText()) as { readonly data?: Partial<Record<InspectedSource, unknown>> }).data?.[of];
    } catch {
      return undefined;
    }
  }

  async #ask<T>(question: (engine: EngineClient) => Promise<T>): Promise<T> {
    const { startEngine } = await import('../../run/engine-client');
    if (this.#disposed) throw new UserError('cancelled', l10n.t('the panel was closed'), { remedy: l10n.t('Open it again to go on.') });
    if (this.#engine?.alive !== true) {
      this.#engine?.dispose();
      this.#engine = startEngine();
    }
    clearTimeout(this.#retirement);
    this.#pending++;
    try {
      return await question(this.#engine);
    } finally {
      this.#pending--;
      if (this.#pending === 0) this.#retirement = setTimeout(() => this.#retire(), idle);
    }
  }

  #retire(): void {
    clearTimeout(this.#retirement);
    this.#engine?.dispose();
    this.#engine = undefined;
  }

  #set(message: DataMessage): void {
    if (message.status === this.#current[message.of].status && message.status !== 'ready' && message.status !== 'failed') return;
    this.#current[message.of] = message;
    if (!this.#disposed) this.#changed.fire(message);
  }
}

const fileFields = ['format', 'path', 'table', 'delimiter', 'featuresKey', 'labels', 'labelsKey', 'records', 'image'] as const;

/** The part of a source that says which files it reads; empty where it names none. */
function filesOf(source: unknown): string {
  if (typeof source !== 'object' || source === null) return '';
  const fields = source as Readonly<Record<string, unknown>>;
  const { format, path: table, features } = fields;
  if (table === undefined && features === undefined) return '';
  // The features of a table are columns: which are chosen does not change what there is.
  return JSON.stringify([fileFields.map((field) => fields[field]), table === undefined ? features : undefined, format === 'images' ? fields['label'] : undefined]);
}
