import { button } from '../controls';
import { element } from '../dom';
import type { FieldPath } from '../../src/protocol/panel-messages';
import { at, type PanelActions, type PanelState, type Section } from './state';

export interface CardsOptions {
  /** Where the list stands in the request; an empty one is not written. */
  readonly path: FieldPath;
  readonly add: string;
  /** What is added. */
  readonly blank: (written: readonly unknown[]) => unknown;
  readonly title: (number: number) => string;
  readonly remove: string;
  /** Names the button for whoever does not see its card. */
  readonly removeLabel: (number: number) => string;
  readonly fields: (own: FieldPath) => readonly Section[];
}

/** A list of the request, each entry with its fields in a frame of its own. */
export class Cards implements Section {
  readonly element: HTMLElement;
  readonly #options: CardsOptions;
  readonly #actions: PanelActions;
  readonly #list = element('div');
  readonly #add: HTMLElement;
  #cards: readonly Section[] = [];
  #written: readonly unknown[] = [];

  constructor(options: CardsOptions, actions: PanelActions) {
    this.#options = options;
    this.#actions = actions;
    this.#add = button(options.add, () => this.#write([...this.#written, options.blank(this.#written)]), { secondary: true });
    this.element = element('div', {}, this.#list, element('div', { class: 'buttons' }, this.#add));
  }

  update(state: PanelState): void {
    const written = at(state.document?.value, this.#options.path);
    this.#written = Array.isArray(written) ? written : [];
    if (this.#written.length !== this.#cards.length) {
      const added = this.#written.length === this.#cards.length + 1 && this.#cards.length > 0;
      this.#cards = this.#written.map((_, index) => this.#card(index));
      this.#list.replaceChildren(...this.#cards.map((card) => card.element));
      if (added) this.#list.lastElementChild?.scrollIntoView({ block: 'nearest' });
    }
    for (const card of this.#cards) card.update(state);
  }

  #card(index: number): Section {
    const { path, fields, title, remove, removeLabel } = this.#options;
    const parts = fields([...path, index]);
    const control = button(remove, () => {
      this.#write(this.#written.filter((_, place) => place !== index));
      this.#add.focus();
    }, { secondary: true, label: removeLabel(index + 1) });
    return {
      element: element('fieldset', {}, element('legend', {}, title(index + 1)), ...parts.map((part) => part.element), element('div', { class: 'buttons' }, control)),
      update: (state) => {
        for (const part of parts) part.update(state);
      },
    };
  }

  #write(entries: readonly unknown[]): void {
    this.#actions.edit({ path: this.#options.path, value: entries.length === 0 ? undefined : entries });
  }
}
