import { UserError } from '../error';
import type { Dataset } from './dataset';
import { Decisions } from './decisions';
import type { Decided, DuplicateGroup } from './decisions';
import { howToDecide } from './duplicates';
import type { SourceDataset } from './source-dataset';
import { findNearDuplicates } from './near-duplicates';
import type { NearDuplicate, Resemblance } from './near-duplicates';
import { recordSet } from './record-set';
import { openRecordTable } from './select-forget';
import type { SelectOptions } from './select-forget';
import type { DuplicateKind, DuplicatePolicy, NearDuplicateSpec, SourceSpec } from './source-spec';
import { textOf } from './sql';

/** Kept records that resemble a forgotten one, and what was done with them. */
export interface NearDuplicateDecision {
  /** `decided` where a list of decisions said it of some. */
  readonly policy: DuplicatePolicy | 'decided';
  /** Records to forget after the decision, sorted. */
  readonly forget: Uint32Array;
  /** One for each kept record that resembles a forgotten one, by record number. */
  readonly found: readonly NearDuplicate[];
  /** How many of them stay in the retain set. */
  readonly kept: number;
  readonly groups: readonly DuplicateGroup[];
}

/** The texts of a column, one a record. @throws UserError `column-missing`, and as reading the table does. */
export async function readTexts(source: SourceSpec, count: number, column: string, field: string, options: SelectOptions): Promise<(string | null)[]> {
  const table = await openRecordTable(source, count, `${field}.text`, options);
  try {
    const found = table.column(column, `${field}.text`);
    const texts: (string | null)[] = [];
    for await (const chunk of table.each([textOf(found)])) {
      chunk.visitColumnValues(0, (value) => texts.push(value === null ? null : String(value)));
    }
    return texts;
  } finally {
    table.close();
  }
}

/**
 * What a request calls near, for a search.
 * @param texts Of a column, one a record.
 * @throws UserError `not-images`.
 */
export async function resemblancesOf({ tolerance, imageBits, text }: Omit<NearDuplicateSpec, 'policy'>, { featureShape }: Pick<Dataset, 'featureShape'>, texts: (column: string) => Promise<readonly (string | null)[]>, field: string): Promise<Resemblance[]> {
  const asked: Resemblance[] = [];
  if (tolerance !== undefined) asked.push({ kind: 'numeric', tolerance });
  if (imageBits !== undefined) {
    if (featureShape.length < 2 || featureShape.length > 3) {
      throw new UserError('not-images', `records of the shape [${featureShape.join(', ')}] are not images.`, { field: `${field}.imageBits`, remedy: 'Declare the shape of an image, such as [28, 28, 1].' });
    }
    asked.push({ kind: 'image', bits: imageBits });
  }
  if (text !== undefined) asked.push({ kind: 'text', texts: await texts(text) });
  return asked;
}

/** What a search for near duplicates needs besides the records. */
export interface NearDuplicateSearch {
  readonly source: SourceSpec;
  readonly spec: NearDuplicateSpec;
  readonly options?: SelectOptions | undefined;
  readonly field?: string | undefined;
  /** Exact copies of forgotten records: they have been decided as such. Those that are forgotten too come last where groups get their numbers, which so do not depend on that decision. */
  readonly except?: Uint32Array | undefined;
  readonly decisions?: Decisions | undefined;
}

/** What is found, with its decisions, whether or not all are made. */
export async function decideNearDuplicates(dataset: SourceDataset, forget: Uint32Array, { source, spec, options = {}, field = 'nearDuplicates', except, decisions = new Decisions([], dataset.count) }: NearDuplicateSearch): Promise<Decided & { readonly found: readonly NearDuplicate[] }> {
  const byRecord = new Map<number, NearDuplicate & { readonly kind: DuplicateKind }>();
  const exact = new Set(except);
  const ordered = Uint32Array.from([...forget.filter((record) => !exact.has(record)), ...forget.filter((record) => exact.has(record))]);
  for (const resemblance of await resemblancesOf(spec, dataset, (column) => readTexts(source, dataset.count, column, field, options), field)) {
    for (const found of await findNearDuplicates(dataset, ordered, resemblance)) if (!byRecord.has(found.record) && !exact.has(found.record)) byRecord.set(found.record, { ...found, kind: resemblance.kind });
  }
  const sorted = [...byRecord.values()].sort((a, b) => a.record - b.record);
  const groups = new Map<string, { kind: DuplicateKind; group: number; records: number[] }>();
  for (const { record, of, kind } of sorted) {
    const group = groups.get(`${kind} ${of}`);
    if (group === undefined) groups.set(`${kind} ${of}`, { kind, group: of, records: [record] });
    else group.records.push(record);
  }
  return { ...decisions.decide([...groups.values()], spec.policy), found: sorted.map(({ record, of }) => ({ record, of })) };
}

/**
 * Finds kept records that resemble a forgotten one and applies the request's decisions.
 * @param forget Records to forget, sorted.
 * @throws UserError `near-duplicate-in-retain` where neither a decision nor the policy says what to do with one, `forget-everything`,
 * `not-images`, and as reading the table does.
 */
export async function resolveNearDuplicates(dataset: SourceDataset, forget: Uint32Array, search: NearDuplicateSearch): Promise<NearDuplicateDecision> {
  const { spec: { policy }, field = 'nearDuplicates' } = search;
  const { found, groups, forgotten, kept, undecided, listed } = await decideNearDuplicates(dataset, forget, search);
  const open = new Set(undecided.flatMap(({ records }) => records));
  if (open.size > 0) {
    const shown = found.filter(({ record }) => open.has(record)).slice(0, 5).map(({ record, of }) => `${record} resembles ${of}`).join(', ') + (open.size > 5 ? ', …' : '');
    throw new UserError('near-duplicate-in-retain', open.size === 1 ? `1 of the records that would be kept resembles a record to forget (record ${shown}).` : `${open.size} of the records that would be kept resemble a record to forget (record ${shown}).`, { field, remedy: `Set "${field}.policy" to "forget" or "keep". Or decide group by group: ${howToDecide}` });
  }
  const all = recordSet([...forget, ...forgotten]);
  if (all.length === dataset.count) throw new UserError('forget-everything', 'with the records that resemble them, all records would be forgotten.', { field, remedy: `Ask for a closer resemblance in "${field}", set its policy to "keep", or decide group by group; to forget everything, delete the model.` });
  return { policy: listed ? 'decided' : policy, forget: all, found, kept: kept.length, groups };
}
