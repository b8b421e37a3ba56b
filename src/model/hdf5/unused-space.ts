import type { ByteRange } from './chunks';
import { Superblock } from './superblock';

/**
 * Overwrites with zeros whatever nothing in the file refers to any more: HDF5 does not erase what is deleted from a file, so an optimiser's state or
 * weights of an earlier day can lie there unseen. Changes the bytes in place; lengths and addresses stay.
 *
 * Layout: HDF5 File Format Specification 3.0, sections II.A (superblock), III.A.1 (B-trees), III.B (symbol table nodes), III.D (local heaps),
 * III.E (global heaps), IV.A.1.a (object headers), IV.A.2 (messages), of the oldest, and by far the most common, structure.
 * @throws RangeError where the file is structured in another way; nothing is changed then
 */
export function eraseUnused(bytes: Uint8Array): void {
  for (const { start, end } of unusedIn(bytes)) bytes.fill(0, start, end);
}

/** Whether `eraseUnused` can tell what is in use. */
export function canEraseUnused(bytes: Uint8Array): boolean {
  try {
    unusedIn(bytes);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function unusedIn(bytes: Uint8Array): readonly ByteRange[] {
  const used = new Reader(bytes).used().sort((a, b) => a.start - b.start);
  const unused: ByteRange[] = [];
  let reached = 0;
  for (const { start, end } of used) {
    if (start < 0 || end > bytes.length || end < start) throw new RangeError(`the bytes ${start} to ${end} are not in the file`);
    if (start > reached) unused.push({ start: reached, end: start });
    reached = Math.max(reached, end);
  }
  return [...unused, { start: reached, end: bytes.length }];
}

const nowhere = 2n ** 64n - 1n;
const deepest = 32;
const most = 1_000_000;

/** Messages of an object header that say where something else lies, and those that say nothing of the kind. */
const message = { nil: 0, layout: 8, attribute: 12, continuation: 16, symbolTable: 17 };
/** Dataspace, data type, fill values, filters, comment, time of change, B-tree constants. */
const selfContained = new Set([1, 3, 4, 5, 11, 13, 14, 18, 19]);
/** Of data types: whole numbers, floating point, strings of a fixed length, enumerations. */
const plain = new Set([0, 1, 3, 8]);
const variableLength = 9;

class Reader extends Superblock {
  readonly #used: ByteRange[] = [];
  readonly #visited = new Set<number>();
  /** Objects that are referred to, by the collection that holds them. */
  readonly #heapObjects = new Map<number, Set<number>>();

  used(): ByteRange[] {
    this.#use(0, this.rootEntry + 40);
    if (this.view.getBigUint64(this.rootEntry - 8, true) !== nowhere) throw new RangeError('the file is one of several');
    this.#object(this.rootHeader, 0);
    for (const [collection, objects] of this.#heapObjects) this.#globalHeap(collection, objects);
    return this.#used;
  }

  #use(start: number, length: number): void {
    if (this.#used.length > most) throw new RangeError('more parts than in any real file');
    this.#used.push({ start, end: start + length });
  }

  #object(header: number, depth: number): void {
    if (depth > deepest) throw new RangeError('groups are nested deeper than in any real file');
    if (this.#visited.has(header)) return;
    this.#visited.add(header);
    if (this.bytes[header] !== 1) throw new RangeError(`an object header of version ${this.bytes[header] ?? 0}`);
    this.#use(header, 16);
    const blocks: ByteRange[] = [{ start: header + 16, end: header + 16 + this.view.getUint32(header + 8, true) }];
    for (const { start, end } of blocks) {
      if (blocks.length > 1000) throw new RangeError('an object header that continues for ever');
      let at = start;
      for (; at + 8 <= end; at += 8 + this.view.getUint16(at + 2, true)) {
        const [type, size] = [this.view.getUint16(at, true), this.view.getUint16(at + 2, true)];
        this.#use(at, type === message.nil ? 8 : 8 + size);
        if (((this.bytes[at + 4] ?? 0) & 2) !== 0) throw new RangeError('a message that is shared');
        if (type === message.continuation) {
          const next = this.pointer(at + 8);
          blocks.push({ start: next, end: next + Number(this.view.getBigUint64(at + 16, true)) });
        } else if (type === message.symbolTable) this.#group(this.pointer(at + 8), this.pointer(at + 16), depth);
        else if (type === message.layout) this.#layout(at + 8);
        else if (type === message.attribute) this.#attribute(at + 8);
        else if (type === 3) this.#requirePlain(at + 8);
        else if (type !== message.nil && !selfContained.has(type)) throw new RangeError(`a message of type ${type}`);
      }
      if (at > end) throw new RangeError('a message that goes beyond its header');
    }
  }

  #group(tree: number, heap: number, depth: number): void {
    this.expect(heap, 'HEAP');
    this.#use(heap, 32);
    const names = this.heapData(heap);
    const size = Number(this.view.getBigUint64(heap + 8, true));
    // An empty name comes first, and free blocks say where the next one is and how long they are.
    this.#use(names, Math.min(8, size));
    let free = Number(this.view.getBigUint64(heap + 16, true));
    for (let seen = 0; free !== 1 && free < size; free = Number(this.view.getBigUint64(names + free, true)), seen += 1) {
      if (seen > 10_000) throw new RangeError('a heap whose free blocks have no end');
      this.#use(names + free, 16);
    }
    // Keys are names too: the library compares with them to find its way.
    this.#treeNodes(tree, 0, 16, 8, 0, (key) => this.#name(names + this.address(key)));
    for (const node of this.symbolNodes(tree, 0)) {
      const count = this.view.getUint16(node + 6, true);
      this.#use(node, 8 + count * 40);
      for (let entry = node + 8; entry < node + 8 + count * 40; entry += 40) {
        this.#name(names + this.address(entry));
        if (this.view.getUint32(entry + 16, true) === 2) this.#name(names + this.view.getUint32(entry + 24, true));
        else this.#object(this.pointer(entry + 8), depth + 1);
      }
    }
  }

  #name(start: number): void {
    const end = this.bytes.indexOf(0, start);
    if (end < 0) throw new RangeError('a name without an end');
    this.#use(start, end + 1 - start);
  }

  /** The part of a B-tree's nodes that is filled: as many children as it says, with a key on both sides of each. */
  #treeNodes(node: number, kind: number, pair: number, key: number, depth: number, useKey?: (at: number) => void): void {
    this.expect(node, 'TREE');
    if (depth > 16 || this.bytes[node + 4] !== kind) throw new RangeError('a B-tree of another kind');
    const count = this.view.getUint16(node + 6, true);
    this.#use(node, 24 + count * pair + key);
    for (let index = 0; index <= count; index += 1) useKey?.(node + 24 + index * pair);
    for (let index = 0; index < count; index += 1) {
      const at = node + 24 + index * pair;
      const child = this.pointer(at + key);
      if ((this.bytes[node + 5] ?? 0) > 0) this.#treeNodes(child, kind, pair, key, depth + 1, useKey);
      else if (kind === 1) this.#use(child, this.view.getUint32(at, true));
    }
  }

  #layout(at: number): void {
    const [version = 0, kind = 0, dimensions = 0] = this.bytes.subarray(at, at + 3);
    if (version !== 3 || kind > 2) throw new RangeError(`a dataset layout of version ${version}, class ${kind}`);
    // Class 0 holds the numbers in the header itself. What was never written lies nowhere.
    const address = kind === 0 ? nowhere : this.view.getBigUint64(at + (kind === 1 ? 2 : 3), true);
    if (address === nowhere) return;
    if (kind === 1) this.#use(this.pointer(at + 2), Number(this.view.getBigUint64(at + 10, true)));
    else this.#treeNodes(this.pointer(at + 3), 1, 16 + 8 * dimensions, 8 + 8 * dimensions, 0);
  }

  #requirePlain(type: number): void {
    if (!plain.has((this.bytes[type] ?? 0) & 15)) throw new RangeError('a dataset of pointers, or of a type put together from others');
  }

  /** Texts of a length of their own lie in a global heap. */
  #attribute(at: number): void {
    const version = this.bytes[at] ?? 0;
    if (version < 1 || version > 3 || (version > 1 && this.bytes[at + 1] !== 0)) throw new RangeError('an attribute whose type lies elsewhere');
    const padded = (size: number): number => (version === 1 ? 8 * Math.ceil(size / 8) : size);
    const [nameSize, typeSize, spaceSize] = [2, 4, 6].map((offset) => padded(this.view.getUint16(at + offset, true)));
    const type = at + (version === 3 ? 9 : 8) + (nameSize ?? 0);
    const space = type + (typeSize ?? 0);
    if (((this.bytes[type] ?? 0) & 15) !== variableLength) {
      this.#requirePlain(type);
      return;
    }
    if (((this.bytes[type + 1] ?? 0) & 15) !== 1) throw new RangeError('an attribute that is a list of lists');
    const [data, count] = [space + (spaceSize ?? 0), this.#elements(space)];
    for (let element = 0; element < count; element += 1) {
      const reference = data + 16 * element;
      const [length, address] = [this.view.getUint32(reference, true), this.view.getBigUint64(reference + 4, true)];
      if (length === 0 || address === 0n || address === nowhere) continue;
      const collection = this.pointer(reference + 4);
      this.#heapObjects.set(collection, (this.#heapObjects.get(collection) ?? new Set()).add(this.view.getUint32(reference + 12, true)));
    }
  }

  /** How many elements a dataspace has. */
  #elements(at: number): number {
    const [version = 0, rank = 0] = this.bytes.subarray(at, at + 2);
    if (version < 1 || version > 2 || rank > 32) throw new RangeError(`a dataspace of version ${version}`);
    if (version === 2 && this.bytes[at + 3] === 2) return 0;
    let count = 1;
    for (let dimension = 0; dimension < rank; dimension += 1) count *= this.address(at + (version === 1 ? 8 : 4) + 8 * dimension);
    if (count > most) throw new RangeError('an attribute larger than any real one');
    return count;
  }

  #globalHeap(collection: number, referred: ReadonlySet<number>): void {
    this.expect(collection, 'GCOL');
    const end = collection + this.address(collection + 8);
    this.#use(collection, 16);
    for (let at = collection + 16; at + 16 <= end;) {
      const [index, size] = [this.view.getUint16(at, true), this.address(at + 8)];
      if (index === 0 && size < 16) throw new RangeError('a free object of no size');
      this.#use(at, 16 + (referred.has(index) && index > 0 ? size : 0));
      at += index === 0 ? size : 16 + 8 * Math.ceil(size / 8);
    }
  }
}
