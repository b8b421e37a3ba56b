import type { CertificateOfModel } from '../../src/protocol/model-messages';
import { block } from '../block';
import { definitions, element } from '../dom';
import { longTable } from './long-table';
import { droppedColumns, type ModelPage, tensorColumns } from './page-model';

/** What the file holds. */
export function contentSections({ facts, obstacle, tensors, layers, dropped }: ModelPage): readonly HTMLElement[] {
  return [
    block('Model', definitions(facts), obstacle === undefined ? undefined : element('p', { class: 'problem' }, `What stands against training it: ${obstacle}`)),
    block('Tensors',
      tensors.length === 0 ? element('p', {}, 'The file holds none.') : longTable({ caption: 'Every tensor that the file holds, with its Euclidean norm', columns: tensorColumns, rows: tensors }),
      element('p', { class: 'muted' }, 'Trained: by gradients. Computed from data: not by gradients, such as the moving averages of a batch normalisation. Constant: never saw data.')),
    ...(layers.length === 0 ? [] : [block('Layers', longTable({ caption: 'In the order in which they run', columns: ['Layer'], rows: layers.map((layer) => [layer]) }))]),
    ...(dropped.length === 0 && obstacle !== undefined ? [] : [droppedSection(dropped)]),
  ];
}

/** Not for a model that cannot be trained, where nothing was found: its file may not have been looked through. */
function droppedSection(dropped: ModelPage['dropped']): HTMLElement {
  return block('Dropped on Unlearning', dropped.length === 0
    ? element('p', {}, 'Nothing: the file holds no state of an optimiser.')
    : longTable({ caption: 'What remembers training data and is not part of the model', columns: droppedColumns, rows: dropped }));
}

/** Certificates that speak of the file; each opens on its own page. */
export function certificatesSection(certificates: readonly CertificateOfModel[], show: (uri: string) => void): HTMLElement {
  if (certificates.length === 0) return block('Certificates', element('p', {}, 'No certificate in this workspace is about this file.'));
  return block('Certificates', element('ul', { class: 'certificates' }, ...certificates.map(({ uri, path, state, detail }) => {
    const link = element('button', { class: 'link', type: 'button' }, path);
    link.addEventListener('click', () => show(uri));
    return element('li', {}, link, element('span', {}, ` ${state}`), detail === undefined ? undefined : element('p', { class: 'muted' }, detail));
  })));
}
