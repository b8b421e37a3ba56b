import { createHash } from 'node:crypto';
import type { InclusionProof } from '../../../src/certificate/inclusion';

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => createHash('sha256').update(Buffer.concat(parts)).digest();

/** The recursive definition of RFC 6962 section 2.1, as slow and as plain as it stands there. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] ?? sha256();
  const split = splitPoint(leaves.length);
  return sha256(Uint8Array.of(1), merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

/** PATH(m, D[n]) of RFC 6962 section 2.1.1. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): InclusionProof {
  return { index, size: leaves.length, path: auditPath(leaves, index) };
}

function auditPath(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const split = splitPoint(leaves.length);
  return index < split
    ? [...auditPath(leaves.slice(0, split), index), merkleRoot(leaves.slice(split))]
    : [...auditPath(leaves.slice(split), index - split), merkleRoot(leaves.slice(0, split))];
}

/** The largest power of two below `size`. */
function splitPoint(size: number): number {
  return 2 ** Math.ceil(Math.log2(size) - 1);
}
