import type { PlanPoint } from '../../src/plan/privacy-spent';
import { t } from '../l10n';
import { format } from '../numbers';
import { type Comparison, pointAt, type Schedule } from './schedule';
import type { View } from './view';

/** What a schedule says at one point, beside another schedule where there is one. */
export function readOut(point: PlanPoint, comparison: Comparison | undefined): string {
  const { step, sigma, learningRate, gradientRadius } = point;
  const parts = [t('σ = {0}', format(sigma)), ...(learningRate > 0 ? [t('γ = {0}', format(learningRate))] : []), ...(gradientRadius > 0 ? [t('C₁ = {0}', format(gradientRadius))] : [])];
  const here = t('Step {0}: {1}, ε so far = {2}', format(step, 8), parts.join(', '), spentUpTo(point));
  const other = comparison === undefined ? undefined : pointAt(comparison.schedule.points, step);
  return other === undefined ? here : t('{0} ({1}: σ = {2}, ε so far = {3})', here, comparison?.name ?? '', format(other.sigma), spentUpTo(other));
}

/** A schedule in a sentence or two, for whoever does not see it. */
export function summaryOf({ points, target }: Schedule, view: View | undefined): string {
  const last = points.at(-1);
  if (last === undefined) return '';
  const sentences = [
    t('Noise schedule of {0} steps. Noise per step {1}. ε at the end {2}, target {3}, at δ = {4}.', format(last.step, 8), rangeOf(points), spentUpTo(last), format(target.epsilon), format(target.delta)),
    ...(view === undefined ? [] : [t('Steps {0} to {1} are in view.', format(view.first, 8), format(view.last, 8))]),
    t('Arrow keys read single steps; plus, minus and 0 zoom.'),
  ];
  return sentences.join(' ');
}

function spentUpTo({ epsilon }: PlanPoint): string {
  return format(epsilon ?? Infinity);
}

function rangeOf(points: readonly PlanPoint[]): string {
  const sigmas = points.map(({ sigma }) => sigma);
  const [low, high] = [Math.min(...sigmas), Math.max(...sigmas)];
  return low === high ? t('σ = {0}', format(low)) : t('from σ = {0} to {1}', format(low), format(high));
}
