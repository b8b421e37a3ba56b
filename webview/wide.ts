import { element } from './dom';

/** A table that scrolls by itself where it is wider than the page, so that words stay whole; by keyboard as well. */
export function wide(name: string, content: HTMLElement): HTMLElement {
  return element('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': name }, content);
}

/** A chart that scrolls by itself where there is no room for readable letters; browsers let the keyboard scroll what overflows and holds nothing to focus. */
export function chartFrame(chart: SVGSVGElement): HTMLElement {
  return element('div', { class: 'picture' }, chart);
}
