import { element } from '../dom';
import type { PanelState, Section } from './state';

/** A heading with what belongs under it; updating it updates its parts. */
export function section(title: string, ...parts: readonly (Section | HTMLElement)[]): Section {
  const id = `section-${title.toLowerCase().replace(/[^\p{L}\d]+/gu, '-')}`;
  return {
    element: element('section', { 'aria-labelledby': id }, element('h2', { id }, title), ...parts.map((part) => (part instanceof HTMLElement ? part : part.element))),
    update: (state) => {
      for (const part of parts) if (!(part instanceof HTMLElement)) part.update(state);
    },
  };
}

/** Fields side by side. */
export function row(...parts: readonly Section[]): Section {
  return {
    element: element('div', { class: 'row' }, ...parts.map((part) => part.element)),
    update: (state) => {
      for (const part of parts) part.update(state);
    },
  };
}

/** Parts that belong together, in a frame with a title. */
export function framed(title: string, ...parts: readonly Section[]): Section {
  return {
    element: element('fieldset', {}, element('legend', {}, title), ...parts.map((part) => part.element)),
    update: (state) => {
      for (const part of parts) part.update(state);
    },
  };
}

/** A part that is drawn anew from the state each time it changes. */
export function drawn(className: string, draw: (state: PanelState) => readonly (Node | string | undefined)[]): Section {
  const place = element('div', { class: className });
  return { element: place, update: (state) => place.replaceChildren(...draw(state).filter((node) => node !== undefined)) };
}
