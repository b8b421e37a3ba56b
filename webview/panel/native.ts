import type { FieldPath } from '../../src/protocol/panel-messages';
import type { ValueControl } from '../controls';
import { element } from '../dom';
import { Field, type FieldOptions } from './field';
import { at, fieldName, type PanelActions, type PanelState, type Section } from './state';

export type Option = readonly [value: string, text: string];

export function select(label: string, options: readonly Option[] = []): HTMLSelectElement {
  const control = element('select', { class: 'native', 'aria-label': label });
  offer(control, options);
  return control;
}

/** Replaces what a select offers, if that has changed, and keeps its choice. */
export function offer(control: HTMLSelectElement, options: readonly Option[]): void {
  const shown = JSON.stringify(options);
  if (control.dataset['offered'] === shown) return;
  const { value } = control;
  control.dataset['offered'] = shown;
  control.replaceChildren(...options.map(([name, text]) => element('option', { value: name }, text)));
  control.value = value;
}

/** A field whose choices follow from what is found in the data; what is written and not among them is offered as well. */
export function chooser(options: Omit<FieldOptions, 'options' | 'control'> & { readonly offered: (state: PanelState) => readonly Option[] }, actions: PanelActions): Section {
  const control = select(options.label);
  const field = new Field({ ...options, control }, actions);
  return {
    element: field.element,
    update: (state) => {
      const written = at(state.document?.value, options.path);
      const found = options.offered(state);
      const known = typeof written !== 'string' || written === '' || found.some(([value]) => value === written);
      offer(control, known ? found : [...found, [written, written]]);
      field.update(state);
      // What holds while nothing is written.
      if (control.value === '') control.value = found[0]?.[0] ?? '';
    },
  };
}

/** Several lines, for lists that are pasted. */
export function area(label: string, placeholder: string): ValueControl {
  return element('textarea', { class: 'native', 'aria-label': label, rows: 3, spellcheck: 'false', placeholder });
}

/** A box to tick: true where it is, nothing written where it is not. */
export function check({ label, path, help }: { readonly label: string; readonly path: FieldPath; readonly help: string }, actions: PanelActions): Section {
  const box = element('input', { type: 'checkbox', 'data-field': fieldName(path) });
  box.addEventListener('change', () => {
    actions.edit({ path, value: box.checked ? true : undefined });
  });
  return {
    element: element('div', { class: 'field check' }, element('label', {}, box, element('span', {}, label)), element('p', { class: 'help' }, help)),
    update: ({ document }) => {
      box.checked = at(document?.value, path) === true;
    },
  };
}

/** Long content scrolls on its own, also by keyboard; `draw` is given its name, for a caption. */
export function scrolling(label: string, draw: (label: string) => HTMLElement): HTMLElement {
  return element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': label }, draw(label));
}

/** Parts that are seen only sometimes: made when they are first shown, and not kept up to date while they are hidden. */
export function shownWhen(shown: (state: PanelState) => boolean, make: () => readonly Section[]): Section {
  const place = element('div', { hidden: true });
  let parts: readonly Section[] | undefined;
  return {
    element: place,
    update: (state) => {
      place.hidden = !shown(state);
      if (place.hidden) return;
      parts ??= placed(place, make());
      for (const part of parts) part.update(state);
    },
  };
}

/** Parts that are folded away, and made when someone first wants them. */
export function folded(summary: string, make: () => readonly Section[]): Section {
  const details = element('details', {}, element('summary', {}, summary));
  let latest: PanelState | undefined;
  let parts: readonly Section[] | undefined;
  const show = (): void => {
    if (!details.open || latest === undefined) return;
    parts ??= placed(details, make());
    for (const part of parts) part.update(latest);
  };
  details.addEventListener('toggle', show);
  return {
    element: details,
    update: (state) => {
      latest = state;
      show();
    },
  };
}

function placed(place: HTMLElement, parts: readonly Section[]): readonly Section[] {
  place.append(...parts.map(({ element: part }) => part));
  return parts;
}
