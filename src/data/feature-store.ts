import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { RawFeatures } from './features';

/** Raw features of records: not scaled, finite, without negative zeros. */
export interface FeatureStore {
  /** How many numbers there are in all. */
  readonly length: number;
  /**
   * The features of the given records, one after the other.
   * @param width Features of a record.
   */
  gather(records: Uint32Array, width: number): RawFeatures | Promise<RawFeatures>;
}

export class MemoryStore implements FeatureStore {
  private readonly features: RawFeatures;

  constructor(features: RawFeatures) {
    this.features = features;
  }

  get length(): number {
    return this.features.length;
  }

  gather(records: Uint32Array, width: number): RawFeatures {
    const gathered = this.features instanceof Uint8Array ? new Uint8Array(records.length * width) : new Float32Array(records.length * width);
    for (const [position, record] of records.entries()) gathered.set(this.features.subarray(record * width, (record + 1) * width), position * width);
    return gathered;
  }
}

export type StoredElement = 'u1' | 'f4';

const readAt = promisify(read);

/** Features in a file: bytes, or float32 in the byte order of this machine. The file stays open as long as the process lives. */
export class FileStore implements FeatureStore {
  readonly length: number;
  private readonly descriptor: number;
  private readonly start: number;
  private readonly element: StoredElement;

  /** @param start Where in the file the first number is, in bytes. */
  constructor(descriptor: number, start: number, element: StoredElement, length: number) {
    this.descriptor = descriptor;
    this.start = start;
    this.element = element;
    this.length = length;
  }

  async gather(records: Uint32Array, width: number): Promise<RawFeatures> {
    const size = this.element === 'u1' ? 1 : 4;
    const bytes = new Uint8Array(records.length * width * size);
    for (let first = 0, last = 0; first < records.length; first = last) {
      // Neighbours in the file are read at once.
      for (last = first + 1; last < records.length && records[last] === (records[last - 1] ?? NaN) + 1;) last++;
      await this.fill(bytes.subarray(first * width * size, last * width * size), this.start + (records[first] ?? 0) * width * size);
    }
    return this.element === 'u1' ? bytes : new Float32Array(bytes.buffer);
  }

  private async fill(target: Uint8Array, position: number): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      const { bytesRead } = await readAt(this.descriptor, target, filled, target.length - filled, position + filled);
      if (bytesRead === 0) throw new Error('the file of features has become shorter');
      filled += bytesRead;
    }
  }
}
