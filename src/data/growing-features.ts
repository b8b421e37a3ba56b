import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { FileStore, MemoryStore } from './feature-store';
import type { FeatureStore } from './feature-store';
import { areBytes } from './features';
import type { RawFeatures } from './features';

/**
 * Opens an empty file that has no name any more: its content is gone when the process ends, however it ends.
 * Only its owner could have opened it in between.
 */
function openTemporary(): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'certified-unlearning-'));
  const descriptor = openSync(path.join(folder, 'features'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  return descriptor;
}

function writeAll(descriptor: number, values: RawFeatures): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written, bytes.length - written);
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

  append(features: Float32Array): void {
    if (this.isBytes && !areBytes(features)) this.widen();
    this.write(this.isBytes ? Uint8Array.from(features) : features);
  }

  finish(): FeatureStore {
    return new FileStore(this.descriptor, 0, this.isBytes ? 'u1' : 'f4', this.length);
  }

  private write(values: RawFeatures): void {
    writeAll(this.descriptor, values);
    this.length += values.length;
  }

  /** Bytes become float32, in another file. */
  private widen(): void {
    const wider = openTemporary();
    const block = new Uint8Array(1 << 20);
    for (let position = 0; position < this.length;) {
      const count = readSync(this.descriptor, block, 0, block.length, position);
      writeAll(wider, Float32Array.from(block.subarray(0, count)));
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

/**
 * Collects features of which nobody knows how many there will be. They stay bytes as long as all are integers from 0 to 255, so that images
 * and categories take a quarter of the memory; memory grows by doubling, and beyond a limit they go to a temporary file.
 */
export class GrowingFeatures {
  private readonly residentLimit: number;
  private values: RawFeatures = new Uint8Array(1 << 16);
  private length = 0;
  private spilled: SpilledFeatures | undefined;

  /** @param residentLimit Most bytes to keep in memory. */
  constructor(residentLimit: number) {
    this.residentLimit = residentLimit;
  }

  append(features: Float32Array): void {
    if (this.spilled !== undefined) {
      this.spilled.append(features);
      return;
    }
    if (this.values instanceof Uint8Array && !areBytes(features)) this.values = Float32Array.from(this.values);
    const needed = this.length + features.length;
    if (needed * this.values.BYTES_PER_ELEMENT > this.residentLimit) {
      this.spilled = new SpilledFeatures(this.values.subarray(0, this.length));
      this.values = new Uint8Array();
      this.spilled.append(features);
      return;
    }
    if (needed > this.values.length) this.values = grown(this.values, Math.max(needed, 2 * this.values.length));
    this.values.set(features, this.length);
    this.length = needed;
  }

  /** Everything appended. The collection must not be used afterwards. */
  finish(): FeatureStore {
    return this.spilled?.finish() ?? new MemoryStore(this.values.slice(0, this.length));
  }
}
