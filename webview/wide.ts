import { element } from './dom';

/** A table that scrolls by itself where it is wider than the page, so that words stay whole; by keyboard as well. */
export function wide(name: string, content: HTMLElement): HTMLElement {
  return element('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': name }, content);
}
