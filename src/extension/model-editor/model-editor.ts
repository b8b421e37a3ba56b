import { l10n, type Uri } from 'vscode';
import type { ReadOnlyEditor } from '../read-only-editor';

const viewType = 'certifiedUnlearning.model';
/** The same for models that are JSON, which open as text unless the user asks for the page. */
const jsonViewType = 'certifiedUnlearning.modelJson';

/** The model page: what a model file holds, and the way to unlearning from it. */
export const modelEditor: ReadOnlyEditor = {
  viewTypes: [viewType, jsonViewType],
  page: 'model',
  title: () => l10n.t('Model'),
  load: async () => (await import('./model-page-host')).ModelPageHost,
};

/** The editor that shows a file. */
export function modelViewTypeOf({ path }: Uri): string {
  return path.endsWith('.json') ? jsonViewType : viewType;
}
