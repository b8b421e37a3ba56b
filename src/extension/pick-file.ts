import { l10n, Uri, window, workspace } from 'vscode';
import { activeFile } from './files';

export interface FilePick {
  readonly fits: (uri: Uri) => boolean;
  readonly find: () => Promise<readonly Uri[]>;
  readonly title: string;
  /** What to say where there is none. */
  readonly none: string;
}

/**
 * The file that a command is about: what a menu or a tree item gave it, else the active editor's, else the user is asked.
 * @returns undefined if the user does not choose, or there is nothing to choose from (which is then said)
 */
export async function fileOf(argument: unknown, pick: FilePick): Promise<Uri | undefined> {
  const given = uriIn(argument);
  if (given !== undefined) return given;
  const active = activeFile();
  if (active !== undefined && pick.fits(active)) return active;
  const found = await pick.find();
  if (found.length === 0) {
    void window.showInformationMessage(pick.none);
    return undefined;
  }
  const chosen = await window.showQuickPick(found.map((uri) => ({ label: workspace.asRelativePath(uri), uri })), { title: pick.title, placeHolder: l10n.t('Choose a file') });
  return chosen?.uri;
}

/** Menus of the explorer give a URI, views the item, which has one. */
function uriIn(argument: unknown): Uri | undefined {
  if (argument instanceof Uri) return argument;
  if (typeof argument !== 'object' || argument === null || !('uri' in argument)) return undefined;
  return argument.uri instanceof Uri ? argument.uri : undefined;
}
