import { button, textField } from '../controls';
import { element, table } from '../dom';
import { t } from '../l10n';
import { count } from '../numbers';
import { rowsNamed } from './page-model';

/** With more rows than this, a field filters them by name. */
const filterFrom = 50;
/** More rows than this are drawn only when asked for: models may have tens of thousands of tensors. */
const drawnAtFirst = 500;

export interface LongTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table that stays quick with many rows. */
export function longTable({ caption, columns, rows }: LongTable): HTMLElement {
  const place = element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption });
  const status = element('p', { class: 'muted', role: 'status' });
  const filter = rows.length > filterFrom ? textField({ label: t('Filter: {0}', caption), placeholder: t('Filter by name') }) : undefined;
  let all = false;
  const showAll = button(t('Show All'), () => {
    all = true;
    draw();
  }, { secondary: true });
  const draw = (): void => {
    const found = rowsNamed(rows, filter?.value ?? '');
    const drawn = all ? found : found.slice(0, drawnAtFirst);
    place.replaceChildren(table(caption, columns, drawn));
    status.textContent = drawn.length === rows.length ? '' : t('{0} of {1} are shown.', count(drawn.length), count(rows.length));
    showAll.hidden = drawn.length === found.length;
  };
  filter?.addEventListener('input', draw);
  draw();
  return element('div', {}, filter, place, status, showAll);
}
