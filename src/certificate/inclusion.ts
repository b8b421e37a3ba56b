import { createHash } from 'node:crypto';

/** That one record is under a Merkle root: its place, and the siblings on the way up. */
export interface InclusionProof {
  /** 0-based place of the leaf. */
  readonly index: number;
  /** Number of leaves. */
  readonly size: number;
  /** Hashes of 32 bytes, from the leaf's sibling upwards. */
  readonly path: readonly Uint8Array[];
}

/** Hash of a salted leaf, SHA-256(0x00 ‖ salt ‖ digest): RFC 6962 section 2.1 with the entry `salt ‖ digest`, 32 bytes each. */
export function leafHash(salt: Uint8Array, digest: Uint8Array): Uint8Array {
  if (salt.length !== 32 || digest.length !== 32) throw new RangeError('A salt and a digest have 32 bytes each.');
  return sha256(0x00, salt, digest);
}

/**
 * Whether a leaf is in the tree of the given root. Source: RFC 9162, section 2.1.3.2, for the trees of RFC 6962.
 * False for whatever does not fit, never an exception.
 */
export function verifyInclusion(leaf: Uint8Array, proof: InclusionProof, root: Uint8Array): boolean {
  const { index, size, path } = proof;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (leaf.length !== 32 || root.length !== 32 || path.some((hash) => hash.length !== 32)) return false;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = sha256(0x01, sibling, hash);
      // A right edge without sibling of its own moves up until it is a right child.
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = sha256(0x01, hash, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && Buffer.compare(hash, root) === 0;
}

function sha256(prefix: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(prefix)).update(left).update(right).digest();
}
