import path from 'node:path';
import { ThemeIcon, TreeItem, type Uri, workspace } from 'vscode';
import type { Appearance } from '../models/appearance';

/** A file of the workspace with its state, then its folder. */
export function fileItem(uri: Uri, { text, icon, color }: Pick<Appearance, 'text' | 'icon' | 'color'>, detail: string | undefined): TreeItem {
  const item = new TreeItem(uri);
  const relative = workspace.asRelativePath(uri);
  const place = path.posix.dirname(relative);
  item.description = place === '.' ? text : `${text} · ${place}`;
  item.iconPath = new ThemeIcon(icon, color);
  item.tooltip = [uri.fsPath, text, detail].filter((part) => part !== undefined).join('\n');
  item.accessibilityInformation = { label: `${relative}, ${text}` };
  return item;
}
