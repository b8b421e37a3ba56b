import { createHash, createHmac } from 'node:crypto';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitBytes, commitFile, commitRecords, proveInclusion, recordSalt, verifyProof } from '../../../src/data/commitment';
import type { InclusionProof } from '../../../src/data/commitment';
import { MemoryStore } from '../../../src/data/feature-store';
import { StoredDataset } from '../../../src/data/stored-dataset';
import { useFolder } from './sources';

const folder = useFolder();
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

  test('has a proof for each member and none for others', async () => {
    const commitment = await commitRecords(data, forget, runSalt);
    const proofs = await proveInclusion(data, forget, runSalt, forget);
    expect(proofs.map((proof) => verifyProof(proof, commitment))).toEqual([true, true, true]);
    await expect(proveInclusion(data, forget, runSalt, [0])).rejects.toThrow(RangeError);
  });

  test('accepts none of 10,000 forged proofs', async () => {
    const commitment = await commitRecords(data, forget, runSalt);
    const proofs = await proveInclusion(data, forget, runSalt, forget);
    const [others] = await Promise.all([proveInclusion(data, Uint32Array.of(0, 3, 4), runSalt, [0, 3, 4])]);
    const alter = (bytes: Uint8Array, at: number, by: number): Uint8Array => bytes.map((byte, index) => (index === at % bytes.length ? byte ^ by : byte));
    const forgeries: ((proof: InclusionProof, at: number, by: number) => InclusionProof)[] = [
      (proof, at, by) => ({ ...proof, digest: alter(proof.digest, at, by) }),
      (proof, at, by) => ({ ...proof, salt: alter(proof.salt, at, by) }),
      (proof, at, by) => ({ ...proof, path: proof.path.map((hash, index) => (index === at % proof.path.length ? alter(hash, at, by) : hash)) }),
      (proof, at, by) => ({ ...proof, index: (proof.index + 1 + (by % 2)) % 3, size: at % 2 === 0 ? 3 : 3 + by }),
      (proof, at) => ({ ...proof, path: at % 2 === 0 ? proof.path.slice(1) : [...proof.path, proof.digest] }),
      (_, at) => others[at % others.length] ?? expect.fail(),
    ];
    const accepted: unknown[] = [];
    let tried = 0;
    fc.assert(fc.property(fc.constantFrom(...proofs), fc.constantFrom(...forgeries), fc.nat(), fc.integer({ min: 1, max: 255 }), (proof, forge, at, by) => {
      tried++;
      const forged = forge(proof, at, by);
      if (verifyProof(forged, commitment)) accepted.push(forged);
    }), { numRuns: 10_000 });
    expect(tried).toBe(10_000);
    expect(accepted).toEqual([]);
  });

  test('gives every record a salt of its own', () => {
    const salts = Array.from({ length: 100 }, (_, record) => Buffer.from(recordSalt(runSalt, record)).toString('hex'));
    expect(new Set(salts).size).toBe(100);
  });
});

describe('a commitment to a file', () => {
  test('is HMAC-SHA256 of its content under the salt', async () => {
    // RFC 4231, test case 1: key 20 bytes of 0x0b, data "Hi There".
    const salt = new Uint8Array(20).fill(0x0b);
    const expected = 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7';
    await folder.file('model', 'Hi There');
    expect(Buffer.from(commitBytes(new TextEncoder().encode('Hi There'), salt)).toString('hex')).toBe(expected);
    expect(Buffer.from(await commitFile(path.join(folder.path, 'model'), salt)).toString('hex')).toBe(expected);
  });
});
