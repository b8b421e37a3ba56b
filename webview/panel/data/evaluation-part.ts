import { t } from '../../l10n';
import { numbersCodec } from '../codec';
import { Field } from '../field';
import { folded, shownWhen } from '../native';
import { drawn, row } from '../section';
import { at, type PanelActions, type PanelState, type Section } from '../state';
import { ColumnsPart } from './columns-part';
import { EncodedPart } from './encoded-part';
import { differencesPart } from './differences-part';
import { found, of, shapeField, sourceFields } from './source-part';

const path = ['data', 'evaluation'];

/** Records that the model was not trained on: none, a share of these, or other files, which are looked into as those of the training data are. */
export function evaluationPart(actions: PanelActions): readonly Section[] {
  const isKind = (wanted: string) => (state: PanelState): boolean => kindOfEvaluation(at(state.document?.value, path)) === wanted;
  return [
    row(choice(actions),
      shownWhen(isKind('share'), () => [row(
        new Field({ label: t('Share'), path: [...path, 'share'], help: t('Chosen by their content: equal records are never on both sides.'), codec: numbersCodec, narrow: true }, actions),
        new Field({ label: t('Seed'), path: [...path, 'seed'], help: t('Another seed chooses other records.'), codec: numbersCodec, narrow: true, placeholder: '0' }, actions))])),
    shownWhen(isKind('source'), () => [
      ...sourceFields({ source: path, which: 'evaluation', formatHelp: t('Of the records to measure with.') }, actions),
      shownWhen(of(path, 'arrays'), () => [shapeField(path, actions)]),
      drawn('found', (state) => found(state, 'evaluation')),
      differencesPart(path, actions),
      shownWhen(of(path, 'table'), () => [folded(t('Columns of the evaluation data'), () => [new ColumnsPart('evaluation', actions), new EncodedPart('evaluation', actions)])]),
    ]),
  ];
}

function kindOfEvaluation(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'object' && value !== null && 'share' in value ? 'share' : 'source';
}

function choice(actions: PanelActions): Section {
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
  return {
    element: kind.element,
    update: (state) => {
      latest = state;
      kind.update(state);
    },
  };
}
