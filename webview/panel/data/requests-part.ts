import { element } from '../../dom';
import { t } from '../../l10n';
import { Cards } from '../cards';
import { Field } from '../field';
import { row } from '../section';
import { at, type PanelActions, type Section } from '../state';
import { selectorPart } from './selector-part';

/** Several requests in one run, each with its own reference, date and legal basis, and its own records. */
export function requestsPart(actions: PanelActions): Section {
  const cards = new Cards({
    path: ['forget', 'requests'],
    add: t('Add Request'),
    blank: (written) => ({ reference: freeReference(written) }),
    title: (number) => t('Request {0}', number),
    remove: t('Remove'),
    removeLabel: (number) => t('Remove request {0}', number),
    fields: (own) => [
      row(
        new Field({ label: t('Reference'), path: [...own, 'reference'], help: t('Ticket number or other name.'), narrow: true }, actions),
        new Field({ label: t('Received on'), path: [...own, 'date'], help: t('Such as 2026-01-31.'), narrow: true }, actions),
        new Field({ label: t('Legal basis'), path: [...own, 'basis'], help: t('Such as GDPR Art. 17(1)(b).'), narrow: true }, actions)),
      ...selectorPart(own, actions),
    ],
  }, actions);
  return {
    element: element('div', {}, element('h3', {}, t('By request')), element('p', { class: 'help' }, t('References are printed on the certificate: no personal data in them.')), cards.element),
    update: (state) => cards.update(state),
  };
}

/** The certificate tells requests apart by their references. */
function freeReference(written: readonly unknown[]): string {
  const taken = new Set(written.map((request) => at(request, ['reference'])));
  let number = written.length + 1;
  while (taken.has(`R-${number}`)) number++;
  return `R-${number}`;
}
