import { EventEmitter, l10n, type TreeItem, type TreeDataProvider, window } from 'vscode';
import { Disposable } from '../disposable';
import { appearanceOf } from '../models/appearance';
import type { KnownModel, ModelRegistry } from '../models/model-registry';
import { fileItem } from './file-item';

/** The models of the workspace, each with the state of its certificate. */
export class ModelsView extends Disposable implements TreeDataProvider<KnownModel> {
  readonly #changed = this.register(new EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #registry: ModelRegistry;

  constructor(registry: ModelRegistry) {
    super();
    this.#registry = registry;
    this.register(registry.onDidChange(() => this.#changed.fire(undefined)));
    this.register(window.createTreeView('certifiedUnlearning.models', { treeDataProvider: this }));
  }

  async getChildren(parent?: KnownModel): Promise<KnownModel[]> {
    return parent === undefined ? [...(await this.#registry.models())] : [];
  }

  getTreeItem({ uri, state, certificate, detail }: KnownModel): TreeItem {
    const item = fileItem(uri, appearanceOf(state), detail);
    item.contextValue = certificate === undefined ? 'model' : 'model.withCertificate';
    item.command = { command: 'certifiedUnlearning.showModel', title: l10n.t('Show Model'), arguments: [uri] };
    return item;
  }
}
