import { element } from './dom';

/** A section with a heading that names it. */
export function block(title: string, ...parts: readonly (HTMLElement | undefined)[]): HTMLElement {
  const id = `section-${title.toLowerCase().replace(/[^\p{L}\d]+/gu, '-')}`;
  return element('section', { 'aria-labelledby': id }, element('h2', { id }, title), ...parts);
}
