/**
 * Removes a link from the root group of an HDF5 file with the oldest, and by far the most common, kind of group: a symbol table.
 * The library in use cannot delete links. Layout: HDF5 File Format Specification 3.0, sections II.A (superblock versions 0 and 1),
 * III.A (version 1 B-trees), III.B (symbol table nodes) and III.D (local heaps).
 * The object that the link named stays in the file, unreachable; its data must be overwritten first.
 */
export class SymbolTable {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #base: number;
  readonly #tree: number;
  readonly #heapData: number;

  /** @throws RangeError where the root group is not a symbol table of 8-byte addresses */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = bytes[8] ?? 255;
    if (version > 1 || bytes[13] !== 8 || bytes[14] !== 8) throw new RangeError(`superblock version ${version} keeps its root group in another way`);
    const fields = version === 0 ? 24 : 28;
    this.#base = this.#address(fields);
    const rootEntry = fields + 32;
    const { tree, heap } = this.#view.getUint32(rootEntry + 16, true) === 1
      ? { tree: this.#pointer(rootEntry + 24), heap: this.#pointer(rootEntry + 32) }
      : this.#symbolTableMessage(this.#pointer(rootEntry + 8));
    this.#tree = tree;
    this.#expect(heap, 'HEAP');
    this.#heapData = this.#pointer(heap + 24);
  }

  /** Takes the entry out of its node, in place. */
  unlink(name: string): void {
    for (const node of this.#leaves(this.#tree, 0)) {
      const count = this.#view.getUint16(node + 6, true);
      const first = node + 8;
      for (let index = 0; index < count; index += 1) {
        const entry = first + index * 40;
        if (this.#name(entry) !== name) continue;
        if (count === 1) throw new RangeError('a symbol table node may not become empty');
        this.#bytes.copyWithin(entry, entry + 40, first + count * 40);
        this.#bytes.fill(0, first + (count - 1) * 40, first + count * 40);
        this.#view.setUint16(node + 6, count - 1, true);
        return;
      }
    }
    throw new RangeError(`the root group has no link ${name}`);
  }

  *#leaves(node: number, depth: number): Generator<number> {
    if (depth > 16) throw new RangeError('the B-tree of the root group is deeper than any real one');
    this.#expect(node, 'TREE');
    const level = this.#bytes[node + 5] ?? 0;
    const count = this.#view.getUint16(node + 6, true);
    for (let index = 0; index < count; index += 1) {
      const child = this.#pointer(node + 24 + 8 + index * 16);
      if (level > 0) yield* this.#leaves(child, depth + 1);
      else {
        this.#expect(child, 'SNOD');
        yield child;
      }
    }
  }

  /** A version 1 object header holds the addresses in the message of type 17. */
  #symbolTableMessage(header: number): { tree: number; heap: number } {
    const end = header + 16 + this.#view.getUint32(header + 8, true);
    for (let message = header + 16; message + 8 <= end; message += 8 + this.#view.getUint16(message + 2, true)) {
      if (this.#view.getUint16(message, true) === 17) return { tree: this.#pointer(message + 8), heap: this.#pointer(message + 16) };
    }
    throw new RangeError('the root group has no symbol table');
  }

  #name(entry: number): string {
    const start = this.#heapData + this.#address(entry);
    return new TextDecoder().decode(this.#bytes.subarray(start, this.#bytes.indexOf(0, start)));
  }

  #expect(at: number, magic: string): void {
    const found = String.fromCharCode(...this.#bytes.subarray(at, at + 4));
    if (found !== magic) throw new RangeError(`expected ${magic} at byte ${at}`);
  }

  #pointer(at: number): number {
    return this.#base + this.#address(at);
  }

  #address(at: number): number {
    return Number(this.#view.getBigUint64(at, true));
  }
}
