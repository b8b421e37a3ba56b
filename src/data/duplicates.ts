import { UserError } from '../error';
import { digestSize } from './canonical-content';
import type { Dataset } from './dataset';
import { recordSet } from './record-set';
import type { DuplicatePolicy } from './source-spec';

/** Exact duplicates of forgotten records, and what was done with them. */
export interface DuplicateDecision {
  readonly policy: DuplicatePolicy;
  /** Records to forget after the decision, sorted. */
  readonly forget: Uint32Array;
  /** Retained records that equalled a forgotten one before the decision, sorted. */
  readonly duplicates: Uint32Array;
  /** How many of them stay in the retain set: for the certificate. */
  readonly kept: number;
}

/** Digests as text: a Map cannot look up bytes. */
function digestAt(digests: Uint8Array, record: number): string {
  return Buffer.from(digests.buffer, digests.byteOffset + record * digestSize, digestSize).toString('latin1');
}

function digestsOf(digests: Uint8Array, records: Uint32Array): Set<string> {
  return new Set(Array.from(records, (record) => digestAt(digests, record)));
}

/** Records of `dataset` that are not in `forget` and are exactly equal to one that is. */
async function findDuplicates(dataset: Dataset, forget: Uint32Array): Promise<Uint32Array> {
  const digests = await dataset.digests();
  const sought = digestsOf(digests, forget);
  const forgotten = new Set(forget);
  const found: number[] = [];
  for (let record = 0; record < dataset.count; record++) {
    if (sought.has(digestAt(digests, record)) && !forgotten.has(record)) found.push(record);
  }
  return Uint32Array.from(found);
}

/**
 * Sees to exact duplicates (features and label) of forgotten records in the retain set.
 * @throws UserError `duplicate-in-retain` for the policy `refuse`; `forget-everything` where forgetting them too leaves nothing.
 */
export async function resolveDuplicates(dataset: Dataset, forget: Uint32Array, policy: DuplicatePolicy = 'refuse', field = 'duplicates'): Promise<DuplicateDecision> {
  const duplicates = await findDuplicates(dataset, forget);
  if (duplicates.length === 0) return { policy, forget, duplicates, kept: 0 };
  if (policy === 'keep') return { policy, forget, duplicates, kept: duplicates.length };
  if (policy === 'refuse') {
    const shown = Array.from(duplicates.subarray(0, 5)).join(', ');
    throw new UserError('duplicate-in-retain', `${duplicates.length} of the records that would be kept ${duplicates.length === 1 ? 'is' : 'are'} exactly equal to a record to forget (record ${shown}${duplicates.length > 5 ? ', …' : ''}).`, {
      field,
      remedy: `Set "${field}" to "forget" to forget them too, or to "keep" if they belong to someone else; the certificate then states how many were kept.`,
    });
  }
  const all = recordSet([...forget, ...duplicates]);
  if (all.length === dataset.count) throw new UserError('forget-everything', 'with their duplicates, all records would be forgotten.', { field });
  return { policy, forget: all, duplicates, kept: 0 };
}

/** Two decisions in a row as one, where more records were to be forgotten in between. */
export function joinDecisions(first: DuplicateDecision, second: DuplicateDecision): DuplicateDecision {
  return { ...second, duplicates: recordSet([...first.duplicates, ...second.duplicates]) };
}

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
 */
export async function recordsEqualTo(dataset: Dataset, others: Dataset): Promise<{ readonly records: Uint32Array; readonly unmatched: Uint32Array }> {
  const all = (count: number): Uint32Array => complement(count, new Uint32Array());
  const present = digestsOf(await dataset.digests(), all(dataset.count));
  const wanted = await others.digests();
  return {
    records: await equalRecords(dataset, digestsOf(wanted, all(others.count))),
    unmatched: all(others.count).filter((record) => !present.has(digestAt(wanted, record))),
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
