import path from 'node:path';
import { commands, l10n, type LogOutputChannel, Uri, window } from 'vscode';
import { UserError } from '../error';
import type { ErrorData } from '../protocol/engine-protocol';
import { toldError } from './told';

/** What went wrong, as data for a page. Anything but a user's error is a defect of this program and says so. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof UserError) return { code: error.code, message: error.message, file: error.file, field: error.field, remedy: error.remedy };
  return { code: 'defect', message: l10n.t('This is a defect of Certified Unlearning: {0}', error instanceof Error ? error.message : String(error)), remedy: l10n.t('The log has more.') };
}

/** Writes an error to the log and shows it, with what to do about it: its own remedy, the file at fault, the log. */
export async function reportError(error: unknown, log: LogOutputChannel): Promise<void> {
  log.error(error instanceof Error ? error : String(error));
  const showLog = l10n.t('Show Log');
  const openFile = l10n.t('Open File');
  const text = error instanceof UserError ? toldError(error) : errorData(error).message;
  const file = error instanceof UserError && error.file !== undefined && path.isAbsolute(error.file) ? Uri.file(error.file) : undefined;
  const choice = await window.showErrorMessage(text, ...(file === undefined ? [] : [openFile]), showLog);
  if (choice === showLog) log.show();
  if (choice === openFile) await commands.executeCommand('vscode.open', file);
}
