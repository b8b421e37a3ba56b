import { definitions, element } from '../dom';
import { plural, t, told } from '../l10n';
import { count } from '../numbers';
import { ColumnsPart } from './data/columns-part';
import { duplicatesPart } from './data/duplicates-part';
import { EncodedPart } from './data/encoded-part';
import { evaluationPart } from './data/evaluation-part';
import { learningPart } from './data/learning-part';
import { previewPart } from './data/preview-part';
import { requestsPart } from './data/requests-part';
import { selectorPart } from './data/selector-part';
import { trainingPart } from './data/source-part';
import { drawn, section } from './section';
import type { PanelActions, PanelState, Section } from './state';

/** Whose data, and what becomes of them. */
export function dataSection(actions: PanelActions): Section {
  return stillUnless(['document', 'data', 'evaluationData', 'counted', 'counting', 'groups', 'facts'], section(t('Data and whom to forget'),
    ...trainingPart(actions),
    new ColumnsPart('train', actions),
    new EncodedPart('train', actions),
    ...learningPart(actions),
    ...evaluationPart(actions),
    element('h3', {}, t('Forget every record that')),
    ...selectorPart(['forget'], actions),
    requestsPart(actions),
    problemOfForget(),
    previewPart(),
    ...duplicatesPart(actions),
    drawn('facts', counts)));
}

/** A part that depends on some of the state only: a slider elsewhere on the page must not redraw a hundred columns. */
function stillUnless(keys: readonly (keyof PanelState)[], part: Section): Section {
  let shown: PanelState | undefined;
  return {
    element: part.element,
    update: (state) => {
      if (shown !== undefined && keys.every((key) => shown?.[key] === state[key])) return;
      shown = state;
      part.update(state);
    },
  };
}

/** That nothing at all is selected concerns no single field. */
function problemOfForget(): Section {
  return drawn('problems', ({ document }) => (document?.problems ?? []).filter(({ field }) => field === 'forget' || field === '').map(({ message }) => element('p', { class: 'problem', role: 'alert' }, told(message))));
}

function counts({ facts }: PanelState): readonly (Node | undefined)[] {
  if (facts.status !== 'ready') return [];
  const { data } = facts.report;
  const share = ((100 * data.forget) / data.total).toPrecision(2);
  const copies = { refuse: t('refused'), forget: t('forgotten too'), keep: t('kept'), decided: t('decided one by one') };
  return [
    definitions([
      [t('Forget'), t('{0} of {1} records ({2} %)', count(data.forget), count(data.total), share)],
      [t('Retain'), plural(data.retain, '{0} record', '{0} records')],
      [t('Evaluation'), data.evaluation === undefined ? undefined : plural(data.evaluation, '{0} record', '{0} records')],
      [t('Copies of forgotten records'), data.duplicates.count === 0 ? undefined : t('{0} ({1})', count(data.duplicates.count), copies[data.duplicates.policy])],
    ]),
    facts.outdated ? element('p', { class: 'muted' }, t('Counted in the saved request; save to count again.')) : undefined,
  ];
}
