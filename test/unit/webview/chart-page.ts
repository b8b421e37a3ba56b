import { Window } from 'happy-dom';

/** A document for charts, put where a browser has it; without a screen, so that nothing has a size. */
export function openChartPage(): void {
  const window = new Window();
  Object.assign(globalThis, { document: window.document, window, XMLSerializer: window.XMLSerializer, getComputedStyle: window.getComputedStyle.bind(window), HTMLElement: window.HTMLElement, requestAnimationFrame: window.requestAnimationFrame.bind(window) });
}

/** The markup of a chart, one element a line, which people can read a change of. */
export function drawing(chart: Element): string {
  return `${chart.outerHTML.replace(/></g, '>\n<')}\n`;
}
