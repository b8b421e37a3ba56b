import { UserError } from '../error';
import { digestSize } from './canonical-content';
import type { Dataset } from './dataset';
import { Decisions } from './decisions';
import type { Decided, DuplicateGroup } from './decisions';
import { recordSet } from './record-set';
import type { DuplicatePolicy } from './source-spec';

/** Exact duplicates of forgotten records, and what was done with them. */
export interface DuplicateDecision {
  /** `decided` where a list of decisions said it of some. */
  readonly policy: DuplicatePolicy | 'decided';
  /** Records to forget after the decision, sorted. */
  readonly forget: Uint32Array;
  /** Retained records that equalled a forgotten one before the decision, sorted. */
  readonly duplicates: Uint32Array;
  /** How many of them stay in the retain set: for the certificate. */
  readonly kept: number;
  readonly groups: readonly DuplicateGroup[];
}

/** Digests as text: a Map cannot look up bytes. */
function digestAt(digests: Uint8Array, record: number): string {
  return Buffer.from(digests.buffer, digests.byteOffset + record * digestSize, digestSize).toString('latin1');
}

function digestsOf(digests: Uint8Array, records: Uint32Array): Set<string> {
  return new Set(Array.from(records, (record) => digestAt(digests, record)));
}

/** What a search for exact duplicates needs besides the records. */
export interface DuplicateSearch {
  readonly policy?: DuplicatePolicy | undefined;
  readonly field?: string | undefined;
  readonly decisions?: Decisions | undefined;
  /** A decision from before more records were to be forgotten: it stays as it is, and only copies of the new ones are sought. */
  readonly before?: DuplicateDecision | undefined;
}

/** Records that are not in `forget` and are exactly equal to one that is, by the first one that they equal. */
async function findDuplicates(dataset: Dataset, forget: Uint32Array, before: DuplicateDecision | undefined): Promise<Omit<DuplicateGroup, 'decision'>[]> {
  const digests = await dataset.digests();
  const old = new Set(before?.forget);
  const first = new Map<string, number>();
  for (const record of forget) if (!old.has(record) && !first.has(digestAt(digests, record))) first.set(digestAt(digests, record), record);
  const settled = new Set([...forget, ...(before?.duplicates ?? [])]);
  const groups = new Map<number, number[]>();
  for (let record = 0; record < dataset.count; record++) {
    const group = first.get(digestAt(digests, record));
    if (group === undefined || settled.has(record)) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [record]);
    else members.push(record);
  }
  return [...groups].map(([group, records]) => ({ kind: 'exact', group, records }));
}

/** What is found, with its decisions, whether or not all are made. */
export async function decideDuplicates(dataset: Dataset, forget: Uint32Array, { policy = 'refuse', decisions = new Decisions([], dataset.count), before }: DuplicateSearch = {}): Promise<Decided> {
  return decisions.decide(await findDuplicates(dataset, forget, before), policy);
}

/**
 * Sees to exact duplicates (features and label) of forgotten records in the retain set.
 * @throws UserError `duplicate-in-retain` where neither a decision nor the policy says what to do with one; `forget-everything` where
 * forgetting them too leaves nothing; those of `Decisions.decide`.
 */
export async function resolveDuplicates(dataset: Dataset, forget: Uint32Array, search: DuplicateSearch = {}): Promise<DuplicateDecision> {
  const { policy = 'refuse', field = 'duplicates', before } = search;
  const { groups, forgotten, kept, undecided, listed } = await decideDuplicates(dataset, forget, search);
  const open = undecided.flatMap(({ records }) => records).sort((a, b) => a - b);
  if (open.length > 0) {
    const shown = `${open.slice(0, 5).join(', ')}${open.length > 5 ? ', …' : ''}`;
    throw new UserError('duplicate-in-retain', open.length === 1 ? `1 of the records that would be kept is exactly equal to a record to forget (record ${shown}).` : `${open.length} of the records that would be kept are exactly equal to a record to forget (record ${shown}).`, {
      field,
      remedy: `Set "${field}" to "forget" to forget them too, or to "keep" if they belong to someone else; the certificate then states how many were kept. Or decide group by group: ${howToDecide}`,
    });
  }
  const all = recordSet([...forget, ...forgotten]);
  if (all.length === dataset.count) throw new UserError('forget-everything', 'with their duplicates, all records would be forgotten.', { field, remedy: `Set "${field}" to "keep" if the duplicates belong to others; to forget everything, delete the model.` });
  return {
    policy: listed || before?.policy === 'decided' ? 'decided' : policy,
    forget: all,
    duplicates: recordSet([...forgotten, ...kept, ...(before?.duplicates ?? [])]),
    kept: kept.length + (before?.kept ?? 0),
    groups: [...(before?.groups ?? []), ...groups],
  };
}

/** What to do where one policy for all is not enough. */
export const howToDecide = '"certified-unlearning preview REQUEST --decisions FILE" lists them for "decisions".';

/**
 * Records of the evaluation data that are exactly equal to a forgotten one, sorted. Accuracy on them says nothing about records never
 * seen, and they are still in the holder's possession.
 */
export async function forgottenInEvaluation(dataset: Dataset, forget: Uint32Array, evaluation: Dataset): Promise<Uint32Array> {
  return equalRecords(evaluation, digestsOf(await dataset.digests(), forget));
}

async function equalRecords(dataset: Dataset, sought: ReadonlySet<string>): Promise<Uint32Array> {
  const digests = await dataset.digests();
  const found: number[] = [];
  for (let record = 0; record < dataset.count; record++) if (sought.has(digestAt(digests, record))) found.push(record);
  return Uint32Array.from(found);
}

/**
 * Records of `dataset` that are exactly equal to one of `others`, sorted; and records of `others` that equal none.
 * @param asked Which of `others`: all unless given.
 */
export async function recordsEqualTo(dataset: Dataset, others: Dataset, asked?: Uint32Array): Promise<{ readonly records: Uint32Array; readonly unmatched: Uint32Array }> {
  const all = (count: number): Uint32Array => complement(count, new Uint32Array());
  const which = asked ?? all(others.count);
  const present = digestsOf(await dataset.digests(), all(dataset.count));
  const wanted = await others.digests();
  return {
    records: await equalRecords(dataset, digestsOf(wanted, which)),
    unmatched: which.filter((record) => !present.has(digestAt(wanted, record))),
  };
}

/** The records that are left: all but the given ones, sorted. */
export function complement(count: number, records: Uint32Array): Uint32Array {
  const excluded = new Set(records);
  const rest = new Uint32Array(count - excluded.size);
  let next = 0;
  for (let record = 0; record < count; record++) if (!excluded.has(record)) rest[next++] = record;
  return rest;
}
