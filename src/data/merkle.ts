import { createHash } from 'node:crypto';

/** Hashes of RFC 6962, section 2.1: leaves and inner nodes begin differently, so that neither can pass for the other. */
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** SHA-256(0x00 ‖ data). */
export function leafHash(...data: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(leafPrefix);
  for (const part of data) hash.update(part);
  return new Uint8Array(hash.digest());
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(nodePrefix).update(left).update(right).digest());
}

/** One level up: pairs become their node, a last one without a partner moves up as it is. Equal to the recursive split of the RFC. */
function parents(hashes: readonly Uint8Array[]): Uint8Array[] {
  const level: Uint8Array[] = [];
  for (let index = 0; index < hashes.length; index += 2) {
    const left = hashes[index];
    const right = hashes[index + 1];
    if (left !== undefined) level.push(right === undefined ? left : nodeHash(left, right));
  }
  return level;
}

/** A Merkle tree over leaf hashes. */
export class MerkleTree {
  private readonly levels: (readonly Uint8Array[])[];

  constructor(leaves: readonly Uint8Array[]) {
    let level = leaves;
    this.levels = [level];
    while (level.length > 1) {
      level = parents(level);
      this.levels.push(level);
    }
  }

  /** Merkle tree hash (RFC 6962, section 2.1); of no leaves, the hash of the empty string. */
  root(): Uint8Array {
    return this.levels.at(-1)?.[0] ?? new Uint8Array(createHash('sha256').digest());
  }

  /** Audit path of a leaf (RFC 6962, section 2.1.1): the hashes that lead from it to the root, lowest first. @throws RangeError if there is no such leaf. */
  path(index: number): Uint8Array[] {
    const size = this.levels[0]?.length ?? 0;
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`leaf ${index} of ${size}`);
    return this.levels.flatMap((level, height) => {
      const sibling = level[Math.floor(index / 2 ** height) ^ 1];
      return sibling === undefined || level.length === 1 ? [] : [sibling];
    });
  }
}
