/**
 * The way into an HDF5 file with the oldest, and by far the most common, kind of group: a symbol table.
 * Layout: HDF5 File Format Specification 3.0, sections II.A (superblock versions 0 and 1), III.A (version 1 B-trees),
 * III.B (symbol table nodes) and III.D (local heaps).
 */
export class Superblock {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #base: number;
  /** Where the symbol table entry of the root group lies. */
  protected readonly rootEntry: number;

  /** @throws RangeError where the root group is not a symbol table of 8-byte addresses */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = bytes[8] ?? 255;
    if (version > 1 || bytes[13] !== 8 || bytes[14] !== 8) throw new RangeError(`superblock version ${version} keeps its root group in another way`);
    const fields = version === 0 ? 24 : 28;
    this.#base = this.address(fields);
    this.rootEntry = fields + 32;
  }

  /** The object header of the root group. */
  get rootHeader(): number {
    return this.pointer(this.rootEntry + 8);
  }

  /** The members of a group whose B-tree and local heap are given. */
  *members(tree: number, heap: number): Generator<{ readonly name: string; readonly header: number }> {
    const names = this.heapData(heap);
    for (const node of this.symbolNodes(tree, 0)) {
      const count = this.view.getUint16(node + 6, true);
      for (let index = 0; index < count; index += 1) {
        const entry = node + 8 + index * 40;
        yield { name: this.nameAt(names, entry), header: this.pointer(entry + 8) };
      }
    }
  }

  protected *symbolNodes(node: number, depth: number): Generator<number> {
    if (depth > 16) throw new RangeError('the B-tree of a group is deeper than any real one');
    this.expect(node, 'TREE');
    const level = this.bytes[node + 5] ?? 0;
    const count = this.view.getUint16(node + 6, true);
    for (let index = 0; index < count; index += 1) {
      const child = this.pointer(node + 24 + 8 + index * 16);
      if (level > 0) yield* this.symbolNodes(child, depth + 1);
      else {
        this.expect(child, 'SNOD');
        yield child;
      }
    }
  }

  protected heapData(heap: number): number {
    this.expect(heap, 'HEAP');
    return this.pointer(heap + 24);
  }

  /** The name of an entry of a symbol table node. */
  protected nameAt(heapData: number, entry: number): string {
    const start = heapData + this.address(entry);
    return new TextDecoder().decode(this.bytes.subarray(start, this.bytes.indexOf(0, start)));
  }

  protected expect(at: number, magic: string): void {
    const found = String.fromCharCode(...this.bytes.subarray(at, at + 4));
    if (found !== magic) throw new RangeError(`expected ${magic} at byte ${at}`);
  }

  protected pointer(at: number): number {
    return this.#base + this.address(at);
  }

  protected address(at: number): number {
    return Number(this.view.getBigUint64(at, true));
  }
}
