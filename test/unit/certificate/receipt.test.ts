import { randomBytes } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStatement } from '../../../src/certificate/create-statement';
import { leafHash, verifyInclusion } from '../../../src/certificate/inclusion';
import { createKeyPair, signerFromPem } from '../../../src/certificate/keys';
import { createReceipt, verifyReceipt, type Receipt, type ReceiptInput, type ReceiptVerification } from '../../../src/certificate/receipt';
import { MerkleTree } from '../../../src/data/merkle';
import { digest, exampleInput, forgottenLeaves, forgottenRecords, hexDigest, keys, signed, signer } from './example';
import { inclusionProof } from './merkle-tree';

const certificate = await signed(createStatement(exampleInput()));
const trustedKeys = [keys.publicKey];
const recordsAt = (...places: readonly number[]): ReceiptInput['records'] => forgottenRecords.flatMap((record, place) => (places.includes(place) ? [{ ...record, ...inclusionProof(forgottenLeaves, place) }] : []));
const input = (changes: Partial<ReceiptInput> = {}): ReceiptInput => ({ certificate, certificateName: 'mnist.unlearning-certificate.json', trustedKeys, records: recordsAt(3), issuedOn: new Date('2025-11-24T09:00:00Z'), ...changes });
const receipt = await createReceipt(input({ request: { reference: 'ticket 17', date: '2025-11-23' } }), signer);
const statuses = ({ signature, certificate: of, inclusion }: ReceiptVerification): string[] => [signature, of, inclusion].map(({ status }) => status);

async function codeOf(making: Promise<unknown>): Promise<string | undefined> {
  return making.then(() => undefined, (error: unknown) => (error as { readonly code: string }).code);
}

describe('a receipt', () => {
  it('proves that a record was forgotten, and is a Sigstore bundle like the certificate', () => {
    const verification = verifyReceipt(receipt, certificate, trustedKeys, [hexDigest('record 3')]);
    expect(statuses(verification)).toEqual(['pass', 'pass', 'pass']);
    expect(verification.inclusion.detail).toBe('The record is among the 7 that were forgotten.');
    expect(() => bundleFromJSON(JSON.parse(new TextDecoder().decode(receipt)))).not.toThrow();
  });

  it('can be for all records of one person', async () => {
    const verification = verifyReceipt(await createReceipt(input({ records: recordsAt(0, 4, 6) }), signer), certificate, trustedKeys, [hexDigest('record 4'), hexDigest('record 6')]);
    expect(verification.inclusion).toEqual({ status: 'pass', detail: 'All 3 records are among the 7 that were forgotten.' });
  });

  it('holds neither digest nor salt of anyone else', () => {
    const envelope = JSON.parse(new TextDecoder().decode(receipt)) as { readonly dsseEnvelope: { readonly payload: string } };
    const text = Buffer.from(envelope.dsseEnvelope.payload, 'base64').toString('utf8');
    for (const [place, record] of forgottenRecords.entries()) {
      expect(text.includes(Buffer.from(record.digest).toString('hex'))).toBe(place === 3);
      expect(text.includes(Buffer.from(record.salt).toString('hex'))).toBe(place === 3);
    }
  });

  it('does not speak of a record that is not on it', () => {
    expect(verifyReceipt(receipt, certificate, trustedKeys, [hexDigest('record 2')]).inclusion.status).toBe('fail');
  });

  it('is not written for a record that was not forgotten, nor for a certificate that is not genuine', async () => {
    const [record] = recordsAt(3);
    if (record === undefined) throw new Error('the example has seven records');
    expect(await codeOf(createReceipt(input({ records: [{ ...record, digest: digest('someone else') }] }), signer))).toBe('not-forgotten');
    expect(await codeOf(createReceipt(input({ records: [{ ...record, index: 2 }] }), signer))).toBe('not-forgotten');
    expect(await codeOf(createReceipt(input({ records: [] }), signer))).toBe('receipt-invalid');
    expect(await codeOf(createReceipt(input({ records: [record, record] }), signer))).toBe('receipt-invalid');
    expect(await codeOf(createReceipt(input({ trustedKeys: [] }), signer))).toBe('certificate-not-verified');
    expect(await codeOf(createReceipt(input({ certificate: receipt }), signer))).toBe('certificate-not-verified');
  });

  it('fails with another certificate, and is unknown with another key', async () => {
    const other = await signed(createStatement(exampleInput({ finishedOn: new Date('2025-11-25T08:00:00Z') })));
    expect(statuses(verifyReceipt(receipt, other, trustedKeys))).toEqual(['pass', 'fail', 'unknown']);
    expect(statuses(verifyReceipt(receipt, receipt, trustedKeys))).toEqual(['pass', 'fail', 'unknown']);
    expect(statuses(verifyReceipt(certificate, certificate, trustedKeys))).toEqual(['fail', 'unknown', 'unknown']);
    const stranger = createKeyPair();
    expect(statuses(verifyReceipt(await createReceipt(input(), signerFromPem(stranger.privateKey)), certificate, trustedKeys))).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('of a dishonest signer fails for whatever record was not forgotten', async () => {
    const honest = verifyReceipt(receipt, certificate, trustedKeys).receipt;
    if (honest === undefined) throw new Error('the receipt is readable');
    const forge = async (change: (record: Receipt['predicate']['records'][number]) => void): Promise<string[]> => {
      const forged = structuredClone(honest);
      forged.predicate.records.forEach(change);
      return statuses(verifyReceipt(await signed(forged), certificate, trustedKeys));
    };
    expect(await forge(() => undefined)).toEqual(['pass', 'pass', 'pass']);
    expect(await forge((record) => (record.digest = hexDigest('someone else')))).toEqual(['pass', 'pass', 'fail']);
    expect(await forge((record) => (record.salt = hexDigest('another salt')))).toEqual(['pass', 'pass', 'fail']);
    expect(await forge((record) => (record.index = 4))).toEqual(['pass', 'pass', 'fail']);
    expect(await forge((record) => record.path.pop())).toEqual(['pass', 'pass', 'fail']);
    expect(await forge((record) => (record.path = []))).toEqual(['pass', 'pass', 'fail']);
  });

  it('with any byte changed fails, or still says exactly the same', () => {
    const honest = verifyReceipt(receipt, certificate, trustedKeys).receipt;
    fc.assert(fc.property(fc.nat(receipt.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
      const changed = Uint8Array.from(receipt);
      changed[place] = (changed[place] ?? 0) ^ flip;
      const verification = verifyReceipt(changed, certificate, trustedKeys);
      if (verification.signature.status === 'pass') expect(verification.receipt).toEqual(honest);
      else expect(verification.inclusion.status).toBe('unknown');
    }), { numRuns: 1500 });
  });
});

describe('10,000 forged receipts', () => {
  it('are none of them accepted, though most are signed with the trusted key itself', async () => {
    const honest = verifyReceipt(receipt, certificate, trustedKeys).receipt;
    if (honest === undefined) throw new Error('the receipt is readable');
    const stranger = signerFromPem(createKeyPair().privateKey);
    const kinds = ['digest', 'salt', 'index', 'path', 'longer', 'shorter', 'other record', 'second record', 'certificate', 'stranger', 'signature'] as const;
    const hex32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    const tried = new Set<string>();
    await fc.assert(fc.asyncProperty(fc.constantFrom(...kinds), hex32, fc.nat(), async (kind, bytes, amount) => {
      tried.add(kind);
      const forged = structuredClone(honest);
      const { records: [record] } = forged.predicate;
      if (record === undefined) throw new Error('the receipt has a record');
      const place = amount % record.path.length;
      switch (kind) {
        case 'digest': record.digest = bytes; break;
        case 'salt': record.salt = bytes; break;
        case 'index': record.index = record.index === amount % 7 ? 7 : amount % 7; break;
        case 'path': record.path[place] = bytes; break;
        case 'longer': record.path.splice(place, 0, bytes); break;
        case 'shorter': record.path.splice(place, 1); break;
        case 'other record': Object.assign(record, { digest: bytes, salt: hexDigest(`salt ${amount % 7}`), index: amount % 7, path: record.path }); break;
        case 'second record': forged.predicate.records.push({ ...structuredClone(record), index: (record.index + 1 + (amount % 5)) % 7, digest: bytes }); break;
        case 'certificate': forged.subject[0].digest.sha256 = bytes; break;
        case 'stranger':
        case 'signature': break;
      }
      const file = await signed(forged, kind === 'stranger' ? stranger : signer);
      const bundle = JSON.parse(new TextDecoder().decode(file)) as { readonly dsseEnvelope: { readonly signatures: [{ sig: string }] } };
      if (kind === 'signature') {
        const signature = Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64');
        const at = 8 + (amount % (signature.length - 8));
        signature[at] = (signature[at] ?? 0) ^ (1 + (amount % 255));
        bundle.dsseEnvelope.signatures[0].sig = signature.toString('base64');
      }
      const verification = verifyReceipt(new TextEncoder().encode(JSON.stringify(bundle)), certificate, trustedKeys);
      expect(statuses(verification), kind).not.toEqual(['pass', 'pass', 'pass']);
    }), { numRuns: 10_000 });
    expect(tried.size).toBe(kinds.length);
  }, 300_000);
});

describe('the verifier of inclusion', () => {
  it('agrees with the tree that makes the commitments, which is written independently of it', () => {
    for (const size of [1, 2, 3, 5, 8, 33, 100]) {
      const leaves = Array.from({ length: size }, () => leafHash(randomBytes(32), randomBytes(32)));
      const tree = new MerkleTree(leaves);
      for (const [index, leaf] of leaves.entries()) expect(verifyInclusion(leaf, { index, size, path: tree.path(index) }, tree.root())).toBe(true);
    }
  });
});
