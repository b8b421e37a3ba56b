import { UserError } from '../error';
import { expandRows } from './row-numbers';
import { findFile, readFileBytes } from './source-file';
import type { PathOptions, Where } from './source-file';
import type { Decision, DecisionEntry, DuplicateKind, DuplicatePolicy } from './source-spec';

/** Kept records that equal or resemble one forgotten record, and what is to become of them. */
export interface DuplicateGroup {
  readonly kind: DuplicateKind;
  /** The first forgotten record that they equal or resemble. */
  readonly group: number;
  /** Sorted. */
  readonly records: readonly number[];
  /** Null as long as neither the list of decisions nor the policy says. */
  readonly decision: Decision | null;
}

/** Groups with their decisions, one group for each decision where its records have different ones. */
export interface Decided {
  readonly groups: readonly DuplicateGroup[];
  readonly forgotten: readonly number[];
  readonly kept: readonly number[];
  readonly undecided: readonly DuplicateGroup[];
  /** Whether the list of decisions said anything about these. */
  readonly listed: boolean;
}

const kinds: readonly unknown[] = ['exact', 'numeric', 'image', 'text'] satisfies DuplicateKind[];

function isEntry(value: unknown): value is DecisionEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, group, records, decision } = value as Record<string, unknown>;
  return (kind === undefined || kinds.includes(kind)) &&
    (group === undefined || (Number.isInteger(group) && Number(group) >= 0)) &&
    (records === undefined || (Array.isArray(records) && records.every((record) => typeof record === 'number' || typeof record === 'string'))) &&
    (group !== undefined || records !== undefined) &&
    (decision === null || decision === 'forget' || decision === 'keep');
}

/** A list of decisions, and which of them have been used. */
export class Decisions {
  private readonly entries: readonly DecisionEntry[];
  private readonly where: Where;
  private readonly count: number;
  private readonly used = new Set<DecisionEntry>();
  /** Entries that decide single records, by kind and record: one record can be a copy of one forgotten record and near another. */
  private readonly byRecord = new Map<string, DecisionEntry>();

  /**
   * @param count Number of records in the data.
   * @throws UserError `decision-twice`, `row-invalid`, `row-out-of-range`.
   */
  constructor(entries: readonly DecisionEntry[], count: number, where: Where = {}) {
    this.entries = entries;
    this.where = where;
    this.count = count;
    const groups = new Set<string>();
    for (const [index, entry] of entries.entries()) {
      const key = entry.group === undefined ? undefined : `${entry.kind ?? 'any'} ${entry.group}`;
      if (key !== undefined && groups.size === groups.add(key).size && entry.records === undefined) throw this.error('decision-twice', index, `decides the group ${entry.group ?? 0} again.`);
      for (const record of this.recordsOf(entry, index)) {
        const place = `${entry.kind ?? 'any'} ${record}`;
        if (this.byRecord.has(place)) throw this.error('decision-twice', index, `decides the record ${record} again.`);
        this.byRecord.set(place, entry);
      }
    }
  }

  /**
   * Decides groups: by the list, and what it leaves open by the policy.
   * @throws UserError `decision-changed` where the list says of which records a group consists, and it consists of others.
   */
  decide(groups: readonly Omit<DuplicateGroup, 'decision'>[], policy: DuplicatePolicy): Decided {
    let listed = false;
    const decided = groups.flatMap(({ kind, group, records }) => {
      const sides = new Map<Decision | null, number[]>();
      const whole = this.entries.find((entry) => entry.group === group && entry.records === undefined && (entry.kind ?? kind) === kind);
      if (whole !== undefined) this.used.add(whole);
      this.requireSameRecords(kind, group, records);
      for (const record of records) {
        const entry = this.byRecord.get(`${kind} ${record}`) ?? this.byRecord.get(`any ${record}`) ?? whole;
        if (entry !== undefined) this.used.add(entry);
        listed ||= entry !== undefined && entry.decision !== null;
        const decision = entry?.decision ?? (policy === 'refuse' ? null : policy);
        sides.set(decision, [...(sides.get(decision) ?? []), record]);
      }
      return [...sides].map(([decision, part]): DuplicateGroup => ({ kind, group, records: part, decision }));
    });
    const on = (side: Decision): number[] => decided.flatMap(({ decision, records }) => (decision === side ? records : []));
    return { groups: decided, forgotten: on('forget'), kept: on('keep'), undecided: decided.filter(({ decision }) => decision === null), listed };
  }

  /**
   * To be called when all groups have been decided.
   * @throws UserError `decision-unused` where a decision is about records that are no duplicates: it was made for other data.
   */
  requireAllUsed(): void {
    const index = this.entries.findIndex((entry) => !this.used.has(entry));
    const entry = this.entries[index];
    if (entry === undefined) return;
    const what = entry.records === undefined ? `no record equals or resembles the forgotten record ${entry.group ?? 0}` : `the record ${this.recordsOf(entry, index)[0] ?? 0} neither equals nor resembles a forgotten one`;
    throw this.error('decision-unused', index, `decides nothing: ${what}.`);
  }

  /** A list that names both the group and its records speaks of a group as it was then: whoever decided did not see a record that came later. */
  private requireSameRecords(kind: DuplicateKind, group: number, records: readonly number[]): void {
    const entries = this.entries.filter((entry) => entry.group === group && entry.records !== undefined && (entry.kind ?? kind) === kind);
    if (entries.length === 0) return;
    const named = new Set(entries.flatMap((entry) => this.recordsOf(entry, this.entries.indexOf(entry))));
    const other = records.find((record) => !named.has(record)) ?? [...named].find((record) => !records.includes(record));
    if (other !== undefined) throw this.error('decision-changed', this.entries.indexOf(entries[0] ?? { decision: null }), `lists other records than the group ${group} has now (record ${other}).`);
  }

  private recordsOf(entry: DecisionEntry, index: number): number[] {
    return expandRows(entry.records ?? [], this.count, `${this.where.field ?? 'decisions'}[${index}].records`);
  }

  private error(code: string, index: number, message: string): UserError {
    return new UserError(code, message, { file: this.where.file, field: `${this.where.field ?? 'decisions'}[${index}]`, remedy: 'List the groups again with "certified-unlearning preview REQUEST --decisions FILE".' });
  }
}

/**
 * Opens a list of decisions: from the request, or from a JSON file that holds such a list.
 * @param count Number of records in the data.
 * @throws UserError `decision-invalid`, `decision-twice`, and as `findFile`.
 */
export async function openDecisions(given: string | readonly DecisionEntry[] | undefined, count: number, options: PathOptions = {}, field = 'decisions'): Promise<Decisions> {
  if (typeof given !== 'string') return new Decisions(given ?? [], count, { field });
  const file = await findFile(given, field, options);
  const where = { file: file.file, field };
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readFileBytes(file)));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('decision-invalid', 'is not JSON in UTF-8.', { ...where, remedy: 'List the groups again with "certified-unlearning preview REQUEST --decisions FILE".', cause });
  }
  if (!Array.isArray(entries)) throw new UserError('decision-invalid', 'is not a JSON array of decisions.', { ...where, remedy: 'List the groups again with "certified-unlearning preview REQUEST --decisions FILE".' });
  const bad = entries.findIndex((entry) => !isEntry(entry));
  if (bad >= 0) {
    throw new UserError('decision-invalid', `entry ${bad} is no decision.`, { ...where, remedy: 'Write {"group": 12, "records": [17, 18], "decision": "keep"}, or "forget"; null leaves it open.' });
  }
  return new Decisions(entries as DecisionEntry[], count, where);
}
