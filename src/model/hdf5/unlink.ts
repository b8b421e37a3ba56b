import { Superblock } from './superblock';

/** Whether groups of the file are of the kind that links can be removed from here: files of superblock 0 and 1, as Keras writes them. */
export function hasSymbolTables(bytes: Uint8Array): boolean {
  return (bytes[8] ?? 255) <= 1;
}

/**
 * Removes a link from the root group of an HDF5 file. The library in use cannot delete links.
 * The object that the link named stays in the file, unreachable; its data must be overwritten first.
 */
export class SymbolTable extends Superblock {
  readonly #tree: number;
  readonly #names: number;

  /** @throws RangeError where the root group is not a symbol table of 8-byte addresses */
  constructor(bytes: Uint8Array) {
    super(bytes);
    const entry = this.rootEntry;
    const { tree, heap } = this.view.getUint32(entry + 16, true) === 1
      ? { tree: this.pointer(entry + 24), heap: this.pointer(entry + 32) }
      : this.#symbolTableMessage(this.rootHeader);
    this.#tree = tree;
    this.#names = this.heapData(heap);
  }

  /** Takes the entry out of its node, in place. */
  unlink(name: string): void {
    for (const node of this.symbolNodes(this.#tree, 0)) {
      const count = this.view.getUint16(node + 6, true);
      const first = node + 8;
      for (let index = 0; index < count; index += 1) {
        const entry = first + index * 40;
        if (this.nameAt(this.#names, entry) !== name) continue;
        if (count === 1) throw new RangeError('a symbol table node may not become empty');
        this.bytes.copyWithin(entry, entry + 40, first + count * 40);
        this.bytes.fill(0, first + (count - 1) * 40, first + count * 40);
        this.view.setUint16(node + 6, count - 1, true);
        return;
      }
    }
    throw new RangeError(`the root group has no link ${name}`);
  }

  /** A version 1 object header holds the addresses in the message of type 17. */
  #symbolTableMessage(header: number): { tree: number; heap: number } {
    const end = header + 16 + this.view.getUint32(header + 8, true);
    for (let message = header + 16; message + 8 <= end; message += 8 + this.view.getUint16(message + 2, true)) {
      if (this.view.getUint16(message, true) === 17) return { tree: this.pointer(message + 8), heap: this.pointer(message + 16) };
    }
    throw new RangeError('the root group has no symbol table');
  }
}
