import { scaleLinear } from 'd3-scale';
import type { LossPoint } from '../../src/protocol/panel-messages';
import { element, svg, table } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import { horizontalAxis, verticalAxis } from './axes';
import { lineMark } from './line';

export interface LossSeries {
  readonly name: string;
  readonly losses: readonly LossPoint[];
}

interface Placed {
  readonly at: number;
  readonly loss: number;
  readonly phase: LossPoint['phase'];
}

const width = 640;
const height = 260;
const left = 64;
const top = 28;
const bottom = 214;
const maximumRows = 100;

/** The loss on each mini-batch of one run, or of two, the second one dashed: the noisy steps, then those of the recovery. */
export function lossChart(series: readonly LossSeries[]): SVGSVGElement {
  const placed = series.map(({ losses }) => onOneAxis(losses));
  const all = placed.flat();
  const last = Math.max(2, ...all.map(({ at }) => at));
  const x = scaleLinear([1, last], [left, width - 14]);
  // One diverging batch must not flatten all the others.
  const sorted = all.map(({ loss }) => loss).sort((a, b) => a - b);
  const y = scaleLinear([0, Math.max(sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 1, Number.MIN_VALUE)], [bottom, top]).nice(4).clamp(true);
  const summary = series.map(({ name }, index) => t('{0}: {1} at the first step, {2} at the last', name, format(placed[index]?.[0]?.loss ?? NaN), format(placed[index]?.at(-1)?.loss ?? NaN))).join('; ');
  const chart = svg('svg', { class: 'chart losses', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': t('Loss on each mini-batch. {0}.', summary) },
    verticalAxis(y, left, t('loss on each mini-batch'), 4),
    horizontalAxis(x, bottom, t('step')));
  const starts = new Set<number>();
  for (const [index, points] of placed.entries()) {
    for (const phase of ['noisy', 'recovery'] as const) {
      const part = points.filter((point) => point.phase === phase);
      if (part.length > 0) chart.append(lineMark(part.map(({ at, loss }) => [x(at), y(loss)]), `${phase}${index === 0 ? '' : ' pinned'}`));
    }
    const recovery = points.find(({ phase }) => phase === 'recovery')?.at;
    if (recovery !== undefined && !starts.has(recovery)) chart.append(divider(x(recovery), starts.size));
    if (recovery !== undefined) starts.add(recovery);
  }
  return chart;
}

/** Where the noise ends and the recovery begins; labels one under the other. */
function divider(x: number, index: number): SVGGElement {
  const late = x > width - 100;
  return svg('g', { class: 'divider', 'aria-hidden': 'true' },
    svg('line', { x1: x, x2: x, y1: top, y2: bottom }),
    svg('text', { x: x + (late ? -5 : 5), y: top + 8 + 14 * index, 'text-anchor': late ? 'end' : 'start' }, t('recovery')));
}

/** The same as a table, thinned to at most a hundred rows a run. */
export function lossTable(series: readonly LossSeries[]): HTMLElement {
  const rows = series.flatMap(({ name, losses }) => {
    const stride = Math.ceil(losses.length / maximumRows);
    const words = { noisy: t('noisy'), recovery: t('recovery') };
    return losses.filter((_point, index) => index % stride === 0 || index === losses.length - 1).map(({ phase, step, loss }) => [...(series.length > 1 ? [name] : []), words[phase], format(step, 8), format(loss)]);
  });
  return element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': t('Losses as a table') },
    table(t('Loss on each mini-batch'), [...(series.length > 1 ? [t('Run')] : []), t('Phase'), t('Step'), t('Loss')], rows));
}

function onOneAxis(losses: readonly LossPoint[]): readonly Placed[] {
  const before = losses.findLast(({ phase }) => phase === 'noisy')?.step ?? 0;
  return losses.map(({ phase, step, loss }) => ({ phase, at: phase === 'noisy' ? step : before + step, loss }));
}
