import { axisBottom, axisLeft } from 'd3-axis';
import type { ScaleContinuousNumeric } from 'd3-scale';
import { select } from 'd3-selection';
import { svg } from '../dom';
import { format } from '../numbers';

export type Scale = ScaleContinuousNumeric<number, number>;

/** The vertical axis of one panel, with its title above it. */
export function verticalAxis(scale: Scale, left: number, title: string, ticks: number): SVGGElement {
  const group = svg('g', { class: 'axis', transform: `translate(${left},0)`, 'aria-hidden': 'true' });
  select(group).call(axisLeft(scale).ticks(ticks).tickFormat((value) => format(Number(value), 3)).tickSizeOuter(0));
  const top = Math.min(...scale.range());
  group.append(svg('text', { class: 'axis-title', x: -left + 4, y: top - 10, 'text-anchor': 'start' }, title));
  return group;
}

/** The horizontal axis under all panels. */
export function horizontalAxis(scale: Scale, top: number, title: string): SVGGElement {
  const group = svg('g', { class: 'axis', transform: `translate(0,${top})`, 'aria-hidden': 'true' });
  select(group).call(axisBottom(scale).ticks(8).tickFormat((value) => (Number.isInteger(Number(value)) ? String(value) : '')).tickSizeOuter(0));
  const [start = 0, end = 0] = scale.range();
  group.append(svg('text', { class: 'axis-title', x: (start + end) / 2, y: 34, 'text-anchor': 'middle' }, title));
  return group;
}
