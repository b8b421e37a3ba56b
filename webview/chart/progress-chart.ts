import { scaleLinear } from 'd3-scale';
import type { LossPoint } from '../../src/protocol/panel-messages';
import { svg } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import { horizontalAxis, verticalAxis } from './axes';
import { lineMark } from './line';

const width = 640;
const height = 190;
const left = 64;
const top = 28;
const bottom = 140;

/** The loss on each mini-batch as a run goes: the noisy steps, then those of the recovery, on one axis. */
export function progressChart(losses: readonly LossPoint[]): SVGSVGElement {
  const noisy = losses.filter(({ phase }) => phase === 'noisy');
  const before = noisy.at(-1)?.step ?? 0;
  const placed = losses.map(({ phase, step, loss }) => ({ phase, at: phase === 'noisy' ? step : before + step, loss }));
  const last = Math.max(2, placed.at(-1)?.at ?? 2);
  const x = scaleLinear([1, last], [left, width - 14]);
  // One diverging batch must not flatten all the others.
  const sorted = placed.map(({ loss }) => loss).filter(Number.isFinite).sort((a, b) => a - b);
  const highest = sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 1;
  const y = scaleLinear([0, Math.max(highest, Number.MIN_VALUE)], [bottom, top]).nice(4).clamp(true);
  const current = placed.at(-1);
  const chart = svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': t('Loss so far, at step {0}: {1}', format(current?.at ?? 0, 8), format(current?.loss ?? 0)) },
    verticalAxis(y, left, t('loss on each mini-batch'), 4),
    horizontalAxis(x, bottom, t('step')));
  for (const phase of ['noisy', 'recovery'] as const) {
    chart.append(lineMark(placed.filter((point) => point.phase === phase).map((point) => [x(point.at), y(point.loss)]), phase));
  }
  if (placed.some(({ phase }) => phase === 'recovery')) {
    chart.append(svg('g', { class: 'divider', 'aria-hidden': 'true' },
      svg('line', { x1: x(before), x2: x(before), y1: top, y2: bottom }),
      svg('text', { x: x(before) + 5, y: top + 8 }, t('recovery'))));
  }
  return chart;
}
