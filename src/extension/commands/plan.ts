import { commands, l10n } from 'vscode';
import { RequestEditorProvider } from '../request-editor/request-editor-provider';
import type { Services } from '../services';
import { pickRequest } from './pick-request';

/** Opens a request in its panel, which plans it. */
export async function plan(_services: Services, argument: unknown): Promise<void> {
  const request = await pickRequest(argument, l10n.t('Plan Unlearning'));
  if (request !== undefined) await commands.executeCommand('vscode.openWith', request, RequestEditorProvider.viewType);
}
