import { scaleLinear } from 'd3-scale';
import { svg } from '../dom';
import { format } from '../numbers';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly name: string;
}

/** Horizontal bars on one scale from zero, each with its label and value beside it. */
export function barChart(bars: readonly Bar[], title: string): SVGSVGElement {
  const rowHeight = 30;
  const left = 260;
  const width = scaleLinear([0, Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)], [0, 300]);
  const chart = svg('svg', { class: 'chart bars', viewBox: `0 0 640 ${bars.length * rowHeight + 6}`, role: 'img', 'aria-label': `${title}: ${bars.map(({ label, value }) => `${label} ${format(value)}`).join('; ')}` });
  for (const [index, { label, value, name }] of bars.entries()) {
    const y = index * rowHeight + 4;
    chart.append(
      svg('text', { x: left - 10, y: y + 15, 'text-anchor': 'end' }, label),
      svg('rect', { class: `bar ${name}`, x: left, y, width: Math.max(1, width(value)), height: rowHeight - 10 }),
      svg('text', { class: 'value', x: left + width(value) + 8, y: y + 15 }, format(value)));
  }
  return chart;
}
