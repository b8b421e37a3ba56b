import type { CertificateOfModel } from '../../src/protocol/model-messages';
import { block } from '../block';
import { definitions, element } from '../dom';
import { t, told } from '../l10n';
import { longTable } from './long-table';
import { droppedColumns, type ModelPage, tensorColumns } from './page-model';

/** What the file holds. */
export function contentSections({ facts, obstacle, tensors, layers, dropped }: ModelPage): readonly HTMLElement[] {
  return [
    block(t('Model'), definitions(facts), obstacle === undefined ? undefined : element('p', { class: 'problem' }, t('What stands against training it: {0}', told(obstacle)))),
    block(t('Tensors'),
      tensors.length === 0 ? element('p', {}, t('The file holds none.')) : longTable({ caption: t('Every tensor that the file holds, with its Euclidean norm'), columns: tensorColumns, rows: tensors }),
      element('p', { class: 'muted' }, t('Trained: by gradients. Computed from data: not by gradients, such as the moving averages of a batch normalisation. Constant: never saw data.'))),
    ...(layers.length === 0 ? [] : [block(t('Layers'), longTable({ caption: t('In the order in which they run'), columns: [t('Layer')], rows: layers.map((layer) => [layer]) }))]),
    ...(dropped.length === 0 && obstacle !== undefined ? [] : [droppedSection(dropped)]),
  ];
}

/** Not for a model that cannot be trained, where nothing was found: its file may not have been looked through. */
function droppedSection(dropped: ModelPage['dropped']): HTMLElement {
  return block(t('Dropped on Unlearning'), dropped.length === 0
    ? element('p', {}, t('Nothing: the file holds no state of an optimiser.'))
    : longTable({ caption: t('What remembers training data and is not part of the model'), columns: droppedColumns, rows: dropped }));
}

/** Certificates that speak of the file; each opens on its own page. */
export function certificatesSection(certificates: readonly CertificateOfModel[], show: (uri: string) => void): HTMLElement {
  if (certificates.length === 0) return block(t('Certificates'), element('p', {}, t('No certificate in this workspace is about this file.')));
  return block(t('Certificates'), element('ul', { class: 'certificates' }, ...certificates.map(({ uri, path, state, detail }) => {
    const link = element('button', { class: 'link', type: 'button' }, path);
    link.addEventListener('click', () => show(uri));
    return element('li', {}, link, element('span', {}, ` ${state}`), detail === undefined ? undefined : element('p', { class: 'muted' }, detail));
  })));
}
