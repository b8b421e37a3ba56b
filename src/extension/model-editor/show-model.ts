import { commands, l10n } from 'vscode';
import { findModels, modelName } from '../files';
import { fileOf } from '../pick-file';
import type { Services } from '../services';
import { modelViewTypeOf } from './model-editor';

/** Opens a model on its page. */
export async function showModel(_services: Services, argument: unknown): Promise<void> {
  const model = await fileOf(argument, {
    fits: (uri) => modelName.test(uri.path),
    find: findModels,
    title: l10n.t('Show Model'),
    none: l10n.t('There is no model file in this workspace.'),
  });
  if (model !== undefined) await commands.executeCommand('vscode.openWith', model, modelViewTypeOf(model));
}
