import path from 'node:path';
import { EventEmitter, l10n, ThemeColor, ThemeIcon, TreeItem, type TreeDataProvider, window, workspace } from 'vscode';
import { Disposable } from '../disposable';
import type { KnownModel, ModelRegistry } from '../models/model-registry';
import type { CertificateState } from '../models/model-state';

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
    const item = new TreeItem(uri);
    const { text, icon, color } = appearance(state);
    const place = path.posix.dirname(workspace.asRelativePath(uri));
    item.description = place === '.' ? text : `${text} · ${place}`;
    item.iconPath = new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color));
    item.tooltip = [uri.fsPath, text, detail].filter((part) => part !== undefined).join('\n');
    item.contextValue = certificate === undefined ? 'model' : 'model.withCertificate';
    item.accessibilityInformation = { label: `${workspace.asRelativePath(uri)}, ${text}` };
    if (certificate !== undefined) {
      item.command = { command: 'certifiedUnlearning.showCertificate', title: l10n.t('Show Certificate'), arguments: [certificate] };
    }
    return item;
  }
}

function appearance(state: CertificateState): { readonly text: string; readonly icon: string; readonly color: string | undefined } {
  switch (state) {
    case 'none': return { text: l10n.t('no certificate'), icon: 'circle-outline', color: undefined };
    case 'certified': return { text: l10n.t('certified'), icon: 'verified-filled', color: 'testing.iconPassed' };
    case 'changed': return { text: l10n.t('changed since it was certified'), icon: 'warning', color: 'list.warningForeground' };
    case 'invalid': return { text: l10n.t('certificate invalid'), icon: 'error', color: 'list.errorForeground' };
    case 'unknown': return { text: l10n.t('certificate by an unknown key'), icon: 'question', color: 'list.warningForeground' };
  }
}
