import type { ColumnSummary } from '../../../src/protocol/data-report';
import type { FieldPath, InspectedSource } from '../../../src/protocol/panel-messages';
import { button } from '../../controls';
import { element } from '../../dom';
import { plural, t } from '../../l10n';
import { count } from '../../numbers';
import { select } from '../native';
import { at, type PanelActions, type PanelState, type Section } from '../state';
import { detailOf } from './describe-column';
import { allColumns, columnOf, type Encoding, encodingOf, encodingsOf, expanded, type Feature, featuresOf, withColumn } from './features';
import { report } from './source-part';

/** More are narrowed down by what is typed. */
const mostRows = 100;

interface Row {
  readonly column: ColumnSummary;
  readonly label: HTMLInputElement;
  readonly feature: HTMLInputElement;
  readonly place: HTMLElement;
  readonly encoding: HTMLSelectElement;
}

/** The columns of the file, to choose the label and the features from. */
export class ColumnsPart implements Section {
  readonly element: HTMLElement;
  readonly #which: InspectedSource;
  readonly #source: FieldPath;
  readonly #actions: PanelActions;
  readonly #filter = element('input', { class: 'native', type: 'search', 'aria-label': t('Find a column'), placeholder: t('Find a column') });
  readonly #body = element('tbody');
  readonly #summary = element('p', { class: 'muted', role: 'status' });
  readonly #buttons: HTMLElement;
  #columns: readonly ColumnSummary[] = [];
  #rows: readonly Row[] = [];
  #features: readonly Feature[] = [];
  #label: unknown;
  /** The columns that are drawn; the same ones found again keep their rows, and the focus in them. */
  #drawn = '';

  constructor(which: InspectedSource, actions: PanelActions) {
    this.element = element('div', { class: 'columns', 'data-of': which });
    this.#which = which;
    this.#source = ['data', which];
    this.#actions = actions;
    const all = (text: string, only: 'all' | 'numeric' | 'none'): HTMLElement => button(text, () => this.#write(only === 'none' ? [] : allColumns(this.#features, this.#columns, this.#label, only)), { secondary: true });
    this.#filter.addEventListener('input', () => this.#draw());
    this.#buttons = element('div', { class: 'buttons', role: 'group', 'aria-label': t('Features') }, all(t('All Numbers'), 'numeric'), all(t('All Columns'), 'all'), all(t('None'), 'none'), this.#filter);
    const head = [t('Column'), t('Label'), t('Feature'), t('Used as')].map((text) => element('th', { scope: 'col' }, text));
    this.element.append(this.#summary, this.#buttons,
      element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': which === 'train' ? t('Columns of the data') : t('Columns of the evaluation data') }, element('table', {}, element('thead', {}, element('tr', {}, ...head)), this.#body)));
  }

  update(state: PanelState): void {
    const found = report(state, this.#which)?.table;
    const source = at(state.document?.value, this.#source);
    // Beside arrays and images the table says whom to forget, not what to learn.
    this.element.hidden = found === undefined || at(source, ['path']) === undefined || at(source, ['format']) === 'images';
    if (found === undefined || this.element.hidden) return;
    this.#columns = found.columns;
    this.#label = at(source, ['label']);
    this.#features = featuresOf(at(source, ['features']));
    const columnsFound = JSON.stringify(found.columns);
    if (this.#drawn !== columnsFound) {
      this.#drawn = columnsFound;
      this.#filter.hidden = found.columns.length <= 12;
      this.#draw();
    }
    this.#refresh();
    const columns = found.columns.length + found.more;
    this.#summary.textContent = [
      plural(found.rows, '{0} record, {1} columns.', '{0} records, {1} columns.', count(columns)),
      plural(expanded(this.#features, this.#columns, this.#label).length, '{0} feature is chosen.', '{0} features are chosen.'),
      this.#rows.length < columns ? t('{0} columns are shown: type to find others.', this.#rows.length) : '',
    ].join(' ');
  }

  #draw(): void {
    const wanted = this.#filter.value.trim().toLowerCase();
    const shown = this.#columns.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, mostRows);
    this.#rows = shown.map((column) => this.#row(column));
    this.#body.replaceChildren(...this.#rows.map(({ column, label, feature, place, encoding }) => element('tr', {},
      element('th', { scope: 'row' }, element('span', { class: 'name' }, column.name), ' ', element('span', { class: 'muted' }, column.type), element('div', { class: 'muted detail' }, detailOf(column))),
      // Where there is no room for a header, the cells carry their own titles.
      element('td', { 'data-title': t('Label') }, label),
      element('td', { 'data-title': t('Feature') }, feature, place),
      element('td', {}, encoding))));
    this.#refresh();
  }

  #row(column: ColumnSummary): Row {
    const { name } = column;
    const label = element('input', { type: 'radio', name: `label-column-${this.#which}`, 'aria-label': t('{0} is the label', name) });
    const feature = element('input', { type: 'checkbox', 'aria-label': t('{0} is a feature', name) });
    const encoding = select(t('How {0} is used', name), encodingsOf(column).map((way) => [way, encodingText(way)]));
    label.addEventListener('change', () => this.#chooseLabel(column));
    feature.addEventListener('change', () => this.#chooseFeature(column, feature.checked ? encodingsOf(column)[0] : undefined));
    encoding.addEventListener('change', () => this.#chooseFeature(column, encoding.value as Encoding));
    return { column, label, feature, encoding, place: element('span', { class: 'muted place' }) };
  }

  /** Shows what is chosen without drawing anew, so that the focus stays where it is. */
  #refresh(): void {
    const chosen = expanded(this.#features, this.#columns, this.#label);
    const places = new Map(chosen.map((feature, index) => [columnOf(feature), { feature, index }]));
    for (const { column, label, feature, place, encoding } of this.#rows) {
      const found = places.get(column.name);
      label.checked = column.name === this.#label;
      feature.checked = found !== undefined;
      feature.disabled = label.checked;
      place.textContent = found === undefined ? '' : String(found.index + 1);
      encoding.disabled = found === undefined;
      const way = found === undefined ? encodingsOf(column)[0] ?? 'number' : encodingOf(found.feature);
      encoding.value = way;
    }
  }

  #chooseLabel({ name }: ColumnSummary): void {
    const written = this.#features.some((feature) => columnOf(feature) === name);
    const without = this.#features.filter((feature) => columnOf(feature) !== name);
    this.#actions.edit({ path: [...this.#source, 'label'], value: name }, ...(written ? [{ path: [...this.#source, 'features'], value: without.length === 0 ? undefined : without }] : []));
  }

  #chooseFeature(column: ColumnSummary, encoding: Encoding | undefined): void {
    this.#write(withColumn(this.#features, this.#columns, this.#label, column, encoding));
  }

  #write(features: readonly Feature[]): void {
    this.#actions.edit({ path: [...this.#source, 'features'], value: features.length === 0 ? undefined : features });
  }
}

function encodingText(encoding: Encoding): string {
  switch (encoding) {
    case 'number': return t('number');
    case 'one-hot': return t('one feature a value');
    case 'words': return t('words in buckets');
    case 'vocabulary': return t('words of a vocabulary');
    case 'tokenizer': return t('tokens of a tokenizer');
  }
}
