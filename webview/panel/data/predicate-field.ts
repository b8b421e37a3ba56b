import type { ColumnSummary } from '../../../src/protocol/data-report';
import type { FieldPath } from '../../../src/protocol/panel-messages';
import { element } from '../../dom';
import { plural, t } from '../../l10n';
import { Field } from '../field';
import { fieldName, type PanelActions, type PanelState, type Section } from '../state';
import { complete, type Suggestion } from './completion';
import { report } from './source-part';

/**
 * A condition with completion: an editable combobox with a list of suggestions, as the ARIA Authoring Practices describe it. Arrow keys choose,
 * Enter takes, Escape closes, Control+Space opens; the focus stays in the text.
 */
export class PredicateField implements Section {
  readonly element: HTMLElement;
  readonly #field: Field;
  readonly #input: HTMLInputElement;
  readonly #list: HTMLElement;
  readonly #said = element('span', { class: 'unseen', role: 'status' });
  #columns: readonly ColumnSummary[] = [];
  #suggestions: readonly Suggestion[] = [];
  #from = 0;
  /** The suggestion that Enter takes; none until an arrow key has chosen one. */
  #active = -1;

  constructor(path: FieldPath, label: string, actions: PanelActions) {
    const id = `suggestions-${fieldName(path)}`;
    this.#input = element('input', {
      class: 'native code', type: 'text', role: 'combobox', 'aria-label': label, 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id, 'aria-haspopup': 'listbox', autocomplete: 'off', spellcheck: 'false',
    });
    this.#list = element('ul', { class: 'suggestions', role: 'listbox', id, 'aria-label': t('Suggestions'), hidden: true });
    this.#field = new Field({
      label, path, control: this.#input, beside: this.#list,
      help: t('SQL on the columns, such as contributor = \'c17\'. Control+Space suggests.'),
    }, actions);
    this.element = this.#field.element;
    this.element.classList.add('whole-row');
    this.element.append(this.#said);
    this.#input.addEventListener('input', () => this.#suggest());
    this.#input.addEventListener('keydown', (event) => this.#key(event));
    this.#input.addEventListener('blur', () => {
      this.#close();
      // What a suggestion wrote is no change of the user's own to the browser.
      this.#input.dispatchEvent(new Event('change'));
    });
  }

  update(state: PanelState): void {
    this.#columns = report(state)?.table?.columns ?? [];
    this.#field.update(state);
  }

  #suggest(): void {
    const caret = this.#input.selectionStart ?? this.#input.value.length;
    const { from, suggestions } = complete(this.#input.value.slice(0, caret), this.#columns);
    this.#from = from;
    this.#suggestions = suggestions;
    this.#active = -1;
    this.#list.replaceChildren(...suggestions.map(({ text, kind, detail }, index) => {
      const option = element('li', { role: 'option', id: `${this.#list.id}-${index}`, class: kind, 'aria-selected': 'false' }, element('span', {}, text.trim()), element('span', { class: 'muted' }, detail));
      // Before the text loses the focus.
      option.addEventListener('mousedown', (event) => {
        event.preventDefault();
        this.#take(index);
      });
      return option;
    }));
    this.#show(suggestions.length > 0);
    this.#said.textContent = suggestions.length === 0 ? '' : plural(suggestions.length, '{0} suggestion', '{0} suggestions');
  }

  #key(event: KeyboardEvent): void {
    const open = !this.#list.hidden;
    if (event.key === ' ' && event.ctrlKey) this.#suggest();
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!open) this.#suggest();
      this.#choose(event.key === 'ArrowDown' ? this.#active + 1 : this.#active < 0 ? this.#suggestions.length - 1 : this.#active - 1);
    } else if (event.key === 'Enter' && open && this.#active >= 0) this.#take(this.#active);
    else if (event.key === 'Escape' && open) this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Beyond either end nothing is chosen, then the other end. */
  #choose(index: number): void {
    this.#active = index >= this.#suggestions.length || index < 0 ? -1 : index;
    for (const [place, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(place === this.#active));
      if (place === this.#active) option.scrollIntoView({ block: 'nearest' });
    }
    if (this.#active < 0) this.#input.removeAttribute('aria-activedescendant');
    else this.#input.setAttribute('aria-activedescendant', `${this.#list.id}-${this.#active}`);
  }

  #take(index: number): void {
    const suggestion = this.#suggestions[index];
    if (suggestion === undefined) return;
    const caret = this.#input.selectionStart ?? this.#input.value.length;
    const rest = this.#input.value.slice(caret);
    const text = /[( ]$/.test(suggestion.text) || rest.startsWith(' ') ? suggestion.text : `${suggestion.text} `;
    this.#input.value = `${this.#input.value.slice(0, this.#from)}${text}${rest}`;
    const end = this.#from + text.length;
    this.#input.setSelectionRange(end, end);
    // Previews, and suggests what may come next.
    this.#input.dispatchEvent(new Event('input', { bubbles: true }));
  }

  #close(): void {
    this.#show(false);
  }

  #show(open: boolean): void {
    this.#list.hidden = !open;
    this.#input.setAttribute('aria-expanded', String(open));
    if (!open) this.#choose(-1);
  }
}
