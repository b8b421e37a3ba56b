import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { leafHash, verifyInclusion } from '../../../src/certificate/inclusion';
import { commitRecords, proveInclusion, recordSalt } from '../../../src/data/commitment';
import { MemoryStore } from '../../../src/data/feature-store';
import { StoredDataset } from '../../../src/data/stored-dataset';

const runSalt = new Uint8Array(32).fill(7);

function dataset(features: readonly number[]): StoredDataset {
  return new StoredDataset({
    features: new MemoryStore(Uint8Array.from(features)),
    labels: new Int32Array(features.length),
    featureShape: [1],
    scale: { subtract: Float64Array.of(0), divide: Float64Array.of(1) },
  });
}

const data = dataset([10, 11, 12, 13, 14, 15, 16]);
const forget = Uint32Array.of(1, 2, 5);

describe('a commitment to a set of records', () => {
  test('is the Merkle root over salted leaves, as documented', async () => {
    const digests = Buffer.from(await data.digests());
    const hash = (...parts: readonly Uint8Array[]): Buffer => parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest();
    const leaf = (record: number): Buffer => {
      const number = Buffer.alloc(8);
      number.writeBigUInt64BE(BigInt(record));
      const salt = createHmac('sha256', runSalt).update(Buffer.concat([Buffer.from('record'), number])).digest();
      return hash(Buffer.of(0), salt, digests.subarray(32 * record, 32 * record + 32));
    };
    // Three leaves: the first two under one node, the third beside it.
    const root = hash(Buffer.of(1), hash(Buffer.of(1), leaf(1), leaf(2)), leaf(5));
    expect(await commitRecords(data, forget, runSalt)).toEqual({ root: new Uint8Array(root), count: 3 });
  });

  test('changes with the content, the set and the salt', async () => {
    const roots = await Promise.all([
      commitRecords(data, forget, runSalt),
      commitRecords(dataset([10, 11, 12, 13, 14, 99, 16]), forget, runSalt),
      commitRecords(data, Uint32Array.of(1, 2), runSalt),
      commitRecords(data, Uint32Array.of(1, 2, 6), runSalt),
      commitRecords(data, forget, new Uint8Array(32)),
    ]);
    expect(new Set(roots.map(({ root }) => Buffer.from(root).toString('hex'))).size).toBe(5);
    expect(await commitRecords(dataset([0, 11, 12, 0, 0, 15, 0]), forget, runSalt)).toEqual(roots[0]); // others do not matter
  });

  test('has a proof for each member, which the verifier of receipts accepts, and none for others', async () => {
    const { root } = await commitRecords(data, forget, runSalt);
    const proofs = await proveInclusion(data, forget, runSalt, [5, 1]);
    expect(proofs.map(({ index, size }) => [index, size])).toEqual([[2, 3], [0, 3]]);
    for (const proof of proofs) {
      expect(verifyInclusion(leafHash(proof.salt, proof.digest), proof, root)).toBe(true);
      expect(verifyInclusion(leafHash(proof.digest, proof.salt), proof, root)).toBe(false);
    }
    await expect(proveInclusion(data, forget, runSalt, [0])).rejects.toThrow(RangeError);
  });

  test('gives every record a salt of its own', () => {
    const salts = Array.from({ length: 100 }, (_, record) => Buffer.from(recordSalt(runSalt, record)).toString('hex'));
    expect(new Set(salts).size).toBe(100);
  });
});
