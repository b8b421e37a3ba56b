import { element, table } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import type { Schedule } from './schedule';

const maximumRows = 100;

/** The same as the chart, as a table that can be opened; evenly thinned to at most a hundred rows, first and last always there. */
export function scheduleTable({ points, target }: Schedule): HTMLElement {
  const stride = Math.ceil(points.length / maximumRows);
  const rows = points.filter((_point, index) => index % stride === 0 || index === points.length - 1);
  return element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': t('Schedule as a table') },
    table(t('Noise and privacy by step, at δ = {0}', format(target.delta)), [t('Step'), 'σ', 'γ', 'C₁', t('ε so far')],
      rows.map(({ step, sigma, learningRate, gradientRadius, epsilon }) => [format(step, 8), format(sigma, 6), format(learningRate, 6), format(gradientRadius, 6), format(epsilon ?? Infinity, 6)])));
}
