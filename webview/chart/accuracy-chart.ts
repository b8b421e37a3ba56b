import { scaleLinear } from 'd3-scale';
import type { LossPoint } from '../../src/protocol/panel-messages';
import { element, svg, table } from '../dom';
import { t } from '../l10n';
import { format, percent } from '../numbers';
import { horizontalAxis, verticalAxis } from './axes';
import { lineMark } from './line';
import { picture } from './panels';

const height = 190;
const top = 28;
const bottom = 140;

/** How many of a hundred records are answered rightly, while a recovery goes on: evaluation records, or retained ones where there are none. */
export function accuracyChart(points: readonly LossPoint[]): SVGSVGElement {
  const measured = measuredOf(points);
  const x = scaleLinear([0, Math.max(2, measured.at(-1)?.step ?? 2)], [picture.left, picture.width - picture.right]);
  const y = scaleLinear([0, 100], [bottom, top]);
  const last = measured.at(-1);
  return svg('svg', { class: 'chart accuracy', viewBox: `0 0 ${picture.width} ${height}`, role: 'img', 'aria-label': t('Accuracy at step {0} of the recovery: {1}', format(last?.step ?? 0, 8), percent(last?.accuracy ?? NaN)) },
    verticalAxis(y, picture.left, t('accuracy, %'), 4),
    horizontalAxis(x, bottom, t('recovery step')),
    lineMark(measured.map(({ step, accuracy }) => [x(step), y(100 * accuracy)]), 'accuracy'));
}

/** The same as a table. */
export function accuracyTable(points: readonly LossPoint[]): HTMLElement {
  return element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': t('Accuracy as a table') },
    table(t('Accuracy on evaluation records, or on retained ones where there are none'), [t('Step'), t('Accuracy')], measuredOf(points).map(({ step, accuracy }) => [format(step, 8), percent(accuracy)])));
}

/** Whether there is anything to draw. */
export function tellsAccuracy(points: readonly LossPoint[]): boolean {
  return measuredOf(points).length > 1;
}

function measuredOf(points: readonly LossPoint[]): readonly { readonly step: number; readonly accuracy: number }[] {
  return points.flatMap(({ phase, step, accuracy }) => (phase === 'recovery' && accuracy !== undefined ? [{ step, accuracy }] : []));
}
