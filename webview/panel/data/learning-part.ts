import { button } from '../../controls';
import { plural, t } from '../../l10n';
import { featuresCodec, listCodec, numbersCodec } from '../codec';
import { Field } from '../field';
import { check, folded, shownWhen } from '../native';
import { row } from '../section';
import { at, type PanelActions, type Section } from '../state';
import { of, report } from './source-part';

const train = ['data', 'train'];

/** What is learned from the records: labels, the order of the features, scaling. */
export function learningPart(actions: PanelActions): readonly Section[] {
  const field = (name: string): readonly string[] => [...train, name];
  return [
    shownWhen(of(train, 'table'), () => [row(
      new Field({ label: t('Label column'), path: field('label'), help: t('The column to predict.'), narrow: true }, actions),
      new Field({ label: t('Feature columns'), path: field('features'), help: t('In the order of the model; "pixel*" stands for all that begin so.'), codec: featuresCodec }, actions))]),
    folded(t('Labels, scaling and other details'),
      () => [row(
        new Field({
          label: t('Labels are'), path: field('labelKind'), help: t('Classes that are told apart, or numbers that are predicted.'), narrow: true,
          options: [['class', t('classes')], ['value', t('numbers')]],
        }, actions),
        new Field({ label: t('Classes'), path: field('classes'), help: t('The labels as they stand in the data, in the order of the outputs of the model. Empty: they are 0, 1, 2, …'), codec: listCodec({ integers: true }) }, actions),
        classesFound(actions)),
      row(
        new Field({ label: t('Subtract'), path: [...field('scale'), 'subtract'], help: t('From every feature: one number, or one a feature.'), codec: numbersCodec, narrow: true, placeholder: '0' }, actions),
        new Field({ label: t('Then divide by'), path: [...field('scale'), 'divide'], help: t('255 for 8-bit images, for example.'), codec: numbersCodec, narrow: true, placeholder: '1' }, actions),
        check({ label: t('Standardize instead'), path: field('standardize'), help: t('Mean 0 and standard deviation 1, computed on the records that are kept and on no others.') }, actions)),
      shownWhen(of(train, 'table'), () => [row(
        new Field({ label: t('Delimiter'), path: field('delimiter'), help: t('Between the fields of a CSV file.'), narrow: true, placeholder: ',' }, actions))]),
      shownWhen(of(train, 'images'), () => [row(
        new Field({ label: t('Column of paths'), path: field('image'), help: t('In a table of images.'), narrow: true, placeholder: 'path' }, actions),
        new Field({ label: t('Column of labels'), path: field('label'), help: t('In a table of images.'), narrow: true, placeholder: 'label' }, actions))])]),
  ];
}

/** Texts are classes only by a list of them. */
function classesFound(actions: PanelActions): Section {
  let values: readonly (string | number)[] = [];
  const control = button('', () => actions.edit({ path: [...train, 'classes'], value: values }), { secondary: true });
  control.classList.add('beside-field');
  control.title = t('In the order of their names. Change it if the outputs of the model have another.');
  return {
    element: control,
    update: (state) => {
      const source = at(state.document?.value, train);
      const label = at(source, ['label']) ?? (at(source, ['format']) === 'images' ? 'label' : undefined);
      const column = report(state)?.table?.columns.find(({ name }) => name === label);
      const found = column?.statistics?.values ?? [];
      values = column?.numeric === true ? found.map(Number) : found;
      control.hidden = found.length < 2 || at(source, ['labelKind']) === 'value' || JSON.stringify(at(source, ['classes'])) === JSON.stringify(values);
      control.textContent = plural(found.length, 'Use the {0} Value Found', 'Use the {0} Values Found');
    },
  };
}
