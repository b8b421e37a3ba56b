import { createHmac } from 'node:crypto';
import { digestSize } from './canonical-content';
import type { Dataset } from './dataset';
import { leafHash, MerkleTree } from './merkle';

/** What a certificate says about a set of records: nothing about any of them to whoever lacks the salts, everything to whoever has one. */
export interface SetCommitment {
  /** Merkle tree hash (RFC 6962) over the salted leaves of the records, in the order of their numbers; 32 bytes. */
  readonly root: Uint8Array;
  /** Records in the set. */
  readonly count: number;
}

/** Enough to show that one record belongs to a committed set, and nothing about any other. */
export interface InclusionProof {
  /** Position in the set, 0-based. */
  readonly index: number;
  /** Records in the set. */
  readonly size: number;
  /** Salt of this one record, 32 bytes. */
  readonly salt: Uint8Array;
  /** Digest of the record's canonical content, 32 bytes. */
  readonly digest: Uint8Array;
  /** Audit path, lowest first, 32 bytes each. */
  readonly path: readonly Uint8Array[];
}

/** HMAC-SHA256(run salt, "record" ‖ record number as 8 big-endian bytes): one secret kept with the run, an unrelated salt for each record. */
export function recordSalt(runSalt: Uint8Array, record: number): Uint8Array {
  const number = new DataView(new ArrayBuffer(8));
  number.setBigUint64(0, BigInt(record));
  return new Uint8Array(createHmac('sha256', runSalt).update('record').update(new Uint8Array(number.buffer)).digest());
}

/** Leaves are SHA-256(0x00 ‖ record salt ‖ record digest), in the order of `records`. */
async function treeOf(dataset: Dataset, records: Uint32Array, runSalt: Uint8Array): Promise<MerkleTree> {
  const digests = await dataset.digests();
  return new MerkleTree(Array.from(records, (record) => leafHash(recordSalt(runSalt, record), digests.subarray(record * digestSize, (record + 1) * digestSize))));
}

/**
 * Commits to a set of records.
 * @param records Record numbers, sorted.
 * @param runSalt 32 random bytes, kept with the run and never published.
 */
export async function commitRecords(dataset: Dataset, records: Uint32Array, runSalt: Uint8Array): Promise<SetCommitment> {
  return { root: (await treeOf(dataset, records, runSalt)).root(), count: records.length };
}

/**
 * Proves that records belong to the committed set.
 * @param records The whole set, sorted, as committed to.
 * @param wanted Members of the set.
 * @throws RangeError if one of `wanted` is not in the set.
 */
export async function proveInclusion(dataset: Dataset, records: Uint32Array, runSalt: Uint8Array, wanted: Iterable<number>): Promise<InclusionProof[]> {
  const digests = await dataset.digests();
  const tree = await treeOf(dataset, records, runSalt);
  return Array.from(wanted, (record) => {
    const index = records.indexOf(record);
    return {
      index,
      size: records.length,
      salt: recordSalt(runSalt, record),
      digest: digests.slice(record * digestSize, (record + 1) * digestSize),
      path: tree.path(index),
    };
  });
}
