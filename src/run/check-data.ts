import { readFile } from 'node:fs/promises';
import type { TrustedKey } from '../certificate/open-bundle';
import type { Statement } from '../certificate/statement';
import { verifyCertificate } from '../certificate/verify';
import { commitRecords } from '../data/commitment';
import { openDataset } from '../data/open-dataset';
import type { SourceDataset } from '../data/source-dataset';
import { UserError } from '../error';
import { sidesOf } from './open-data';
import { findPrivateRun, type PrivateRun } from './private-run';

/** One commitment on a certificate, against the data as it is now. */
export interface CommitmentCheck {
  readonly set: 'forget' | 'retain';
  readonly holds: boolean;
  readonly detail: string;
}

/** A run's private files, its certificate's statement, and the data as it is now. */
export interface CommittedData {
  readonly statement: Statement;
  readonly run: PrivateRun;
  readonly dataset: SourceDataset;
  /** Sorted: the records that would be the retain set, were the data what it was. */
  readonly retain: Uint32Array;
}

/** Throws `UserError` (`certificate-not-verified`, and where certificate, private files or data cannot be read). */
export async function openCommittedData(certificate: string, trustedKeys: readonly TrustedKey[]): Promise<CommittedData> {
  const bytes = await readFile(certificate).catch((error: unknown) => {
    throw new UserError('certificate-missing', `cannot be read (${error instanceof Error ? error.message : String(error)})`, { file: certificate, remedy: 'Check the path of the certificate.' });
  });
  const { statement, signature } = await verifyCertificate(bytes, { trustedKeys });
  if (statement === undefined) {
    throw new UserError('certificate-not-verified', signature.detail, { file: certificate, remedy: 'Ask its signer for an intact copy, or trust the key that signed it if you know whose it is.' });
  }
  const run = await findPrivateRun(certificate, bytes);
  const dataset = await openDataset(run.request.data.train, { base: run.base, workspace: run.base, field: 'data.train' });
  const { retain } = await sidesOf(dataset, run.forgotten.filter((record) => record < dataset.count), run.request.data.evaluation);
  return { statement, run, dataset, retain };
}

/** Whether one commitment opens to these records of the data. */
export async function checkCommitment({ statement, run, dataset }: CommittedData, set: 'forget' | 'retain', records: Uint32Array): Promise<CommitmentCheck> {
  const { data } = statement.predicate;
  const gone = records.find((record) => record >= dataset.count);
  if (gone !== undefined) {
    return { set, holds: false, detail: `The data has ${dataset.count} records now, and no record ${gone} any more.` };
  }
  const { root, count } = await commitRecords(dataset, records, Buffer.from(run.salts[set], 'hex'));
  const committed = data[set];
  const holds = count === committed.count && Buffer.from(root).toString('hex') === committed.commitment.root;
  return { set, holds, detail: holds ? `All ${count} records are as they were.` : count === committed.count ? 'At least one record is no longer what it was, or not where it was.' : `There are ${count} records now; there were ${committed.count}.` };
}

/**
 * Opens the commitments to forget and retain set with the run's private salts and compares them with the data at hand: says which no
 * longer holds after rows were altered, removed or added. Throws `UserError` where certificate, private files or data cannot be read.
 */
export async function checkData(certificate: string, trustedKeys: readonly TrustedKey[]): Promise<readonly CommitmentCheck[]> {
  const committed = await openCommittedData(certificate, trustedKeys);
  return [await checkCommitment(committed, 'forget', committed.run.forgotten), await checkCommitment(committed, 'retain', committed.retain)];
}
