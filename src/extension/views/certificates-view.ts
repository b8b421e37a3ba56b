import { EventEmitter, l10n, type TreeItem, type TreeDataProvider, window } from 'vscode';
import { Disposable } from '../disposable';
import { appearanceOf } from '../models/appearance';
import type { KnownCertificate, ModelRegistry } from '../models/model-registry';
import { fileItem } from './file-item';

/** The certificates of the workspace and whether they hold. */
export class CertificatesView extends Disposable implements TreeDataProvider<KnownCertificate> {
  readonly #changed = this.register(new EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #registry: ModelRegistry;

  constructor(registry: ModelRegistry) {
    super();
    this.#registry = registry;
    this.register(registry.onDidChange(() => this.#changed.fire(undefined)));
    this.register(window.createTreeView('certifiedUnlearning.certificates', { treeDataProvider: this, canSelectMany: true }));
  }

  async getChildren(parent?: KnownCertificate): Promise<KnownCertificate[]> {
    return parent === undefined ? [...(await this.#registry.certificates())] : [];
  }

  getTreeItem({ uri, state, detail }: KnownCertificate): TreeItem {
    const appearance = appearanceOf(state);
    const item = fileItem(uri, state === 'certified' ? { ...appearance, text: l10n.t('holds') } : appearance, detail);
    item.contextValue = 'certificate';
    item.command = { command: 'certifiedUnlearning.showCertificate', title: l10n.t('Show Certificate'), arguments: [uri] };
    return item;
  }
}
