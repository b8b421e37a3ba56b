import type { ArraySummary, SourceFormat } from '../../../src/protocol/data-report';
import type { FieldPath } from '../../../src/protocol/panel-messages';
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

/** Where the records are: a file chosen from those there are, its format, and which of its tables or arrays. */
export function sourcePart(actions: PanelActions): readonly Section[] {
  const choose = button(t('Choose Data…'), () => actions.send({ type: 'source', path: train }));
  choose.classList.add('beside-field');
  return [
    row(formatField(train, actions), { element: choose, update: () => undefined }),
    shownWhen(of('table', 'images'), () => [row(
      file(train, 'path', t('File'), t('One record a row. Several files: a pattern such as part-*.csv.'), actions),
      shownWhen((state) => report(state)?.tables !== undefined || at(state.document?.value, [...train, 'table']) !== undefined, () => [chooser({
        label: t('Table'), path: [...train, 'table'], help: t('Which table of the database.'), narrow: true,
        offered: (state) => [['', t('the only one')], ...(report(state)?.tables ?? []).map((name): Option => [name, name])],
      }, actions)]))]),
    shownWhen(of('arrays'), () => [row(
      file(train, 'features', t('Features'), t('The array of features, one record after the other.'), actions),
      key(train, 'featuresKey', t('Array of features'), (state) => report(state)?.features, actions)),
    row(
      file(train, 'labels', t('Labels'), t('The array of labels; empty where they are in the same file.'), actions),
      key(train, 'labelsKey', t('Array of labels'), (state) => report(state)?.labels ?? report(state)?.features, actions)),
    row(
      file(train, 'records', t('Whose records'), t('A table with one row a record, in the same order: its columns say whom to forget.'), actions),
      new Field({ label: t('Shape of a record'), path: [...train, 'shape'], help: t('Where the model wants another one than the data have: 28, 28, 1.'), codec: numberListCodec, narrow: true }, actions))]),
    drawn('found', found),
  ];
}

export function report({ data }: PanelState): Extract<PanelState['data'], { status: 'ready' }>['report'] | undefined {
  return data.status === 'ready' ? data.report : undefined;
}

/** Whether the training data are of one of these kinds. */
export function of(...kinds: readonly SourceKind[]): (state: PanelState) => boolean {
  return (state) => kinds.some((kind) => kind === kindOf(at(state.document?.value, [...train, 'format'])));
}

/** A file of a source, typed or browsed for. */
export function file(source: FieldPath, name: string, label: string, help: string, actions: PanelActions): Field {
  const path = [...source, name];
  return new Field({ label, path, help, codec: pathsCodec, beside: button(t('Browse…'), () => actions.send({ type: 'browse', path }), { secondary: true, label: t('Browse for: {0}', label) }) }, actions);
}

function formatField(source: FieldPath, actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const path = [...source, 'format'];
  const control = select(t('Format'), [['', ''], ...formats.map(({ format, name }): Option => [format, name])]);
  const field = new Field({ label: t('Format'), path, help: t('Of the data that the model was trained on, with the records to forget still in it.'), narrow: true, control }, {
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
function found(state: PanelState): readonly (Node | undefined)[] {
  switch (state.data.status) {
    case 'none':
      return [];
    case 'untrusted':
      return [element('p', { class: 'muted' }, t('Data are not read in Restricted Mode.'))];
    case 'loading':
      return [element('p', { class: 'muted', role: 'status' }, t('Looking into the data …'))];
    case 'failed':
      return [element('p', { class: 'problem', role: 'alert' }, inWords(state.data.error))];
    case 'ready': {
      const { features, labels, image, problems, table: records } = state.data.report;
      return [
        ...problems.map((error) => element('p', { class: 'problem', role: 'alert' }, [error.file, inWords(error)].filter((part) => part !== undefined).join(': '))),
        arrays(features, labels),
        records === undefined || of('table')(state) ? undefined : scrolling(t('Columns that say whose a record is'), (caption) => table(caption, [t('Column'), t('Type'), t('Values')], records.columns.slice(0, mostColumns).map((column) => [column.name, column.type, detailOf(column)]))),
        image === undefined || records === undefined ? undefined : element('p', { class: 'muted' }, plural(records.rows, '{0} image; the first has {1} pixels and {2} channels.', '{0} images; the first has {1} pixels and {2} channels.', image.slice(0, 2).join(' × '), image[2] ?? 1)),
      ];
    }
  }
}

function arrays(features: readonly ArraySummary[] | undefined, labels: readonly ArraySummary[] | undefined): HTMLElement | undefined {
  const rows = [...rowsOf(t('Features'), features), ...rowsOf(t('Labels'), labels)];
  if (rows.length === 0) return undefined;
  return scrolling(t('What is in the files'), (caption) => table(caption, [t('File'), t('Array'), t('Type'), t('Shape')], rows));
}

function rowsOf(name: string, arraysOfFile: readonly ArraySummary[] | undefined): readonly (readonly string[])[] {
  return (arraysOfFile ?? []).map(({ key: found, type, shape }) => [name, found ?? '', type ?? t('no numbers'), shape.join(' × ')]);
}
