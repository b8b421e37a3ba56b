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

/** A certificate in the workspace, with the model that it says it is about. */
export interface KnownCertificate {
  readonly uri: Uri;
  readonly certificate: Uri;
  readonly state: Exclude<CertificateState, 'none'>;
  readonly model: Uri | undefined;
  readonly detail: string | undefined;
}

interface Found {
  readonly models: readonly KnownModel[];
  readonly certificates: readonly KnownCertificate[];
}

/** How long files must be quiet before they are looked at again, in milliseconds. */
const settle = 500;

/** Follows the models and certificates of the workspace. Looks only once somebody asks. */
export class ModelRegistry extends Disposable {
  readonly #changed = this.register(new EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #keys: Keys;
  readonly #log: LogOutputChannel;
  #found: Promise<Found> | undefined;
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
    this.register(keys.onDidChange(() => this.refresh()));
  }

  async models(): Promise<readonly KnownModel[]> {
    return (await this.#all()).models;
  }

  async certificates(): Promise<readonly KnownCertificate[]> {
    return (await this.#all()).certificates;
  }

  /** Looks again before it says that there is none: files may have changed a moment ago. */
  async certificateOf(model: Uri): Promise<Uri | undefined> {
    const find = async (): Promise<Uri | undefined> => (await this.models()).find(({ uri }) => uri.toString() === model.toString())?.certificate;
    const known = await find();
    if (known !== undefined) return known;
    this.refresh();
    return find();
  }

  refresh(): void {
    this.#found = undefined;
    this.#changed.fire();
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    super.dispose();
  }

  #all(): Promise<Found> {
    this.#found ??= this.#read();
    return this.#found;
  }

  #refreshSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), settle);
  }

  async #read(): Promise<Found> {
    const [models, files] = await Promise.all([findModels(), findFiles(certificatePattern)]);
    const certificates: KnownCertificate[] = [];
    for (const file of files) certificates.push(await this.#certificate(file));
    const about = new Map(certificates.flatMap((known) => (known.model === undefined ? [] : [[known.model.toString(), known] as const])));
    return {
      certificates,
      models: models.map((uri): KnownModel => {
        const known = about.get(uri.toString());
        return { uri, state: known?.state ?? 'none', certificate: known?.uri, detail: known?.detail };
      }),
    };
  }

  /** The model that a certificate is about is its first subject, in the certificate's folder. */
  async #certificate(uri: Uri): Promise<KnownCertificate> {
    try {
      const verification = await check(uri, this.#keys);
      const { signature, model, accounting, statement, unverifiedStatement, damaged } = verification;
      const subject = (statement ?? unverifiedStatement)?.subject[0];
      const failed = [signature, model, accounting].find(({ status }) => status !== 'pass');
      return { uri, certificate: uri, state: stateOf(verification), model: subject === undefined ? undefined : Uri.joinPath(uri, '..', subject.name), detail: damaged ?? failed?.detail };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#log.warn(`${uri.fsPath}: ${detail}`);
      return { uri, certificate: uri, state: 'invalid', model: undefined, detail };
    }
  }
}
