import { button } from '../../controls';
import { element } from '../../dom';
import { t } from '../../l10n';
import { Field } from '../field';
import { row } from '../section';
import { at, type PanelActions, type PanelState, type Section } from '../state';
import { selectorPart } from './selector-part';

const path = ['forget', 'requests'];

/** Several requests in one run, each with its own reference, date and legal basis, and its own records. */
export class RequestsPart implements Section {
  readonly element: HTMLElement;
  readonly #actions: PanelActions;
  readonly #list = element('div', { class: 'requests' });
  readonly #add: HTMLElement;
  #cards: readonly Section[] = [];
  #requests: readonly unknown[] = [];

  constructor(actions: PanelActions) {
    this.#actions = actions;
    this.#add = button(t('Add Request'), () => this.#write([...this.#requests, { reference: this.#freeReference() }]), { secondary: true });
    this.element = element('div', {}, element('h3', {}, t('By request')), element('p', { class: 'help' }, t('References are printed on the certificate: no personal data in them.')), this.#list, element('div', { class: 'buttons' }, this.#add));
  }

  update(state: PanelState): void {
    const written = at(state.document?.value, path);
    this.#requests = Array.isArray(written) ? written : [];
    if (this.#requests.length !== this.#cards.length) {
      const added = this.#requests.length === this.#cards.length + 1 && this.#cards.length > 0;
      this.#cards = this.#requests.map((_, index) => this.#card(index));
      this.#list.replaceChildren(...this.#cards.map((card) => card.element));
      if (added) this.#list.lastElementChild?.scrollIntoView({ block: 'nearest' });
    }
    for (const card of this.#cards) card.update(state);
  }

  #card(index: number): Section {
    const own = [...path, index];
    const actions = this.#actions;
    const number = String(index + 1);
    const parts: readonly Section[] = [
      row(
        new Field({ label: t('Reference'), path: [...own, 'reference'], help: t('Ticket number or other name.'), narrow: true }, actions),
        new Field({ label: t('Received on'), path: [...own, 'date'], help: t('Such as 2026-01-31.'), narrow: true }, actions),
        new Field({ label: t('Legal basis'), path: [...own, 'basis'], help: t('Such as GDPR Art. 17(1)(b).'), narrow: true }, actions)),
      ...selectorPart(own, actions),
    ];
    const remove = button(t('Remove'), () => {
      this.#write(this.#requests.filter((_, place) => place !== index));
      this.#add.focus();
    }, { secondary: true, label: t('Remove request {0}', number) });
    return {
      element: element('fieldset', {}, element('legend', {}, t('Request {0}', number)), ...parts.map((part) => part.element), element('div', { class: 'buttons' }, remove)),
      update: (state) => {
        for (const part of parts) part.update(state);
      },
    };
  }

  #write(requests: readonly unknown[]): void {
    this.#actions.edit({ path, value: requests.length === 0 ? undefined : requests });
  }

  /** The certificate tells requests apart by their references. */
  #freeReference(): string {
    const taken = new Set(this.#requests.map((request) => at(request, ['reference'])));
    let number = this.#requests.length + 1;
    while (taken.has(`R-${number}`)) number++;
    return `R-${number}`;
  }
}
