import type { DuplicateGroup } from '../../../src/protocol/data-report';

type Decision = 'forget' | 'keep';

interface Entry {
  readonly kind?: unknown;
  readonly group?: unknown;
  readonly records?: unknown;
  readonly decision?: unknown;
}

function entriesOf(written: unknown): readonly Entry[] {
  return Array.isArray(written) ? written.filter((entry: unknown): entry is Entry => typeof entry === 'object' && entry !== null) : [];
}

function speaksOf({ kind, group, records }: Entry, about: DuplicateGroup): boolean {
  return kind === about.kind && group === about.group && (records === undefined || JSON.stringify(records) === JSON.stringify(about.records));
}

/** What the request's own list says of a group; empty where it is silent. */
export function decisionOf(written: unknown, group: DuplicateGroup): Decision | '' {
  const found = entriesOf(written).find((entry) => speaksOf(entry, group))?.decision;
  return found === 'forget' || found === 'keep' ? found : '';
}

/** The list with another decision about a group, which names its records, so that it does not hold for others that come later; none where nothing is left to say. */
export function withDecision(written: unknown, about: DuplicateGroup, decision: Decision | ''): readonly unknown[] | undefined {
  const others = entriesOf(written).filter((entry) => !speaksOf(entry, about));
  const { kind, group, records } = about;
  const list = decision === '' ? others : [...others, { kind, group, records, decision }];
  return list.length === 0 ? undefined : list;
}
