import { resolve } from 'node:path';
import type { TrustedKey } from '../certificate/open-bundle';
import type { Dataset } from '../data/dataset';
import { recordsEqualTo } from '../data/duplicates';
import { classNames } from '../data/image-source';
import { joinDatasets } from '../data/joined-dataset';
import { readTexts, resemblancesOf } from '../data/near-duplicate-decision';
import { findNearDuplicates } from '../data/near-duplicates';
import { openDataset } from '../data/open-dataset';
import { recordSet } from '../data/record-set';
import { selectForget } from '../data/select-forget';
import type { ForgetSelector, NearDuplicateSpec, SourceSpec } from '../data/source-spec';
import { UserError } from '../error';
import { checkCommitment, openCommittedData, type CommitmentCheck, type CommittedData } from './check-data';
import { byKey } from './write-receipt';

/** Whose records: the person's key, record numbers, an id in the one key column that the request selects by, or records that they hand in. */
export type Whose = ForgetSelector | { readonly id: string } | HandedIn;

/** Records in a file or folder of the same kind as the data. */
export interface HandedIn {
  readonly file: string;
  /** Where the data are arrays whose labels have a file of their own. */
  readonly labels?: string | undefined;
}

/** What of the retain set to look for besides what is exactly equal. */
export type Near = Omit<NearDuplicateSpec, 'policy'>;

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
  /** Records of the retain set, by number, that resemble one of those asked about and are not equal to one; undefined where they were not looked for. */
  readonly near: readonly number[] | undefined;
  /** All of it holds: none is retained, and nothing retained equals one, or resembles one where that was looked for. */
  readonly excluded: boolean;
}

/**
 * For the holder of data and salts: that records are not in the retain set of a certificate. The retain set is recomputed from the data,
 * so that it is known to be the one committed to, and then none of its records may be one of these, equal one of these, or resemble one.
 * @throws UserError where certificate, private files or data cannot be read, the records cannot be found, or a file does not fit the data.
 */
export async function checkExclusion(certificate: string, trustedKeys: readonly TrustedKey[], whose: Whose, near: Near = {}): Promise<ExclusionCheck> {
  const committed = await openCommittedData(certificate, trustedKeys);
  const { retain: retainSet, dataset } = committed;
  const asked = 'file' in whose ? await inFile(committed, whose) : await inData(committed, whose);
  const kept = new Set(retainSet);
  const retained = asked.numbers.filter((record) => kept.has(record));
  const equal = Array.from((await recordsEqualTo(dataset, asked.all, asked.which)).records).filter((record) => kept.has(record));
  const found = Object.values(near).some((value) => value !== undefined) ? await nearOf(asked, near) : undefined;
  const exact = new Set(equal);
  const close = found && Array.from(recordSet(found)).filter((record) => kept.has(record) && !exact.has(record));
  const retain = await checkCommitment(committed, 'retain', retainSet);
  return { retain, asked: asked.which.length, retained, equal, near: close, excluded: retain.holds && retained.length === 0 && equal.length === 0 && (close ?? []).length === 0 };
}

interface Asked {
  /** The data, and behind them what was handed in. */
  readonly all: Dataset;
  /** Which of them are asked about. */
  readonly which: Uint32Array;
  /** Their numbers in the data, where they have one. */
  readonly numbers: readonly number[];
  /** A column of them all. */
  texts(column: string): Promise<readonly (string | null)[]>;
}

async function nearOf(asked: Asked, near: Near): Promise<number[]> {
  const found: number[] = [];
  for (const resemblance of await resemblancesOf(near, asked.all, (column) => asked.texts(column), 'asked')) for (const { record } of await findNearDuplicates(asked.all, asked.which, resemblance)) found.push(record);
  return found;
}

function textsIn({ run, dataset }: CommittedData, column: string): Promise<(string | null)[]> {
  return readTexts(run.request.data.train, dataset.count, column, 'asked', { base: run.base, workspace: run.base, sourceField: 'data.train' });
}

async function inData(committed: CommittedData, whose: ForgetSelector | { readonly id: string }): Promise<Asked> {
  const { run, dataset } = committed;
  const selector = 'id' in whose ? byKey(run.request, whose.id) : whose;
  const { records } = await selectForget(run.request.data.train, dataset.count, selector, { base: run.base, workspace: run.base, sourceField: 'data.train', field: 'asked' });
  return { all: dataset, which: records, numbers: Array.from(records), texts: (column) => textsIn(committed, column) };
}

async function inFile(committed: CommittedData, handed: HandedIn): Promise<Asked> {
  const { run, dataset } = committed;
  const source = await sourceOf(run.request.data.train, handed, committed);
  const theirs = await openDataset(source, { base: run.base, field: 'asked' });
  return {
    all: joinDatasets(dataset, theirs),
    which: Uint32Array.from({ length: theirs.count }, (_, record) => dataset.count + record),
    numbers: [],
    texts: async (column) => [...(await textsIn(committed, column)), ...(await readTexts(source, theirs.count, column, 'asked', { base: run.base, sourceField: 'asked' }))],
  };
}

/** What was handed in, read as the data are. */
async function sourceOf(source: SourceSpec, { file, labels }: HandedIn, { run, dataset }: CommittedData): Promise<SourceSpec> {
  if (source.format === 'images') {
    const channels = source.channels ?? (dataset.featureShape[2] === 1 ? 1 : dataset.featureShape[2] === 3 ? 3 : undefined);
    return { ...source, path: resolve(file), channels, classes: await classNames(source, 'data.train', { base: run.base, workspace: run.base }) };
  }
  if ('path' in source) return { ...source, path: resolve(file) };
  if (source.labels !== undefined && labels === undefined) throw new UserError('labels-missing', 'the labels of these records are needed too: a record is its features and its label.', { file, remedy: 'Name their file by --labels.' });
  return { ...source, features: resolve(file), labels: labels === undefined ? undefined : resolve(labels), records: undefined };
}
