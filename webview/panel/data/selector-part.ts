import type { FieldPath } from '../../../src/protocol/panel-messages';
import { button } from '../../controls';
import { element } from '../../dom';
import { plural, t } from '../../l10n';
import { count } from '../../numbers';
import { listCodec } from '../codec';
import { Field, inWords } from '../field';
import { area, check, chooser, type Option, shownWhen } from '../native';
import { framed, row } from '../section';
import { at, fieldName, type PanelActions, type PanelState, type Section } from '../state';
import { PredicateField } from './predicate-field';
import { differencesPart } from './differences-part';
import { file, report, sourceFields } from './source-part';

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
    ...equalToPart([...path, 'equalTo'], actions),
    counted([...path, 'equalTo']),
  ];
}

/** Records of another source, such as those that a person handed in. */
function equalToPart(path: FieldPath, actions: PanelActions): readonly Section[] {
  const written = (state: PanelState): boolean => at(state.document?.value, path) !== undefined;
  const choose = button(t('Choose Records…'), () => actions.send({ type: 'source', path }), { secondary: true });
  const remove = button(t('Remove'), () => actions.edit({ path, value: undefined }), { secondary: true, label: t('Remove the records to compare with') });
  const legend = t('equals one of these records');
  const still = (content: HTMLElement): Section => ({ element: content, update: () => undefined });
  return [
    shownWhen((state) => !written(state), () => [still(element('div', { class: 'field' },
      element('span', { class: 'label' }, legend),
      element('div', { class: 'buttons' }, choose),
      element('p', { class: 'help' }, t('Records in another file, such as those that a person handed in: with exactly these features and this label.'))))]),
    shownWhen(written, () => [framed(legend, ...sourceFields({ source: path, formatHelp: t('Of the records to compare with. They are read as the training data are.') }, actions),
      differencesPart(path, actions), still(element('div', { class: 'buttons' }, remove)))]),
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
