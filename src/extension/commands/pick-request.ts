import { l10n, type Uri } from 'vscode';
import { findFiles, isRequest, requestPattern } from '../files';
import { fileOf } from '../pick-file';

/** The request that a command is about. */
export function pickRequest(argument: unknown, title: string): Promise<Uri | undefined> {
  return fileOf(argument, {
    fits: isRequest,
    find: () => findFiles(requestPattern),
    title,
    none: l10n.t('There is no unlearning request (*.unlearn.json) in this workspace. Right-click on a model to create one.'),
  });
}
