import type { ScaleContinuousNumeric } from 'd3-scale';
import { svg } from '../dom';
import { format } from '../numbers';

export type Scale = ScaleContinuousNumeric<number, number>;

/** Ticks closer than this, in units of the picture, would have their labels run into each other. */
const tight = 15;

/** The vertical axis of one panel, with its title above it. */
export function verticalAxis(scale: Scale, left: number, title: string, ticks: number): SVGGElement {
  const [bottom = 0, top = 0] = scale.range();
  let lowest = Infinity;
  const shown = scale.ticks(ticks).filter((value) => {
    const fits = lowest - scale(value) >= tight;
    if (fits) lowest = scale(value);
    return fits;
  });
  return svg('g', { class: 'axis', transform: `translate(${left},0)`, 'aria-hidden': 'true' },
    svg('path', { class: 'domain', d: `M0,${bottom}V${top}` }),
    ...shown.map((value) => svg('g', { class: 'tick', transform: `translate(0,${round(scale(value))})` },
      svg('line', { x2: -6 }),
      svg('text', { x: -9, dy: '0.32em', 'text-anchor': 'end' }, format(value, 3)))),
    svg('text', { class: 'axis-title', x: -left + 4, y: top - 10, 'text-anchor': 'start' }, title));
}

/** The horizontal axis under all panels; whole numbers alone. */
export function horizontalAxis(scale: Scale, top: number, title: string): SVGGElement {
  const [start = 0, end = 0] = scale.range();
  return svg('g', { class: 'axis', transform: `translate(0,${top})`, 'aria-hidden': 'true' },
    svg('path', { class: 'domain', d: `M${start},0H${end}` }),
    ...scale.ticks(8).filter(Number.isInteger).map((value) => svg('g', { class: 'tick', transform: `translate(${round(scale(value))},0)` },
      svg('line', { y2: 6 }),
      svg('text', { y: 9, dy: '0.71em', 'text-anchor': 'middle' }, format(value, 7)))),
    svg('text', { class: 'axis-title', x: (start + end) / 2, y: 34, 'text-anchor': 'middle' }, title));
}

/** Hundredths are finer than any screen. */
export function round(pixels: number): number {
  return Math.round(100 * pixels) / 100;
}
