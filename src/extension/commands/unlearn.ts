import { commands, l10n, ProgressLocation, type Uri, window, workspace } from 'vscode';
import { findModels, modelName } from '../files';
import { fileOf } from '../pick-file';
import { RequestEditorProvider } from '../request-editor/request-editor-provider';
import { requestsFor } from '../requests/requests-for';
import type { Services } from '../services';

/** From a model to its request in the panel: one that is there already, or a new one. */
export async function unlearn(_services: Services, argument: unknown): Promise<void> {
  const model = await fileOf(argument, {
    fits: (uri) => modelName.test(uri.path),
    find: findModels,
    title: l10n.t('Unlearn Data from Model'),
    none: l10n.t('There is no model file in this workspace.'),
  });
  if (model === undefined) return;
  const request = await existingRequest(model) ?? await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('Reading the model') }, async () => (await import('../requests/create-request')).createRequest(model));
  if (request === 'none') return;
  await commands.executeCommand('vscode.openWith', request, RequestEditorProvider.viewType);
}

/** The request for this model that the user wants to go on with; undefined for a new one. */
async function existingRequest(model: Uri): Promise<Uri | 'none' | undefined> {
  const existing = await requestsFor(model);
  if (existing.length === 0) return undefined;
  const items = [
    ...existing.map((uri) => ({ label: workspace.asRelativePath(uri), uri, create: false })),
    { label: l10n.t('$(add) New Request'), uri: undefined, create: true },
  ];
  const chosen = await window.showQuickPick(items, { title: l10n.t('There are requests for this model already') });
  return chosen === undefined ? 'none' : chosen.uri;
}
