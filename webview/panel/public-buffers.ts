import { element } from '../dom';
import { t } from '../l10n';
import { Cards } from './cards';
import { Field } from './field';
import { folded } from './native';
import { row } from './section';
import type { PanelActions, Section } from './state';

/** Vocabularies, boundaries and the like that no deletable data ever touched: on the word of whoever signs. */
export function publicBuffers(actions: PanelActions): Section {
  return folded(t('What of the model is public'), () => [
    { element: element('p', { class: 'help' }, t('Vocabularies, boundaries and statistics that were not taken from deletable data stay as they are. The certificate prints the reason, as the word of its signer.')), update: () => undefined },
    new Cards({
      path: ['publicBuffers'],
      add: t('Declare a Tensor Public'),
      blank: () => ({ name: '', reason: '' }),
      title: (number) => t('Public tensor {0}', number),
      remove: t('Remove'),
      removeLabel: (number) => t('Remove public tensor {0}', number),
      fields: (own) => [row(
        new Field({ label: t('Tensor'), path: [...own, 'name'], help: t('Its name, as the page of the model lists it.') }, actions),
        new Field({ label: t('Reason'), path: [...own, 'reason'], help: t('Why no deletable data ever touched it.') }, actions))],
    }, actions),
  ]);
}
