import { commands, l10n, Uri, window, workspace } from 'vscode';
import type { Services } from '../services';

/** Copies the sample project to a folder of the user's choice and opens it. */
export async function createSample({ extension }: Services): Promise<void> {
  const chosen = await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, canSelectMany: false, title: l10n.t('Where should the sample project go?'), openLabel: l10n.t('Create Here') });
  const parent = chosen?.[0];
  if (parent === undefined) return;
  const folder = await freeName(parent);
  await workspace.fs.copy(Uri.joinPath(extension, 'examples', 'mnist'), folder);
  await commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: workspace.workspaceFolders !== undefined });
}

async function freeName(parent: Uri): Promise<Uri> {
  for (let number = 1; ; number++) {
    const folder = Uri.joinPath(parent, `unlearning-sample${number === 1 ? '' : `-${number}`}`);
    const taken = await Promise.resolve(workspace.fs.stat(folder)).then(() => true, () => false);
    if (!taken) return folder;
  }
}
