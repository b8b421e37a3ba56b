import { block } from '../block';
import { element } from '../dom';
import { plural, t } from '../l10n';
import { wide } from '../wide';
import { differs, type Group, type Row } from './groups';

/** Groups of rows beside each other. What differs is marked by a sign and a word, and can be looked at alone. */
export function sideBySide(groups: readonly Group[], names: readonly [string, string]): readonly HTMLElement[] {
  const all = groups.flatMap(({ rows }) => rows);
  const changed = all.filter(differs).length;
  const only = element('input', { type: 'checkbox', id: 'only-changed' });
  const place = element('div', { class: 'groups' });
  const draw = (): void => place.replaceChildren(...groups.flatMap((group) => section(only.checked ? { ...group, rows: group.rows.filter(differs) } : group, names)));
  only.addEventListener('change', draw);
  draw();
  return [
    element('p', { class: 'summary', role: 'status' }, changed === 0 ? t('Nothing differs that could be the same.') : plural(changed, '{0} line differs.', '{0} lines differ.')),
    element('p', {}, only, element('label', { for: 'only-changed' }, ` ${t('Show only what differs')}`)),
    place,
  ];
}

function section({ title, rows }: Group, [left, right]: readonly [string, string]): readonly HTMLElement[] {
  if (rows.length === 0) return [];
  const heading = (text: string): HTMLElement => element('th', { scope: 'col' }, text);
  return [block(title, wide(title, element('table', { class: 'side-by-side' },
    element('thead', {}, element('tr', {}, heading(t('What')), heading(left), heading(right), heading(t('Difference')))),
    element('tbody', {}, ...rows.map(line)))))];
}

function line(row: Row): HTMLElement {
  const { label, left, right, always = false } = row;
  const [sign, word] = always ? ['', t('always differs')] : differs(row) ? ['≠', t('differs')] : ['', t('same')];
  return element('tr', { class: differs(row) ? 'differs' : undefined },
    element('th', { scope: 'row' }, label),
    element('td', {}, left ?? '–'),
    element('td', {}, right ?? '–'),
    element('td', { class: 'difference' }, element('span', { 'aria-hidden': 'true' }, sign), ` ${word}`));
}
