import type { FieldPath } from '../../../src/protocol/panel-messages';
import { element } from '../../dom';
import { plural, t } from '../../l10n';
import { count } from '../../numbers';
import { listCodec } from '../codec';
import { Field, inWords } from '../field';
import { area, check, chooser, type Option, shownWhen } from '../native';
import { drawn, row } from '../section';
import { at, fieldName, type PanelActions, type PanelState, type Section } from '../state';
import { PredicateField } from './predicate-field';
import { file, report } from './source-part';

/** The ways to say whose records, each with how many it finds: a condition, ids, numbers. */
export function selectorPart(path: FieldPath, actions: PanelActions): readonly Section[] {
  const ids = [...path, 'ids'];
  const hasIds = (state: PanelState): boolean => at(state.document?.value, [...ids, 'column']) !== undefined;
  const list = t('Ids');
  return [
    new PredicateField([...path, 'where'], t('meets a condition'), actions),
    counted([...path, 'where']),
    row(
      chooser({
        label: t('has, in this column'), path: [...ids, 'column'], help: t('The column that holds the ids.'), narrow: true,
        offered: (state) => [['', t('no column')], ...(report(state)?.table?.columns ?? []).map(({ name }): Option => [name, name])],
      }, actions),
      shownWhen(hasIds, () => [row(
        new Field({ label: t('one of these ids'), path: [...ids, 'values'], help: t('Typed or pasted: one a line, or parted by commas.'), codec: listCodec({ integers: true, separator: '\n' }), control: area(list, t('one a line')) }, actions),
        file(ids, 'file', t('or one in this file'), t('One id a line, or a table.'), actions),
        shownWhen((state) => at(state.document?.value, [...ids, 'file']) !== undefined, () => [new Field({ label: t('Column of that file'), path: [...ids, 'fileColumn'], help: t('Where it is called otherwise.'), narrow: true }, actions)]),
        check({ label: t('Ids may be gone already'), path: [...ids, 'allowUnmatched'], help: t('Ids that no record has are no error.') }, actions))])),
    counted(ids),
    row(new Field({ label: t('has a number among'), path: [...path, 'rows'], help: t('Counted from 0, with ranges: 3, 100-199.'), codec: listCodec({ integers: true }) }, actions)),
    counted([...path, 'rows']),
    shownWhen((state) => at(state.document?.value, [...path, 'equalTo']) !== undefined, () => [drawn('', () => [element('p', { class: 'muted' }, t('Or equals one of the records in another source, as the text says.'))]), counted([...path, 'equalTo'])]),
  ];
}

/** How many records one way to select finds by itself. What is wrong with it stands at its field where there is one for all of it. */
function counted(path: FieldPath): Section {
  const name = fieldName(path);
  const withField = !['ids', 'equalTo'].includes(String(path.at(-1)));
  const place = element('p', { class: 'counted', role: 'status', 'data-counted': name });
  return {
    element: place,
    update: ({ counted: answer, counting }) => {
      const preview = answer?.status === 'ready' ? answer.preview : undefined;
      const part = preview?.parts.find(({ field }) => field === name);
      const error = part?.error;
      place.hidden = part === undefined || (error !== undefined && withField);
      place.classList.toggle('problem', error !== undefined);
      place.classList.toggle('stale', counting);
      const text = preview === undefined || part === undefined ? '' : error === undefined ? plural(part.records, '{0} of {1} records', '{0} of {1} records', count(preview.forgotten + preview.kept)) : inWords(error);
      if (place.textContent !== text) place.textContent = text;
    },
  };
}
