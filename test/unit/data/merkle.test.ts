import { describe, expect, test } from 'vitest';
import { verifyInclusion } from '../../../src/certificate/inclusion';
import { leafHash, MerkleTree } from '../../../src/data/merkle';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

// Leaves, roots and paths of google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc (the reference implementation of RFC 6962).
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const paths: [leaf: number, size: number, path: string[]][] = [
  [0, 1, []],
  [0, 8, ['96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7', '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4']],
  [5, 8, ['bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b', 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7']],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
];
const leaves = inputs.map((input) => leafHash(bytes(input)));

describe('the Merkle tree of RFC 6962', () => {
  test('of no leaves is the hash of the empty string', () => {
    expect(hex(new MerkleTree([]).root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test.each(roots.map((root, index) => [index + 1, root] as const))('of %i leaves has the reference root', (size, root) => {
    expect(hex(new MerkleTree(leaves.slice(0, size)).root())).toBe(root);
  });

  test.each(paths)('has the reference path for leaf %i of %i', (leaf, size, path) => {
    expect(new MerkleTree(leaves.slice(0, size)).path(leaf).map(hex)).toEqual(path);
  });

  test('proves every leaf of every size to the verifier of receipts, at its own place only', () => {
    const many = Array.from({ length: 35 }, (_, index) => leafHash(Uint8Array.of(index)));
    for (let size = 1; size <= many.length; size++) {
      const tree = new MerkleTree(many.slice(0, size));
      for (let index = 0; index < size; index++) {
        const leaf = many[index] ?? new Uint8Array();
        const path = tree.path(index);
        for (let place = 0; place < size; place++) expect(verifyInclusion(leaf, { index: place, size, path }, tree.root())).toBe(place === index);
      }
    }
  });

  test('has no path for a leaf that is not there', () => {
    for (const index of [-1, 8, 0.5]) expect(() => new MerkleTree(leaves).path(index)).toThrow(RangeError);
  });
});
