import type { ArraySummary, SourceFormat } from '../../../src/protocol/data-report';
import type { DataMessage, FieldPath, InspectedSource } from '../../../src/protocol/panel-messages';
import { button } from '../../controls';
import { element, table } from '../../dom';
import { plural, t } from '../../l10n';
import { numberListCodec, pathsCodec } from '../codec';
import { Field, inWords } from '../field';
import { chooser, type Option, scrolling, select, shownWhen } from '../native';
import { drawn, row } from '../section';
import { at, type PanelActions, type PanelState, type Section } from '../state';
import { detailOf } from './describe-column';
import { formats, kindOf, type SourceKind, switchedFormat } from './formats';

const train = ['data', 'train'];
/** Beside arrays a table has few columns; of more the first are shown. */
const mostColumns = 50;

/** What a source of records is for, where that makes a difference. */
interface SourceUse {
  readonly source: FieldPath;
  readonly formatHelp: string;
  /** Where its files are looked into. */
  readonly which?: InspectedSource;
}

/** Where the training data are, and what is in their files. */
export function trainingPart(actions: PanelActions): readonly Section[] {
  return [
    ...sourceFields({ source: train, which: 'train', formatHelp: t('Of the data that the model was trained on, with the records to forget still in it.') }, actions),
    shownWhen(of(train, 'arrays'), () => [row(
      file(train, 'records', t('Whose records'), t('A table with one row a record, in the same order: its columns say whom to forget.'), actions),
      shapeField(train, actions))]),
    drawn('found', (state) => found(state, 'train')),
  ];
}

/** A file chosen from those there are, its format, and which of its tables or arrays. */
export function sourceFields({ source, formatHelp, which }: SourceUse, actions: PanelActions): readonly Section[] {
  const inFiles = (state: PanelState): Report | undefined => (which === undefined ? undefined : report(state, which));
  const choose = button(t('Choose Data…'), () => actions.send({ type: 'source', path: source }), { secondary: which !== 'train' });
  choose.classList.add('beside-field');
  return [
    row(formatField(source, formatHelp, actions), { element: choose, update: () => undefined }),
    shownWhen(of(source, 'table', 'images'), () => [row(
      file(source, 'path', t('File'), t('One record a row. Several files: a pattern such as part-*.csv.'), actions),
      shownWhen((state) => inFiles(state)?.tables !== undefined || at(state.document?.value, [...source, 'table']) !== undefined, () => [chooser({
        label: t('Table'), path: [...source, 'table'], help: t('Which table of the database.'), narrow: true,
        offered: (state) => [['', t('the only one')], ...(inFiles(state)?.tables ?? []).map((name): Option => [name, name])],
      }, actions)]))]),
    shownWhen(of(source, 'arrays'), () => [row(
      file(source, 'features', t('Features'), t('The array of features, one record after the other.'), actions),
      key(source, 'featuresKey', t('Array of features'), (state) => inFiles(state)?.features, actions)),
    row(
      file(source, 'labels', t('Labels'), t('The array of labels; empty where they are in the same file.'), actions),
      key(source, 'labelsKey', t('Array of labels'), (state) => inFiles(state)?.labels ?? inFiles(state)?.features, actions))]),
  ];
}

export function shapeField(source: FieldPath, actions: PanelActions): Section {
  return new Field({ label: t('Shape of a record'), path: [...source, 'shape'], help: t('Where the model wants another one than the data have: 28, 28, 1.'), codec: numberListCodec, narrow: true }, actions);
}

export function inspected(state: Pick<PanelState, 'data' | 'evaluationData'>, which: InspectedSource): DataMessage {
  return which === 'train' ? state.data : state.evaluationData;
}

type Report = Extract<DataMessage, { status: 'ready' }>['report'];

export function report(state: PanelState, which: InspectedSource = 'train'): Report | undefined {
  const message = inspected(state, which);
  return message.status === 'ready' ? message.report : undefined;
}

/** Whether a source is of one of these kinds. */
export function of(source: FieldPath, ...kinds: readonly SourceKind[]): (state: PanelState) => boolean {
  return (state) => kinds.some((kind) => kind === kindOf(at(state.document?.value, [...source, 'format'])));
}

/** A file of a source, typed or browsed for. */
export function file(source: FieldPath, name: string, label: string, help: string, actions: PanelActions): Field {
  const path = [...source, name];
  return new Field({ label, path, help, codec: pathsCodec, beside: button(t('Browse…'), () => actions.send({ type: 'browse', path }), { secondary: true, label: t('Browse for: {0}', label) }) }, actions);
}

function formatField(source: FieldPath, help: string, actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const path = [...source, 'format'];
  const control = select(t('Format'), [['', ''], ...formats.map(({ format, name }): Option => [format, name])]);
  const field = new Field({ label: t('Format'), path, help, narrow: true, control }, {
    ...actions,
    edit: ({ value }) => actions.edit({ path: source, value: switchedFormat(at(latest?.document?.value, source), value as SourceFormat) }),
  });
  return {
    element: field.element,
    update: (state) => {
      latest = state;
      field.update(state);
    },
  };
}

/** Which array of a file that holds several. */
function key(source: FieldPath, name: string, label: string, arrays: (state: PanelState) => readonly ArraySummary[] | undefined, actions: PanelActions): Section {
  const path = [...source, name];
  const offered = (state: PanelState): readonly Option[] => (arrays(state) ?? []).flatMap(({ key: found, type }): readonly Option[] => (found === undefined || type === undefined ? [] : [[found, found]]));
  return shownWhen((state) => offered(state).length > 0 || at(state.document?.value, path) !== undefined,
    () => [chooser({ label, path, help: t('From what is in the file.'), narrow: true, offered: (state) => [['', t('the only one')], ...offered(state)] }, actions)]);
}

/** What is in the files of arrays and images; tables have their columns. */
export function found(state: PanelState, which: InspectedSource): readonly (Node | undefined)[] {
  const message = inspected(state, which);
  switch (message.status) {
    case 'none':
      return [];
    case 'untrusted':
      return [element('p', { class: 'muted' }, t('Data are not read in Restricted Mode.'))];
    case 'loading':
      return [element('p', { class: 'muted', role: 'status' }, t('Looking into the data …'))];
    case 'failed':
      return [element('p', { class: 'problem', role: 'alert' }, inWords(message.error))];
    case 'ready': {
      const { features, labels, image, problems, table: records } = message.report;
      return [
        ...problems.map((error) => element('p', { class: 'problem', role: 'alert' }, [error.file, inWords(error)].filter((part) => part !== undefined).join(': '))),
        arrays(which === 'train' ? t('What is in the files') : t('What is in the evaluation files'), features, labels),
        records === undefined || of(['data', which], 'table')(state) ? undefined : scrolling(t('Columns that say whose a record is'), (caption) => table(caption, [t('Column'), t('Type'), t('Values')], records.columns.slice(0, mostColumns).map((column) => [column.name, column.type, detailOf(column)]))),
        image === undefined || records === undefined ? undefined : element('p', { class: 'muted' }, plural(records.rows, '{0} image; the first has {1} pixels and {2} channels.', '{0} images; the first has {1} pixels and {2} channels.', image.slice(0, 2).join(' × '), image[2] ?? 1)),
      ];
    }
  }
}

function arrays(title: string, features: readonly ArraySummary[] | undefined, labels: readonly ArraySummary[] | undefined): HTMLElement | undefined {
  const rows = [...rowsOf(t('Features'), features), ...rowsOf(t('Labels'), labels)];
  if (rows.length === 0) return undefined;
  return scrolling(title, (caption) => table(caption, [t('File'), t('Array'), t('Type'), t('Shape')], rows));
}

function rowsOf(name: string, arraysOfFile: readonly ArraySummary[] | undefined): readonly (readonly string[])[] {
  return (arraysOfFile ?? []).map(({ key: found, type, shape }) => [name, found ?? '', type ?? t('no numbers'), shape.join(' × ')]);
}
