import { type Uri, workspace } from 'vscode';
import type { EngineSettings } from '../../protocol/engine-settings';

const section = 'certifiedUnlearning.engine';

/**
 * What the engines may use on this machine. The settings are the machine's: a workspace cannot set them, trusted or not.
 * A trusted workspace's own @tensorflow/tfjs-node is found in the folder of the request, before the one that the command installed.
 */
export class EngineSettingsReader {
  readonly #storage: Uri;

  constructor(storage: Uri) {
    this.#storage = storage;
  }

  /** Where the command installs TensorFlow to. */
  get tensorflowHome(): string {
    return `${this.#storage.fsPath}/tensorflow`;
  }

  /** For a request, or for the whole window. */
  read(request?: Uri): EngineSettings {
    const settings = workspace.getConfiguration(section);
    const folder = settings.get<string>('tensorflowFolder', '').trim();
    const provider = settings.get<string>('executionProvider', 'cpu');
    return {
      threads: settings.get<number | null>('threads', null) ?? undefined,
      executionProvider: provider === 'cpu' ? undefined : provider,
      tensorflowFolder: folder === '' ? undefined : folder,
      tensorflowPlaces: [...workspacePlaces(request), this.tensorflowHome],
    };
  }
}

function workspacePlaces(request: Uri | undefined): readonly string[] {
  if (!workspace.isTrusted) return [];
  const folder = request === undefined ? undefined : workspace.getWorkspaceFolder(request);
  const folders = folder === undefined ? workspace.workspaceFolders ?? [] : [folder];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}
