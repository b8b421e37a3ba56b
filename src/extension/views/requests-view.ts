import { EventEmitter, l10n, ThemeColor, type TreeItem, type TreeDataProvider, type Uri, window, workspace } from 'vscode';
import { Disposable } from '../disposable';
import { findFiles, requestPattern } from '../files';
import { told } from '../told';
import { fileItem } from './file-item';

/** A request of the workspace, with the first thing that is wrong with it. */
export interface KnownRequest {
  readonly uri: Uri;
  readonly problem: string | undefined;
}

/** The requests of the workspace, as saved. */
export class RequestsView extends Disposable implements TreeDataProvider<KnownRequest> {
  readonly #changed = this.register(new EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor() {
    super();
    const watcher = this.register(workspace.createFileSystemWatcher(requestPattern));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.register(event(() => this.#changed.fire(undefined)));
    this.register(window.createTreeView('certifiedUnlearning.requests', { treeDataProvider: this }));
  }

  async getChildren(parent?: KnownRequest): Promise<KnownRequest[]> {
    if (parent !== undefined) return [];
    const { parseRequest } = await import('../../request/parse-request');
    return Promise.all((await findFiles(requestPattern)).map(async (uri): Promise<KnownRequest> => {
      const text = Buffer.from(await workspace.fs.readFile(uri)).toString('utf8');
      const problem = parseRequest(text).problems[0];
      return { uri, problem: problem === undefined ? undefined : [problem.field, told(problem.message)].filter((part) => part !== '').join(': ') };
    }));
  }

  getTreeItem({ uri, problem }: KnownRequest): TreeItem {
    const item = fileItem(uri, problem === undefined
      ? { text: l10n.t('ready to run'), icon: 'file', color: undefined }
      : { text: l10n.t('incomplete'), icon: 'warning', color: new ThemeColor('list.warningForeground') }, problem);
    item.contextValue = 'request';
    item.command = { command: 'certifiedUnlearning.plan', title: l10n.t('Open Request'), arguments: [uri] };
    return item;
  }
}
