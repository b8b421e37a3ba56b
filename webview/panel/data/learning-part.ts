import { button } from '../../controls';
import { plural, t } from '../../l10n';
import { featuresCodec, listCodec, numbersCodec } from '../codec';
import { Field } from '../field';
import { check, folded, shownWhen } from '../native';
import { row } from '../section';
import { at, type PanelActions, type PanelState, type Section } from '../state';
import { file, of, report } from './source-part';

const train = ['data', 'train'];

/** What is learned from the records: labels, the order of the features, scaling. */
export function learningPart(actions: PanelActions): readonly Section[] {
  const field = (name: string): readonly string[] => [...train, name];
  return [
    shownWhen(of('table'), () => [row(
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
      shownWhen(of('table'), () => [row(
        new Field({ label: t('Delimiter'), path: field('delimiter'), help: t('Between the fields of a CSV file.'), narrow: true, placeholder: ',' }, actions))]),
      shownWhen(of('images'), () => [row(
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

/** Records that the model was not trained on: none, a share of these, or other files. */
export function evaluationPart(actions: PanelActions): readonly Section[] {
  const path = ['data', 'evaluation'];
  const kindOfEvaluation = (value: unknown): string => (value === undefined ? 'none' : typeof value === 'object' && value !== null && 'share' in value ? 'share' : 'source');
  let latest: PanelState | undefined;
  const kind = new Field({
    label: t('Evaluate on'), path, help: t('Records to measure with: the certificate says what was measured on them.'), narrow: true,
    codec: { show: kindOfEvaluation, read: (text) => text },
    options: [['none', t('nothing')], ['share', t('a share of the rest')], ['source', t('other records')]],
  }, {
    ...actions,
    preview: () => undefined,
    edit: ({ value }) => {
      if (value === 'source') actions.send({ type: 'source', path });
      else actions.edit({ path, value: value === 'share' ? { share: 0.1, seed: 0 } : undefined });
      if (latest !== undefined) kind.update(latest); // until the document says so
    },
  });
  const isKind = (wanted: string) => (state: PanelState): boolean => kindOfEvaluation(at(state.document?.value, path)) === wanted;
  const isTable = (state: PanelState): boolean => at(state.document?.value, [...path, 'path']) !== undefined;
  return [row(
    {
      element: kind.element,
      update: (state) => {
        latest = state;
        kind.update(state);
      },
    },
    shownWhen(isKind('share'), () => [row(
      new Field({ label: t('Share'), path: [...path, 'share'], help: t('Chosen by their content: equal records are never on both sides.'), codec: numbersCodec, narrow: true }, actions),
      new Field({ label: t('Seed'), path: [...path, 'seed'], help: t('Another seed chooses other records.'), codec: numbersCodec, narrow: true, placeholder: '0' }, actions))]),
    shownWhen((state) => isKind('source')(state) && isTable(state), () => [file(path, 'path', t('File'), t('With the same columns as the training data.'), actions)]),
    shownWhen((state) => isKind('source')(state) && !isTable(state), () => [row(
      file(path, 'features', t('Features'), t('In the same format as the training data.'), actions),
      file(path, 'labels', t('Labels'), t('The array of labels; empty where they are in the same file.'), actions))]))];
}
