import { element } from '../dom';
import { t, told } from '../l10n';
import { compareSection } from './compare-section';
import { scheduleFigure } from './schedule-figure';
import { drawn, section } from './section';
import { shapeFields } from './shape-fields';
import { signal } from './signal';
import type { PanelActions, Section } from './state';

export function scheduleSection(actions: PanelActions): Section {
  return section(t('Noise schedule'),
    drawn('problems', ({ plan, planProblem }) => [plan === undefined && planProblem !== undefined ? element('p', { class: 'problem', role: 'alert' }, planProblem) : undefined]),
    shapeFields(actions),
    scheduleFigure(actions),
    drawn('signal', signal),
    compareSection(),
    drawn('advice', ({ plan, facts }) => (plan === undefined || facts.status !== 'ready' || plan.advice.length === 0 ? [] : [
      element('h3', {}, t('Worth knowing')),
      element('ul', {}, ...plan.advice.map(({ text }) => element('li', {}, told(text)))),
    ])));
}
