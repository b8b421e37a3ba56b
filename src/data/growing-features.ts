import { closeSync, readSync } from 'node:fs';
import { totalmem } from 'node:os';
import { FileStore, MemoryStore } from './feature-store';
import type { FeatureStore } from './feature-store';
import { areBytes } from './features';
import type { RawFeatures } from './features';
import { openTemporary, writeAll } from './temporary-file';

function writeFeatures(descriptor: number, values: RawFeatures): void {
  writeAll(descriptor, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** Features appended to a temporary file. */
class SpilledFeatures {
  private descriptor = openTemporary();
  private isBytes: boolean;
  private length = 0;

  constructor(first: RawFeatures) {
    this.isBytes = first instanceof Uint8Array;
    this.write(first);
  }

  append(features: RawFeatures): void {
    if (this.isBytes && !areBytes(features)) this.widen();
    this.write(this.isBytes === features instanceof Uint8Array ? features : this.isBytes ? Uint8Array.from(features) : Float32Array.from(features));
  }

  finish(): FeatureStore {
    return new FileStore(this.descriptor, 0, this.isBytes ? 'u1' : 'f4', this.length);
  }

  private write(values: RawFeatures): void {
    writeFeatures(this.descriptor, values);
    this.length += values.length;
  }

  /** Bytes become float32, in another file. */
  private widen(): void {
    const wider = openTemporary();
    const block = new Uint8Array(1 << 20);
    for (let position = 0; position < this.length;) {
      const count = readSync(this.descriptor, block, 0, block.length, position);
      writeFeatures(wider, Float32Array.from(block.subarray(0, count)));
      position += count;
    }
    closeSync(this.descriptor);
    this.descriptor = wider;
    this.isBytes = false;
  }
}

function grown(values: RawFeatures, length: number): RawFeatures {
  const larger = values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  larger.set(values);
  return larger;
}

/** How much of the features may be in memory. */
export interface ResidentOptions {
  /** Most bytes of features to keep in memory, a quarter of the machine's unless given; what is beyond goes to a temporary file. */
  readonly residentLimit?: number | undefined;
}

/** Room is made ahead for so many bytes at most, because a header may lie. */
const mostRoomAhead = 2 ** 30;

/** No array can be longer in Node 20. */
const longestArray = 2 ** 32 - 1;

export function residentLimitOf({ residentLimit }: ResidentOptions): number {
  return Math.min(residentLimit ?? totalmem() / 4, longestArray);
}

/**
 * Collects features of which nobody knows how many there will be. They stay bytes as long as all are integers from 0 to 255, so that images
 * and categories take a quarter of the memory; memory grows by doubling, and beyond a limit they go to a temporary file.
 */
export class GrowingFeatures {
  private readonly residentLimit: number;
  private values: RawFeatures = new Uint8Array(1 << 16);
  private length = 0;
  private spilled: SpilledFeatures | undefined;

  /**
   * @param residentLimit Most bytes to keep in memory.
   * @param likelyLength How many there will be, where that is known: room is made for so many bytes.
   */
  constructor(residentLimit: number, likelyLength = 0) {
    this.residentLimit = residentLimit;
    if (likelyLength > this.values.length && likelyLength <= Math.min(residentLimit, mostRoomAhead)) this.values = new Uint8Array(likelyLength);
  }

  append(features: RawFeatures): void {
    if (this.spilled !== undefined) {
      this.spilled.append(features);
      return;
    }
    if (this.values instanceof Uint8Array && !areBytes(features)) this.widen(features.length);
    const needed = this.length + features.length;
    if (needed * this.values.BYTES_PER_ELEMENT > this.residentLimit) {
      this.spilled = new SpilledFeatures(this.values.subarray(0, this.length));
      this.values = new Uint8Array();
      this.spilled.append(features);
      return;
    }
    if (needed > this.values.length) this.values = grown(this.values, Math.max(needed, Math.min(2 * this.values.length, Math.floor(this.residentLimit / this.values.BYTES_PER_ELEMENT))));
    this.values.set(features, this.length);
    this.length = needed;
  }

  /** Everything appended. The collection must not be used afterwards. */
  finish(): FeatureStore {
    return this.spilled?.finish() ?? new MemoryStore(this.length === this.values.length ? this.values : this.values.slice(0, this.length));
  }

  /** Bytes become float32, with room for as many as there was, and for what is to come, unless that is too much. */
  private widen(more: number): void {
    const room = Math.max(this.values.length, this.length + more);
    const wider = new Float32Array(room * 4 <= this.residentLimit ? room : this.length);
    wider.set(this.values.subarray(0, this.length));
    this.values = wider;
  }
}
