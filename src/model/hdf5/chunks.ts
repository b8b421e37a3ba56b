/**
 * Where the pieces of chunked datasets lie in an HDF5 file of the oldest, and by far the most common, structure: version 1 object headers,
 * symbol tables and B-trees. Layout: HDF5 File Format Specification 3.0, sections II.A, III.A.1, III.B, III.D, IV.A.1.a and IV.A.2.i.
 */
import { Superblock } from './superblock';

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const messages = { layout: 8, continuation: 16, symbolTable: 17 };
const chunked = 2;
const deepest = 32;

/**
 * The pieces of every chunked dataset, by its path from the root: `model_weights/dense/kernel:0`.
 * @throws RangeError where the file is structured in another way
 */
export function chunksOf(bytes: Uint8Array): ReadonlyMap<string, readonly ByteRange[]> {
  const file = new ObjectReader(bytes);
  const found = new Map<string, readonly ByteRange[]>();
  file.visit(file.rootHeader, '', found, 0);
  return found;
}

/** Whether `chunksOf` finds its way in the file. */
export function canFindPieces(bytes: Uint8Array): boolean {
  try {
    chunksOf(bytes);
    return true;
  } catch {
    return false;
  }
}

class ObjectReader extends Superblock {
  visit(header: number, path: string, found: Map<string, readonly ByteRange[]>, depth: number): void {
    if (depth > deepest) throw new RangeError('groups are nested deeper than in any real file');
    for (const { type, at } of this.#messages(header)) {
      if (type === messages.layout) {
        const pieces = this.#piecesOf(at);
        if (pieces !== undefined) found.set(path, pieces);
      } else if (type === messages.symbolTable) {
        for (const { name, header: member } of this.members(this.pointer(at), this.pointer(at + 8))) {
          this.visit(member, path === '' ? name : `${path}/${name}`, found, depth + 1);
        }
      }
    }
  }

  *#messages(header: number): Generator<{ readonly type: number; readonly at: number }> {
    if (this.bytes[header] !== 1) throw new RangeError(`an object header of version ${this.bytes[header] ?? 0}`);
    const blocks = [{ start: header + 16, end: header + 16 + this.view.getUint32(header + 8, true) }];
    for (let block = blocks.shift(), seen = 0; block !== undefined; block = blocks.shift(), seen += 1) {
      if (seen > 1000) throw new RangeError('an object header that continues for ever');
      for (let at = block.start; at + 8 <= block.end; at += 8 + this.view.getUint16(at + 2, true)) {
        const type = this.view.getUint16(at, true);
        if (type === messages.continuation) {
          const start = this.pointer(at + 8);
          blocks.push({ start, end: start + Number(this.view.getBigUint64(at + 16, true)) });
        } else yield { type, at: at + 8 };
      }
    }
  }

  /** Undefined for a dataset in one piece. */
  #piecesOf(layout: number): readonly ByteRange[] | undefined {
    const [version = 0, kind, dimensions = 0] = this.bytes.subarray(layout, layout + 3);
    if (version !== 3) throw new RangeError(`a dataset layout of version ${version}`);
    if (kind !== chunked) return undefined;
    // A dataset that was never written has no pieces.
    if (this.view.getBigUint64(layout + 3, true) === 2n ** 64n - 1n) return [];
    return [...this.#leaves(this.pointer(layout + 3), dimensions, 0)];
  }

  /** Keys give the size of a piece in the file and its place in the dataset, in as many numbers as there are dimensions and one more. */
  *#leaves(node: number, dimensions: number, depth: number): Generator<ByteRange> {
    this.expect(node, 'TREE');
    if (depth > 16 || this.bytes[node + 4] !== 1) throw new RangeError('a B-tree that is no index of pieces');
    const level = this.bytes[node + 5] ?? 0;
    const count = this.view.getUint16(node + 6, true);
    const key = 8 + 8 * dimensions;
    for (let index = 0; index < count; index += 1) {
      const at = node + 24 + index * (key + 8);
      const child = this.pointer(at + key);
      if (level > 0) yield* this.#leaves(child, dimensions, depth + 1);
      else yield { start: child, end: child + this.view.getUint32(at, true) };
    }
  }
}
