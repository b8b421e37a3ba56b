import { EventEmitter, FileDecoration, type FileDecorationProvider, type Uri, window } from 'vscode';
import { Disposable } from '../disposable';
import { isCertificate, modelName } from '../files';
import { appearanceOf } from './appearance';
import type { ModelRegistry } from './model-registry';

/** Marks certified models and their certificates in the explorer, with the states of the sidebar. */
export class Decorations extends Disposable implements FileDecorationProvider {
  readonly #changed = this.register(new EventEmitter<undefined>());
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #registry: ModelRegistry;

  constructor(registry: ModelRegistry) {
    super();
    this.#registry = registry;
    this.register(registry.onDidChange(() => this.#changed.fire(undefined)));
    this.register(window.registerFileDecorationProvider(this));
  }

  async provideFileDecoration(uri: Uri): Promise<FileDecoration | undefined> {
    if (!isCertificate(uri) && !modelName.test(uri.path)) return undefined;
    const known = [...(await this.#registry.models()), ...(await this.#registry.certificates())].find((candidate) => candidate.uri.toString() === uri.toString());
    if (known === undefined || known.state === 'none') return undefined;
    const { badge, text, color } = appearanceOf(known.state);
    return new FileDecoration(badge, text, color);
  }
}
