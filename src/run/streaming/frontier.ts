import type { ByteRange } from '../../model/checkpoint/checkpoint';

/** How far a file is complete from its beginning, while its consecutive parts are finished in any order. */
export class Frontier {
  private readonly parts: readonly ByteRange[];
  private readonly finished: Uint8Array;
  private next = 0;

  constructor(parts: readonly ByteRange[]) {
    this.parts = parts;
    this.finished = new Uint8Array(parts.length);
  }

  /** @returns the end of what is complete, in bytes */
  finish(index: number): number {
    this.finished[index] = 1;
    while (this.finished[this.next] === 1) this.next += 1;
    return this.parts[this.next - 1]?.end ?? 0;
  }
}
