import { readFile } from 'node:fs/promises';
import type { TrustedKey } from '../certificate/open-bundle';
import { verifyCertificate } from '../certificate/verify';
import { commitRecords } from '../data/commitment';
import { openDataset } from '../data/open-dataset';
import { UserError } from '../error';
import { sidesOf } from './open-data';
import { findPrivateRun } from './private-run';

/** One commitment on a certificate, against the data as it is now. */
export interface CommitmentCheck {
  readonly set: 'forget' | 'retain';
  readonly holds: boolean;
  readonly detail: string;
}

/**
 * Opens the commitments to forget and retain set with the run's private salts and compares them with the data at hand: says which no
 * longer holds after rows were altered, removed or added. Throws `UserError` where certificate, private files or data cannot be read.
 */
export async function checkData(certificate: string, trustedKeys: readonly TrustedKey[]): Promise<readonly CommitmentCheck[]> {
  const bytes = await readFile(certificate);
  const { statement, signature } = await verifyCertificate(bytes, { trustedKeys });
  if (statement === undefined) {
    throw new UserError('certificate-not-verified', signature.detail, { file: certificate });
  }
  const run = await findPrivateRun(certificate, bytes);
  const dataset = await openDataset(run.request.data.train, { base: run.base, field: 'data.train' });
  const { forget, retain } = statement.predicate.data;
  const total = forget.count + retain.count;
  const check = async (set: 'forget' | 'retain', records: Uint32Array): Promise<CommitmentCheck> => {
    if (records.some((record) => record >= dataset.count)) {
      return { set, holds: false, detail: `The data has ${dataset.count} records now; there were ${total}.` };
    }
    const { root, count } = await commitRecords(dataset, records, Buffer.from(run.salts[set], 'hex'));
    const committed = statement.predicate.data[set];
    const holds = count === committed.count && Buffer.from(root).toString('hex') === committed.commitment.root;
    return { set, holds, detail: holds ? `All ${count} records are as they were.` : count === committed.count ? 'At least one record is no longer what it was.' : `There are ${count} records now; there were ${committed.count}.` };
  };
  return [await check('forget', run.forgotten), await check('retain', (await sidesOf(dataset, run.forgotten.filter((record) => record < dataset.count), run.request.data.evaluation)).retain)];
}
