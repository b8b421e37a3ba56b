import { resolve } from 'node:path';
import type { TrustedKey } from '../certificate/open-bundle';
import { recordsEqualTo } from '../data/duplicates';
import { openDataset } from '../data/open-dataset';
import { recordSet } from '../data/record-set';
import { selectForget } from '../data/select-forget';
import type { ForgetSelector } from '../data/source-spec';
import { UserError } from '../error';
import { checkCommitment, openCommittedData, type CommitmentCheck, type CommittedData } from './check-data';
import { byKey } from './write-receipt';

/** Whose records: the person's key, record numbers, an id in the one key column that the request selects by, or a table of records that they hand in. */
export type Whose = ForgetSelector | { readonly id: string } | { readonly file: string };

/** Whether records are outside the retain set that a certificate commits to. */
export interface ExclusionCheck {
  /** The commitment to the retain set against the data at hand: without it, nothing below speaks of that set. */
  readonly retain: CommitmentCheck;
  /** How many records were asked about. */
  readonly asked: number;
  /** Those of them that are in the retain set, by number; none for a file, whose records have no number. */
  readonly retained: readonly number[];
  /** Records of the retain set, by number, that have the same features and label as one of those asked about; those of `retained` among them. */
  readonly equal: readonly number[];
  /** All of it holds: none is retained, and nothing retained equals one. */
  readonly excluded: boolean;
}

/**
 * For the holder of data and salts: that records are not in the retain set of a certificate. The retain set is recomputed from the data,
 * so that it is known to be the one committed to, and then none of its records may be one of these or equal one of these.
 * @throws UserError where certificate, private files or data cannot be read, the records cannot be found, or a file is not such a table.
 */
export async function checkExclusion(certificate: string, trustedKeys: readonly TrustedKey[], whose: Whose): Promise<ExclusionCheck> {
  const committed = await openCommittedData(certificate, trustedKeys);
  const { retain: retainSet } = committed;
  const { asked, numbers, alike } = 'file' in whose ? await inFile(committed, whose.file) : await inData(committed, whose);
  const kept = new Set(retainSet);
  const retained = numbers.filter((record) => kept.has(record));
  const equal = alike.filter((record) => kept.has(record));
  const retain = await checkCommitment(committed, 'retain', retainSet);
  return { retain, asked, retained, equal, excluded: retain.holds && retained.length === 0 && equal.length === 0 };
}

interface Asked {
  readonly asked: number;
  readonly numbers: readonly number[];
  /** All records of the data with the content of one asked about. */
  readonly alike: readonly number[];
}

async function inData({ run, dataset }: CommittedData, whose: ForgetSelector | { readonly id: string }): Promise<Asked> {
  const selector = 'id' in whose ? byKey(run.request, whose.id) : whose;
  const { records } = await selectForget(run.request.data.train, dataset.count, selector, { base: run.base, workspace: run.base, sourceField: 'data.train', field: 'asked' });
  const { records: alike } = await recordsEqualTo(dataset, dataset, records);
  return { asked: records.length, numbers: Array.from(records), alike: Array.from(recordSet(alike)) };
}

async function inFile({ run, dataset }: CommittedData, file: string): Promise<Asked> {
  const source = run.request.data.train;
  if (!('path' in source) || source.format === 'images') {
    throw new UserError('not-a-table', 'records can be handed in as a file only where the data are a table', { file, remedy: 'Ask by --id or --record.' });
  }
  const handedIn = await openDataset({ ...source, path: resolve(file) }, { base: run.base, field: 'asked' });
  const { records } = await recordsEqualTo(dataset, handedIn);
  return { asked: handedIn.count, numbers: [], alike: Array.from(records) };
}
