import { EventEmitter, type LogOutputChannel, Uri, workspace } from 'vscode';
import { check } from '../certificate-editor/check';
import { Disposable } from '../disposable';
import { certificatePattern, findFiles, findModels, modelPattern } from '../files';
import type { Keys } from '../keys';
import { type CertificateState, stateOf } from './model-state';

/** A model file in the workspace, with the certificate that is about it. */
export interface KnownModel {
  readonly uri: Uri;
  readonly state: CertificateState;
  readonly certificate: Uri | undefined;
  /** Why the state is what it is, in a sentence. */
  readonly detail: string | undefined;
}

const settle = 500;

/** Follows the models and certificates of the workspace. Looks only once somebody asks. */
export class ModelRegistry extends Disposable {
  readonly #changed = this.register(new EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #keys: Keys;
  readonly #log: LogOutputChannel;
  #models: Promise<readonly KnownModel[]> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(keys: Keys, log: LogOutputChannel) {
    super();
    this.#keys = keys;
    this.#log = log;
    for (const pattern of [modelPattern, certificatePattern, '**/*.bin']) {
      const watcher = this.register(workspace.createFileSystemWatcher(pattern));
      for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.register(event(() => this.#refreshSoon()));
    }
    this.register(workspace.onDidChangeWorkspaceFolders(() => this.refresh()));
    this.register(workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('certifiedUnlearning.trustedKeys')) this.refresh();
    }));
  }

  models(): Promise<readonly KnownModel[]> {
    this.#models ??= this.#read();
    return this.#models;
  }

  async certificateOf(model: Uri): Promise<Uri | undefined> {
    return (await this.models()).find(({ uri }) => uri.toString() === model.toString())?.certificate;
  }

  refresh(): void {
    this.#models = undefined;
    this.#changed.fire();
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    super.dispose();
  }

  #refreshSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), settle);
  }

  async #read(): Promise<readonly KnownModel[]> {
    const [models, certificates] = await Promise.all([findModels(), findFiles(certificatePattern)]);
    const certified = new Map<string, KnownModel>();
    for (const certificate of certificates) {
      const known = await this.#certified(certificate);
      if (known !== undefined) certified.set(known.uri.toString(), known);
    }
    return models.map((uri) => certified.get(uri.toString()) ?? { uri, state: 'none', certificate: undefined, detail: undefined });
  }

  /** The model that a certificate says it is about: its first subject, in the certificate's folder. */
  async #certified(certificate: Uri): Promise<KnownModel | undefined> {
    try {
      const verification = await check(certificate, this.#keys);
      const subject = (verification.statement ?? verification.unverifiedStatement)?.subject[0];
      if (subject === undefined) return undefined;
      const failed = [verification.signature, verification.model, verification.accounting].find(({ status }) => status !== 'pass');
      return { uri: Uri.joinPath(certificate, '..', subject.name), state: stateOf(verification), certificate, detail: failed?.detail };
    } catch (error) {
      this.#log.warn(`${certificate.fsPath}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}
