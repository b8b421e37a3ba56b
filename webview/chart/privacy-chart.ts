import { scaleLinear, scaleLog } from 'd3-scale';
import type { LossPoint } from '../../src/protocol/panel-messages';
import { element, svg, table } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import { horizontalAxis, verticalAxis } from './axes';
import { lineMark } from './line';
import { picture } from './panels';
import { targetLine } from './target-line';

const height = 190;
const top = 28;
const bottom = 140;
const maximumRows = 100;

/** What is guaranteed if a run ended where it is: ε after each noisy step, falling towards the target. */
export function privacyChart(points: readonly LossPoint[], target: number): SVGSVGElement {
  const spent = spentOf(points);
  const values = [...spent.map(({ epsilon }) => epsilon), target].filter((value) => value > 0);
  const low = Math.min(...values);
  const x = scaleLinear([1, Math.max(2, spent.at(-1)?.step ?? 2)], [picture.left, picture.width - picture.right]);
  const y = scaleLog([low / 1.5, Math.min(Math.max(...values), low * 1e6) * 1.5], [bottom, top]).clamp(true);
  const last = spent.at(-1);
  return svg('svg', { class: 'chart privacy', viewBox: `0 0 ${picture.width} ${height}`, role: 'img', 'aria-label': t('ε so far, at noisy step {0}: {1}', format(last?.step ?? 0, 8), format(last?.epsilon ?? Infinity)) },
    verticalAxis(y, picture.left, t('ε if the run ended here'), 4),
    horizontalAxis(x, bottom, t('noisy step')),
    ...(target > 0 ? [targetLine(y(target), target)] : []),
    lineMark(spent.map(({ step, epsilon }) => [x(step), y(epsilon)]), 'epsilon'));
}

/** The same as a table, thinned to at most a hundred rows. */
export function privacyTable(points: readonly LossPoint[]): HTMLElement {
  const spent = spentOf(points);
  const stride = Math.ceil(spent.length / maximumRows);
  const rows = spent.filter((_point, index) => index % stride === 0 || index === spent.length - 1);
  return element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': t('Privacy as a table') },
    table(t('ε if the run ended here'), [t('Step'), t('ε so far')], rows.map(({ step, epsilon }) => [format(step, 8), format(epsilon)])));
}

/** Whether there is anything to draw. */
export function tellsPrivacy(points: readonly LossPoint[]): boolean {
  return spentOf(points).length > 1;
}

function spentOf(points: readonly LossPoint[]): readonly { readonly step: number; readonly epsilon: number }[] {
  return points.flatMap(({ phase, step, epsilon }) => (phase === 'noisy' && epsilon !== undefined && Number.isFinite(epsilon) ? [{ step, epsilon }] : []));
}
