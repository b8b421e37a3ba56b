import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { verifyReceipt } from '../../src/certificate/receipt';
import { checkData } from '../../src/run/check-data';
import { startRun } from '../../src/run/start-run';
import { writeReceipt } from '../../src/run/write-receipt';

/** After a real run of the shipped example: receipts for those forgotten, and the data compared with what was committed to. */

const { privateKey, publicKey } = createKeyPair();
const signer = signerFromPem(privateKey);
const trustedKeys = [publicKey];

let folder: string;
let certificate: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receipts-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
  ({ certificate } = await startRun(join(folder, 'forget-c17.unlearn.json'), { signer, engineEntry: join('dist', 'engine.js') }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const whose = (contributor: string): object => ({ ids: { column: 'contributor', values: [contributor] } });

describe('a receipt', () => {
  it('proves to the forgotten contributor that all 100 records were forgotten, in words too', async () => {
    const { receipt, page, records } = await writeReceipt(certificate, { signer, trustedKeys, whose: whose('c17') });
    expect(records).toBe(100);
    expect(verifyReceipt(receipt, readFileSync(certificate), trustedKeys)).toMatchObject({ signature: { status: 'pass' }, certificate: { status: 'pass' }, inclusion: { status: 'pass' } });
    expect(page).toContain('100 records of yours were among the 100');
    // e^1 = 2.71828…, rounded up.
    expect(page).toContain('2.72 times');
  });

  it('is refused to a contributor who was not forgotten', async () => {
    await expect(writeReceipt(certificate, { signer, trustedKeys, whose: whose('c18') })).rejects.toMatchObject({ code: 'not-forgotten' });
  });

  it('is refused for an id that no record has, with a remedy that a receipt knows', async () => {
    const error: unknown = await writeReceipt(certificate, { signer, trustedKeys, whose: whose('c99') }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ids-unmatched', field: undefined, remedy: expect.not.stringContaining('allowUnmatched') as unknown });
  });

  it('asks for the key column where the request does not select by one', async () => {
    await expect(writeReceipt(certificate, { signer, trustedKeys, whose: { id: 'c17' } })).rejects.toMatchObject({ code: 'column-unknown' });
  });

  it('speaks of the one record asked for, and of no other', async () => {
    const rows = readFileSync(join(folder, 'contributors.csv'), 'utf8').trim().split('\n').slice(1);
    const record = rows.findIndex((row) => row.endsWith(',c17'));
    const { receipt } = await writeReceipt(certificate, { signer, trustedKeys, whose: { rows: [record] } });
    expect(verifyReceipt(receipt, readFileSync(certificate), trustedKeys).receipt?.predicate.records).toHaveLength(1);
  });

  it('cannot be made without the private files of the run', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'receipts-'));
    cpSync(certificate, join(elsewhere, 'c.json'));
    await expect(writeReceipt(join(elsewhere, 'c.json'), { signer, trustedKeys, whose: whose('c17') })).rejects.toMatchObject({ code: 'private-run-missing' });
    rmSync(elsewhere, { recursive: true });
  });
});

describe('the data after the fact', () => {
  const labels = (): string => join(folder, 'train-labels-idx1-ubyte.gz');

  async function held(change: (bytes: Buffer) => Buffer): Promise<Record<string, boolean>> {
    const original = readFileSync(labels());
    writeFileSync(labels(), gzipSync(change(gunzipSync(original))));
    try {
      return Object.fromEntries((await checkData(certificate, trustedKeys)).map(({ set, holds }) => [set, holds]));
    } finally {
      writeFileSync(labels(), original);
    }
  }

  it('fits both commitments as long as nothing has changed', async () => {
    expect(await held((bytes) => bytes)).toEqual({ forget: true, retain: true });
  });

  it('no longer fits the commitment of the set in which a record was altered', async () => {
    const rows = readFileSync(join(folder, 'contributors.csv'), 'utf8').trim().split('\n').slice(1);
    const alter = (record: number) => (bytes: Buffer): Buffer => {
      bytes.writeUInt8((bytes.readUInt8(8 + record) + 1) % 10, 8 + record);
      return bytes;
    };
    expect(await held(alter(rows.findIndex((row) => row.endsWith(',c17'))))).toEqual({ forget: false, retain: true });
    expect(await held(alter(rows.findIndex((row) => row.endsWith(',c18'))))).toEqual({ forget: true, retain: false });
  });
});
