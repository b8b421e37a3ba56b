import { button } from '../controls';
import { definitions, element } from '../dom';
import { count } from '../numbers';
import { listCodec, textCodec } from './codec';
import { Field } from './field';
import { drawn, row, section } from './section';
import { at, type PanelActions, type PanelState, type Section } from './state';

const train = ['data', 'train'];

export function dataSection(actions: PanelActions): Section {
  const file = (label: string, key: string, help: string): Field => {
    const path = [...train, key];
    return new Field({ label, path, help, beside: button('Browse…', () => actions.send({ type: 'browse', path }), { secondary: true, label: `Browse for ${label.toLowerCase()}` }) }, actions);
  };
  const arrays = visibleWhen(isArrays, row(
    file('Features', 'features', 'The array of features, one record after the other.'),
    file('Labels', 'labels', 'The array of labels.'),
    file('Whose records', 'records', 'A table with one row a record, in the same order: its columns say whom to forget.')));
  const columns = visibleWhen((format) => !isArrays(format), row(
    file('Table', 'path', 'One record a row.'),
    new Field({ label: 'Label column', path: [...train, 'label'], help: 'The column to predict.', narrow: true }, actions),
    new Field({ label: 'Feature columns', path: [...train, 'features'], help: 'In the order of the model; "pixel*" stands for all that begin so.', codec: listCodec({ integers: false }) }, actions)));
  return section('Data and whom to forget',
    new Field({
      label: 'Format',
      path: [...train, 'format'],
      help: 'Of the data that the model was trained on, with the records to forget still in it.',
      narrow: true,
      options: [['idx', 'IDX (MNIST)'], ['npy', 'NumPy .npy'], ['npz', 'NumPy .npz'], ['csv', 'CSV'], ['parquet', 'Parquet']],
    }, actions),
    arrays, columns,
    element('h3', {}, 'Forget every record that'),
    row(
      new Field({ label: 'meets a condition', path: ['forget', 'where'], help: 'SQL on the columns: contributor = \'c17\'.', codec: textCodec }, actions),
      new Field({ label: 'has a number among', path: ['forget', 'rows'], help: 'Counted from 0, with ranges: 3, 100-199.', codec: listCodec({ integers: true }) }, actions)),
    row(
      new Field({ label: 'has, in this column', path: ['forget', 'ids', 'column'], help: 'The column that holds the ids.' }, actions),
      new Field({ label: 'one of these ids', path: ['forget', 'ids', 'values'], help: 'The ids, separated by commas.', codec: listCodec({ integers: true }) }, actions),
      new Field({ label: 'or one in this file', path: ['forget', 'ids', 'file'], help: 'One id a line, or a table.' }, actions)),
    problemOfForget(),
    new Field({
      label: 'Exact copies left in the rest',
      path: ['duplicates'],
      help: 'What to do with retained records that are equal to a forgotten one.',
      narrow: true,
      options: [['refuse', 'refuse to run'], ['forget', 'forget them too'], ['keep', 'keep them (stated on the certificate)']],
    }, actions),
    drawn('facts', counts));
}

function isArrays(format: unknown): boolean {
  return format === 'idx' || format === 'npy' || format === 'npz';
}

function visibleWhen(shown: (format: unknown) => boolean, part: Section): Section {
  return {
    element: part.element,
    update: (state) => {
      part.element.hidden = !shown(at(state.document?.value, [...train, 'format']));
      part.update(state);
    },
  };
}

/** That nothing at all is selected concerns no single field. */
function problemOfForget(): Section {
  return drawn('problems', ({ document }) => (document?.problems ?? []).filter(({ field }) => field === 'forget' || field === '').map(({ message }) => element('p', { class: 'problem', role: 'alert' }, message)));
}

function counts({ facts }: PanelState): readonly (Node | undefined)[] {
  if (facts.status !== 'ready') return [];
  const { data } = facts.report;
  const share = ((100 * data.forget) / data.total).toPrecision(2);
  return [
    definitions([
      ['Forget', `${count(data.forget)} of ${count(data.total)} records (${share} %)`],
      ['Retain', `${count(data.retain)} records`],
      ['Evaluation', data.evaluation === undefined ? undefined : `${count(data.evaluation)} records`],
      ['Copies of forgotten records', data.duplicates.count === 0 ? undefined : `${count(data.duplicates.count)} (${data.duplicates.policy})`],
    ]),
    facts.outdated ? element('p', { class: 'muted' }, 'Counted in the saved request; save to count again.') : undefined,
  ];
}
