import type { NoiseAheadOptions } from './noise-ahead';
import { NoiseAhead } from './noise-ahead';
import type { NoiseStream } from './noise-source';

/** Short vectors, drawn many at a time on a thread of their own: handing each one over would take as long as drawing it. */
export class NoiseInBlocks implements NoiseStream {
  private readonly blocks: NoiseAhead;
  private readonly length: number;
  private block: Float32Array = new Float32Array(0);
  private end = 0;

  /** Vectors of `length`, `count` in a block. */
  constructor(length: number, count: number, options: Omit<NoiseAheadOptions, 'twice'> = {}) {
    this.blocks = new NoiseAhead(length * count, { ...options, twice: true });
    this.length = length;
  }

  next(): Float32Array | Promise<Float32Array> {
    // What was used is gone, as if its buffer had been given away.
    this.block.fill(0, Math.max(0, this.end - this.length), this.end);
    return this.end < this.block.length ? this.take() : this.turn();
  }

  close(): Promise<void> {
    this.block = new Float32Array(0);
    this.end = 0;
    return this.blocks.close();
  }

  private async turn(): Promise<Float32Array> {
    this.block = await this.blocks.next();
    this.end = 0;
    return this.take();
  }

  private take(): Float32Array {
    this.end += this.length;
    return this.block.subarray(this.end - this.length, this.end);
  }
}
