import { scaleLinear } from 'd3-scale';
import { svg } from '../dom';
import { format } from '../numbers';
import { round } from './axes';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly name: string;
}

const rowHeight = 30;
const left = 260;
/** Letters that the room beside a bar holds. */
const letters = 36;

/** Horizontal bars on one scale from zero, each with its label and value beside it, and a line across all of them at a value that means something. */
export function barChart(bars: readonly Bar[], title: string, mark?: number): SVGSVGElement {
  const width = scaleLinear([0, Math.max(...bars.map(({ value }) => value), mark ?? 0, Number.MIN_VALUE)], [0, 300]);
  const height = bars.length * rowHeight + 6;
  const chart = svg('svg', { class: 'chart bars', viewBox: `0 0 640 ${height}`, role: 'img', 'aria-label': `${title}: ${bars.map(({ label, value }) => `${label} ${format(value)}`).join('; ')}` });
  if (mark !== undefined) chart.append(svg('line', { class: 'mark', x1: round(left + width(mark)), x2: round(left + width(mark)), y1: 0, y2: height }));
  for (const [index, { label, value, name }] of bars.entries()) {
    const y = index * rowHeight + 4;
    chart.append(
      svg('text', { x: left - 10, y: y + 15, 'text-anchor': 'end' }, shortened(label)),
      svg('rect', { class: `bar ${name}`, x: left, y, width: round(Math.max(1, width(value))), height: rowHeight - 10 }),
      svg('text', { class: 'value', x: round(left + width(value) + 8), y: y + 15 }, format(value)));
  }
  return chart;
}

/** Of a long name, the end, which tells tensors apart. */
function shortened(label: string): string {
  return label.length <= letters ? label : `…${label.slice(1 - letters)}`;
}
