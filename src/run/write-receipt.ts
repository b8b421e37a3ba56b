import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Signer } from '../certificate/keys';
import type { TrustedKey } from '../certificate/open-bundle';
import { createReceipt, verifyReceipt, type ReceiptInput } from '../certificate/receipt';
import { receiptPage } from '../certificate/receipt-page';
import { verifyCertificate } from '../certificate/verify';
import { proveInclusion } from '../data/commitment';
import type { Dataset } from '../data/dataset';
import { openDataset } from '../data/open-dataset';
import { Selector, selectForget } from '../data/select-forget';
import type { ForgetSelector } from '../data/source-spec';
import { UserError } from '../error';
import type { Language } from '../language';
import type { Request } from '../request/schema';
import { findPrivateRun, type PrivateRun } from './private-run';

export interface ReceiptOptions {
  readonly signer: Signer;
  readonly trustedKeys: readonly TrustedKey[];
  /** Whose records: the person's key, record numbers, or an id in the one key column that the request selects by. */
  readonly whose: ForgetSelector | { readonly id: string };
  /** Of the page in plain words; English unless given. */
  readonly language?: Language | undefined;
}

export interface WrittenReceipt {
  readonly receipt: Uint8Array;
  /** The same in plain words, in Markdown. */
  readonly page: string;
  readonly records: number;
}

/**
 * Makes the receipt of one person: that their records were in the forget set of this certificate. Needs the private files of the run and
 * the data as it was. Throws `UserError` (`not-forgotten` where a record of theirs was not forgotten, and those of finding run and data).
 */
export async function writeReceipt(certificate: string, { signer, trustedKeys, whose, language }: ReceiptOptions): Promise<WrittenReceipt> {
  const bytes = await readFile(certificate).catch((error: unknown) => {
    throw new UserError('certificate-missing', `cannot be read (${error instanceof Error ? error.message : String(error)})`, { file: certificate, remedy: 'Check the path of the certificate.' });
  });
  const run = await findPrivateRun(certificate, bytes);
  const source = run.request.data.train;
  const dataset = await openDataset(source, { base: run.base, workspace: run.base, field: 'data.train' });
  const theirs = await selectForget(source, dataset.count, 'id' in whose ? byKey(run.request, whose.id) : whose, { base: run.base, workspace: run.base, sourceField: 'data.train', field: 'receipt' }).catch(unmatched);
  const forgotten = new Set(run.forgotten);
  const left = theirs.records.find((record) => !forgotten.has(record));
  if (left !== undefined) {
    throw new UserError('not-forgotten', `record ${left} is among these, but was not forgotten`, { file: certificate, remedy: 'Ask for records that this run forgot alone; its private report lists them.' });
  }
  const records = await proveInclusion(dataset, run.forgotten, Buffer.from(run.salts.forget, 'hex'), theirs.records);
  const receipt = await createReceipt({ certificate: bytes, certificateName: basename(certificate), trustedKeys, records, request: await requestOf(theirs.records, run, dataset), issuedOn: new Date() }, signer);
  const verified = verifyReceipt(receipt, bytes, trustedKeys);
  const { statement } = await verifyCertificate(bytes, { trustedKeys });
  if (verified.receipt === undefined || verified.inclusion.status !== 'pass' || statement === undefined) {
    throw new UserError('receipt-invalid', `the receipt would not verify: ${verified.inclusion.detail}`, { file: certificate, remedy: 'Put the data back as they were when the run was made.' });
  }
  return { receipt, page: receiptPage(verified.receipt, statement, signer.fingerprint, language), records: records.length };
}

/** The first of the run's requests that selects all of these records: its reference stands on the receipt. */
async function requestOf(records: Uint32Array, { request, base }: PrivateRun, dataset: Dataset): Promise<ReceiptInput['request']> {
  const selector = new Selector(request.data.train, dataset.count, { base, workspace: base, sourceField: 'data.train', dataset });
  try {
    for (const [index, { reference, date, basis, ...how }] of (request.forget.requests ?? []).entries()) {
      const selected = new Set(await selector.select(how, `forget.requests[${index}]`));
      if (records.every((record) => selected.has(record))) return { reference, date, basis };
    }
  } finally {
    selector.close();
  }
  return undefined;
}

/** A request may allow ids that no record has; a receipt of nothing says nothing. */
function unmatched(error: unknown): never {
  if (!(error instanceof UserError && error.code === 'ids-unmatched')) throw error;
  throw new UserError(error.code, error.message, { file: error.file, remedy: 'Check the id and its column, and that the data are as they were when the run was made.', cause: error });
}

/** Selects by an id alone. Throws `UserError` `column-unknown` unless the request selects by ids of exactly one column. */
export function byKey({ forget }: Request, id: string): ForgetSelector {
  const columns = new Set([forget, ...(forget.requests ?? [])].flatMap(({ ids }) => ids?.column ?? []));
  const [column] = columns;
  if (column === undefined || columns.size > 1) {
    throw new UserError('column-unknown', 'the request does not select by one key column, so the column of the id must be named', { field: 'forget', remedy: 'Add --column NAME.' });
  }
  return { ids: { column, values: [id] } };
}
