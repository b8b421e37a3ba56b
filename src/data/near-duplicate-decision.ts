import { UserError } from '../error';
import type { SourceDataset } from './source-dataset';
import { findNearDuplicates } from './near-duplicates';
import type { NearDuplicate, Resemblance } from './near-duplicates';
import { recordSet } from './record-set';
import { openRecordTable } from './select-forget';
import type { SelectOptions } from './select-forget';
import type { DuplicatePolicy, NearDuplicateSpec, SourceSpec } from './source-spec';
import { quoteName } from './sql';

/** Kept records that resemble a forgotten one, and what was done with them. */
export interface NearDuplicateDecision {
  readonly policy: DuplicatePolicy;
  /** Records to forget after the decision, sorted. */
  readonly forget: Uint32Array;
  /** One for each kept record that resembles a forgotten one, by record number. */
  readonly found: readonly NearDuplicate[];
  /** How many of them stay in the retain set. */
  readonly kept: number;
}

async function readTexts(source: SourceSpec, count: number, column: string, field: string, options: SelectOptions): Promise<(string | null)[]> {
  const table = await openRecordTable(source, count, `${field}.text`, options);
  try {
    const { name } = table.column(column, `${field}.text`);
    const texts: (string | null)[] = [];
    for await (const chunk of table.chunks(`select cast(${quoteName(name)} as varchar) from records`)) {
      chunk.visitColumnValues(0, (value) => texts.push(value === null ? null : String(value)));
    }
    return texts;
  } finally {
    table.close();
  }
}

async function resemblances(source: SourceSpec, dataset: SourceDataset, spec: NearDuplicateSpec, field: string, options: SelectOptions): Promise<Resemblance[]> {
  const asked: Resemblance[] = [];
  if (spec.tolerance !== undefined) asked.push({ kind: 'numeric', tolerance: spec.tolerance });
  if (spec.imageBits !== undefined) {
    if (dataset.featureShape.length < 2 || dataset.featureShape.length > 3) {
      throw new UserError('not-images', `records of the shape [${dataset.featureShape.join(', ')}] are not images.`, { field: `${field}.imageBits`, remedy: 'Declare the shape of an image, such as [28, 28, 1].' });
    }
    asked.push({ kind: 'image', bits: spec.imageBits });
  }
  if (spec.text !== undefined) asked.push({ kind: 'text', texts: await readTexts(source, dataset.count, spec.text, field, options) });
  return asked;
}

/**
 * Finds kept records that resemble a forgotten one and applies the request's decision.
 * @param forget Records to forget, sorted.
 * @throws UserError `near-duplicate-in-retain` for the policy `refuse`, `forget-everything`, `not-images`, and as reading the table does.
 */
export async function resolveNearDuplicates(source: SourceSpec, dataset: SourceDataset, forget: Uint32Array, spec: NearDuplicateSpec, options: SelectOptions = {}, field = 'nearDuplicates'): Promise<NearDuplicateDecision> {
  const { policy } = spec;
  const byRecord = new Map<number, NearDuplicate>();
  for (const resemblance of await resemblances(source, dataset, spec, field, options)) {
    for (const found of await findNearDuplicates(dataset, forget, resemblance)) if (!byRecord.has(found.record)) byRecord.set(found.record, found);
  }
  const found = [...byRecord.values()].sort((a, b) => a.record - b.record);
  if (found.length === 0 || policy === 'keep') return { policy, forget, found, kept: found.length };
  if (policy === 'refuse') {
    const shown = found.slice(0, 5).map(({ record, of }) => `${record} resembles ${of}`).join(', ');
    throw new UserError('near-duplicate-in-retain', `${found.length} of the records that would be kept ${found.length === 1 ? 'resembles' : 'resemble'} a record to forget (record ${shown}${found.length > 5 ? ', …' : ''}).`, { field, remedy: `Set "${field}.policy" to "forget" or "keep".` });
  }
  const all = recordSet([...forget, ...byRecord.keys()]);
  if (all.length === dataset.count) throw new UserError('forget-everything', 'with the records that resemble them, all records would be forgotten.', { field });
  return { policy, forget: all, found, kept: 0 };
}
