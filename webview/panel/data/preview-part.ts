import type { ForgetPreview } from '../../../src/protocol/data-report';
import { element, table } from '../../dom';
import { plural, t } from '../../l10n';
import { count, percent } from '../../numbers';
import { inWords } from '../field';
import { scrolling } from '../native';
import { drawn } from '../section';
import { at, type PanelState, type Section } from '../state';

/** Wide records are shown by their first columns. */
const mostColumns = 12;

/** What the fields as they stand would do: how many records, the first of them, what is left of each class. */
export function previewPart(): Section {
  let shown: PanelState['counted'];
  const status = element('p', { class: 'selected', role: 'status' });
  const detail = drawn('preview', ({ counted, document }) => (counted?.status === 'ready' ? details(counted.preview, at(document?.value, ['data', 'train', 'classes'])) : []));
  return {
    element: element('div', {}, status, detail.element),
    update: (state) => {
      const text = summary(state);
      if (status.textContent !== text) status.textContent = text;
      status.classList.toggle('stale', state.counting);
      status.classList.toggle('problem', state.counted?.status === 'failed' && state.data.status !== 'failed');
      if (shown === state.counted) return;
      shown = state.counted;
      detail.update(state);
    },
  };
}

function summary({ counted, counting, data }: PanelState): string {
  if (counted === undefined || counted.status === 'none') return counting && data.status !== 'untrusted' ? t('Counting …') : '';
  if (counted.status === 'failed') return data.status === 'failed' ? '' : inWords(counted.error);
  const { forgotten, kept } = counted.preview;
  const total = forgotten + kept;
  if (total === 0) return '';
  return [
    plural(forgotten, '{0} of {1} records is selected ({2}).', '{0} of {1} records are selected ({2}).', count(total), percent(forgotten / total)),
    kept === 0 ? t('Nothing would be left to learn from.') : plural(kept, '{0} is left.', '{0} are left.'),
  ].join(' ');
}

function details({ forgotten, rows, columns, balance, unlabelled }: ForgetPreview, classes: unknown): readonly (Node | undefined)[] {
  const names = Array.isArray(classes) ? classes.map((name: unknown) => (typeof name === 'string' || typeof name === 'number' ? String(name) : '')) : [];
  const lost = balance.filter(({ kept, forgotten: gone }) => kept === 0 && gone > 0);
  const nameOf = (label: number): string => names[label] ?? String(label);
  return [
    unlabelled === undefined ? undefined : element('p', { class: 'muted' }, t('Classes cannot be counted: {0}', inWords(unlabelled))),
    ...lost.map(({ label }) => element('p', { class: 'problem' }, t('No record of the class {0} is left.', nameOf(label)))),
    forgotten === 0 ? undefined : element('div', { class: 'row tables' },
      balance.length === 0 ? undefined : scrolling(t('Classes'), () => table(t('By class'), [t('Class'), t('Selected'), t('Left')], balance.map(({ label, forgotten: gone, kept }) => [nameOf(label), count(gone), count(kept)]))),
      scrolling(t('First records'), () => table(plural(rows.length, 'The first record', 'The first {0} records'), columns.slice(0, mostColumns), rows.map((row) => row.slice(0, mostColumns).map(shortened))))),
  ];
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
