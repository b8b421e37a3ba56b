import type { DuplicateGroup } from '../../../src/protocol/data-report';
import { button } from '../../controls';
import { element } from '../../dom';
import { plural, t } from '../../l10n';
import { count } from '../../numbers';
import { inWords } from '../field';
import { scrolling, select } from '../native';
import { at, type PanelActions, type PanelState, type Section } from '../state';
import { decisionOf, withDecision } from './decisions';

const path = ['decisions'];
/** More are decided in a file. */
const mostGroups = 200;
const mostRecords = 8;

/** Copies and near duplicates, group by group, each with its decision: looked for only when someone asks, because that reads all features. */
export class GroupsPart implements Section {
  readonly element: HTMLElement;
  readonly #actions: PanelActions;
  readonly #status = element('p', { class: 'muted', role: 'status' });
  readonly #place = element('div');
  #drawn: PanelState['groups'] | undefined;
  #written: unknown;
  #rows: readonly { readonly group: DuplicateGroup; readonly choice: HTMLSelectElement }[] = [];

  constructor(actions: PanelActions) {
    this.#actions = actions;
    this.element = element('div', { class: 'groups' }, element('div', { class: 'buttons' }, button(t('Save and Look for Duplicates'), () => actions.send({ type: 'groups' }), { secondary: true })), this.#status, this.#place);
  }

  update({ groups, document }: PanelState): void {
    this.#written = at(document?.value, path);
    if (groups !== this.#drawn) this.#draw(groups);
    for (const { group, choice } of this.#rows) {
      choice.value = decisionOf(this.#written, group);
      choice.disabled = typeof this.#written === 'string'; // decided in a file
    }
  }

  #draw(groups: PanelState['groups']): void {
    this.#drawn = groups;
    this.#status.classList.toggle('problem', groups.status === 'failed');
    this.#rows = groups.status === 'ready' ? groups.groups.slice(0, mostGroups).map((group) => ({ group, choice: this.#choice(group) })) : [];
    this.#status.textContent = groups.status === 'ready' ? plural(groups.groups.length, '{0} forgotten record has copies or near duplicates among the kept ones.', '{0} forgotten records have copies or near duplicates among the kept ones.')
      : groups.status === 'loading' ? t('Comparing all records …') : groups.status === 'failed' ? inWords(groups.error) : '';
    this.#place.replaceChildren(...(this.#rows.length === 0 ? [] : [scrolling(t('Copies and near duplicates'), () => this.#table())]));
  }

  #choice(group: DuplicateGroup): HTMLSelectElement {
    const choice = select(t('What becomes of what is like record {0}', group.group), [['', byPolicy(group)], ['forget', t('forget them too')], ['keep', t('keep them (stated on the certificate)')]]);
    choice.addEventListener('change', () => this.#actions.edit({ path, value: withDecision(this.#written, group, choice.value as 'forget' | 'keep' | '') }));
    return choice;
  }

  #table(): HTMLElement {
    const head = [t('Forgotten record'), t('Likeness'), t('Kept records'), t('Decision')].map((text) => element('th', { scope: 'col' }, text));
    const rows = this.#rows.map(({ group, choice }) => element('tr', {},
      element('th', { scope: 'row' }, count(group.group)),
      element('td', {}, kindText(group.kind)),
      element('td', {}, recordsText(group.records)),
      element('td', {}, choice)));
    return element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows));
  }
}

/** What holds for a group of which the list says nothing. */
function byPolicy({ decision }: DuplicateGroup): string {
  switch (decision) {
    case null: return t('open: the run is refused');
    case 'forget': return t('as above: forgotten too');
    case 'keep': return t('as above: kept');
  }
}

function kindText(kind: DuplicateGroup['kind']): string {
  switch (kind) {
    case 'exact': return t('exact copy');
    case 'numeric': return t('features nearly equal');
    case 'image': return t('images alike');
    case 'text': return t('same words');
  }
}

function recordsText(records: readonly number[]): string {
  const shown = records.slice(0, mostRecords).map(count).join(', ');
  return records.length > mostRecords ? t('{0} and {1} more', shown, records.length - mostRecords) : shown;
}
