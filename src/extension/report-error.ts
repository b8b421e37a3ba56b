import { l10n, type LogOutputChannel, window } from 'vscode';
import { describe, UserError } from '../error';
import type { ErrorData } from '../protocol/engine-protocol';

/** What went wrong, as data for a page. Anything but a user's error is a defect of this program and says so. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof UserError) return { code: error.code, message: error.message, file: error.file, field: error.field, remedy: error.remedy };
  return { code: 'defect', message: l10n.t('This is a defect of Certified Unlearning: {0}', error instanceof Error ? error.message : String(error)), remedy: l10n.t('The log has more.') };
}

/** Writes an error to the log and shows it, with a way to the log. */
export async function reportError(error: unknown, log: LogOutputChannel): Promise<void> {
  log.error(error instanceof Error ? error : String(error));
  const showLog = l10n.t('Show Log');
  const text = error instanceof UserError ? describe(error) : errorData(error).message;
  if ((await window.showErrorMessage(text, showLog)) === showLog) log.show();
}
