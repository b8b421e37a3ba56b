import { element, table } from '../dom';
import { format } from '../numbers';
import type { Schedule } from './schedule';

const maximumRows = 100;

/** The same as the chart, as a table that can be opened; evenly thinned to at most a hundred rows, first and last always there. */
export function scheduleTable({ points, target }: Schedule): HTMLElement {
  const stride = Math.ceil(points.length / maximumRows);
  const rows = points.filter((_point, index) => index % stride === 0 || index === points.length - 1);
  return element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': 'Schedule as a table' },
    table(`Noise and privacy by step, at δ = ${format(target.delta)}`, ['Step', 'σ', 'ε so far'], rows.map(({ step, sigma, epsilon }) => [String(step), format(sigma, 6), format(epsilon ?? Infinity, 6)])));
}
