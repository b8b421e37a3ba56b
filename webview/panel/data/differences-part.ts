import type { FieldPath } from '../../../src/protocol/panel-messages';
import { button } from '../../controls';
import { element } from '../../dom';
import { t } from '../../l10n';
import { at, type PanelActions, type Section } from '../state';
import { differences, type Meaning, meanings } from './differences';

/** Says where records would be read otherwise than the training data, which a model seldom understands, and offers to read them alike. */
export function differencesPart(source: FieldPath, actions: PanelActions): Section {
  let values: readonly (readonly [Meaning, unknown])[] = [];
  const text = element('p', {});
  const same = button(t('Use Those of the Training Data'), () => actions.edit(...values.map(([key, value]) => ({ path: [...source, key], value }))), { secondary: true });
  const place = element('div', { class: 'advice-box', role: 'status', hidden: true }, text, element('div', { class: 'buttons' }, same));
  return {
    element: place,
    update: ({ document }) => {
      const training = at(document?.value, ['data', 'train']);
      const found = differences(training, at(document?.value, source));
      values = found.map((key) => [key, at(training, [key])]);
      place.hidden = found.length === 0;
      const said = found.length === 0 ? '' : t('Otherwise than for the training data: {0}.', found.map((key) => meanings[key]).join(', '));
      if (text.textContent !== said) text.textContent = said;
    },
  };
}
