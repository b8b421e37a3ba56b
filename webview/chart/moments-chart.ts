import { scaleLinear, scalePoint } from 'd3-scale';
import { svg } from '../dom';
import { percent } from '../numbers';
import { verticalAxis } from './axes';
import { lineMark } from './line';

/** One set of records: its share at each moment. */
export interface MomentSeries {
  readonly label: string;
  /** One of the line styles of the style sheet. */
  readonly name: string;
  /** From 0 to 1, in the order of the moments. */
  readonly shares: readonly number[];
}

const width = 640;
const height = 250;
const left = 64;
const right = 470;
const top = 28;
const bottom = 214;
/** Labels closer than this, in units of the picture, would run into each other. */
const tight = 15;

/** How shares went from one moment of a run to the next: a line for each set of records, with its name at the end. */
export function momentsChart(title: string, moments: readonly string[], series: readonly MomentSeries[]): SVGSVGElement {
  const x = scalePoint(moments, [left + 20, right]);
  const y = scaleLinear([0, 1], [bottom, top]);
  const summary = series.map(({ label, shares }) => `${label}: ${shares.map((share) => percent(share)).join(' → ')}`).join('; ');
  const chart = svg('svg', { class: 'chart moments', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title}. ${summary}.` },
    verticalAxis(y, left, title, 5),
    svg('g', { class: 'axis', 'aria-hidden': 'true' }, svg('path', { class: 'domain', d: `M${left},${bottom}H${right}` }),
      ...moments.map((moment, index) => svg('text', { x: x(moment) ?? 0, y: bottom + 20, 'text-anchor': index < moments.length - 1 ? 'middle' : 'end' }, moment))));
  const heights = apart(series.map(({ shares }) => y(shares.at(-1) ?? 0)));
  for (const [index, { label, name, shares }] of series.entries()) {
    const points = shares.map((share, moment): readonly [number, number] => [x(moments[moment] ?? '') ?? 0, y(share)]);
    chart.append(lineMark(points, name), ...points.map(([cx, cy]) => svg('circle', { class: `moment ${name}`, cx, cy, r: 3.5 })),
      svg('text', { class: 'value', x: right + 10, y: (heights[index] ?? 0) + 4 }, `${label}: ${percent(shares.at(-1) ?? 0, 1)}`));
  }
  return chart;
}

/** Heights moved as far as it takes to keep labels apart and above the axis. */
function apart(heights: readonly number[]): readonly number[] {
  const moved = [...heights];
  let below = bottom - 2 + tight;
  for (const index of [...moved.keys()].sort((a, b) => (heights[b] ?? 0) - (heights[a] ?? 0))) {
    below = Math.min(heights[index] ?? 0, below - tight);
    moved[index] = below;
  }
  return moved;
}
