import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, verifyInclusion, type InclusionProof } from '../../../src/certificate/inclusion';
import { inclusionProof, merkleRoot } from './merkle-tree';

const leaves = (size: number): Uint8Array[] => Array.from({ length: size }, (_, index) => leafHash(createHash('sha256').update(`salt ${index}`).digest(), createHash('sha256').update(`record ${index}`).digest()));

describe('proofs of inclusion', () => {
  it('match the published tree of RFC 6962', () => {
    // The eight leaves and the root of the Certificate Transparency test vectors (google/certificate-transparency, merkle_tree_test).
    const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const tree = entries.map((entry) => createHash('sha256').update(Uint8Array.of(0)).update(Buffer.from(entry, 'hex')).digest());
    const root = Buffer.from('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328', 'hex');
    expect(Buffer.from(merkleRoot(tree)).equals(root)).toBe(true);
    for (const [index, leaf] of tree.entries()) expect(verifyInclusion(leaf, inclusionProof(tree, index), root)).toBe(true);
  });

  it('hold for every leaf of every tree of up to 40 leaves', () => {
    for (let size = 1; size <= 40; size++) {
      const tree = leaves(size);
      const root = merkleRoot(tree);
      for (const [index, leaf] of tree.entries()) expect(verifyInclusion(leaf, inclusionProof(tree, index), root), `${index} of ${size}`).toBe(true);
    }
  });

  it('are refused when forged, in all of 10,000 forgeries', () => {
    const trees = [1, 2, 3, 7, 8, 13, 100].map(leaves);
    let forged = 0;
    const forgery = fc.record({ tree: fc.constantFrom(...trees), place: fc.nat(), kind: fc.constantFrom('leaf', 'bit', 'index', 'size', 'drop', 'add', 'swap', 'random'), amount: fc.nat(), bytes: fc.uint8Array({ minLength: 32, maxLength: 32 }) });
    fc.assert(fc.property(forgery, ({ tree, place, kind, amount, bytes }) => {
      const index = place % tree.length;
      const leaf = tree[index] ?? bytes;
      const honest = inclusionProof(tree, index);
      const root = merkleRoot(tree);
      const step = amount % Math.max(1, honest.path.length);
      const path = (changed: readonly Uint8Array[]): InclusionProof => ({ ...honest, path: changed });
      const attempt = ((): readonly [Uint8Array, InclusionProof] => {
        switch (kind) {
          case 'leaf': return [bytes, honest];
          case 'bit': return [leaf, path(honest.path.map((hash, at) => (at === step ? hash.map((byte, i) => (i === amount % 32 ? byte ^ (1 << (amount % 8)) : byte)) : hash)))];
          case 'index': return [leaf, { ...honest, index: index + 1 + (amount % 200) }];
          // Another size can describe the same way up, and is then the same claim about the same root: only sizes with another number of levels are forgeries.
          case 'size': return [leaf, { ...honest, size: tree.length * 4 + (amount % 1000) }];
          case 'drop': return [leaf, path(honest.path.filter((_, at) => at !== step))];
          case 'add': return [leaf, path([...honest.path.slice(0, step), bytes, ...honest.path.slice(step)])];
          case 'swap': return [leaf, path(honest.path.toReversed())];
          case 'random': return [leaf, path(honest.path.map(() => bytes))];
        }
      })();
      if (attempt[0] === leaf && same(attempt[1], honest)) return;
      forged++;
      expect(verifyInclusion(attempt[0], attempt[1], root)).toBe(false);
    }), { numRuns: 14_000 });
    expect(forged).toBeGreaterThan(10_000);
  });

  it('do not go on above the top of the tree', () => {
    const [leaf, sibling] = leaves(2);
    if (leaf === undefined || sibling === undefined) throw new Error('two leaves');
    const above = createHash('sha256').update(Uint8Array.of(1)).update(sibling).update(leaf).digest();
    expect(verifyInclusion(leaf, { index: 0, size: 1, path: [sibling] }, above)).toBe(false);
  });

  it('never throw for what does not fit', () => {
    const [leaf] = leaves(1);
    const root = randomBytes(32);
    if (leaf === undefined) throw new Error('no leaf');
    for (const [index, size] of [[-1, 1], [1, 1], [0.5, 1], [0, 0], [Number.NaN, 3], [0, Number.POSITIVE_INFINITY], [2 ** 60, 2 ** 61]] as const) {
      expect(verifyInclusion(leaf, { index, size, path: [root] }, root)).toBe(false);
    }
    expect(verifyInclusion(leaf.slice(1), { index: 0, size: 1, path: [] }, leaf.slice(1))).toBe(false);
    expect(verifyInclusion(leaf, { index: 0, size: 2, path: [new Uint8Array(31)] }, root)).toBe(false);
  });
});

function same(a: InclusionProof, b: InclusionProof): boolean {
  const hex = (proof: InclusionProof): string => proof.path.map((hash) => Buffer.from(hash).toString('hex')).join();
  return a.index === b.index && a.size === b.size && hex(a) === hex(b);
}
