import { areBytes } from './features';
import type { RawFeatures } from './features';

/**
 * Collects features of which nobody knows how many there will be. They stay bytes as long as all are integers from 0 to 255, so that images
 * and categories take a quarter of the memory; memory grows by doubling.
 */
export class GrowingFeatures {
  private values: RawFeatures = new Uint8Array(1 << 16);
  private length = 0;

  append(features: Float32Array): void {
    if (this.values instanceof Uint8Array && !areBytes(features)) this.values = Float32Array.from(this.values);
    const needed = this.length + features.length;
    if (needed > this.values.length) this.values = grown(this.values, Math.max(needed, 2 * this.values.length));
    this.values.set(features, this.length);
    this.length = needed;
  }

  /** Everything appended. The collection must not be used afterwards. */
  finish(): RawFeatures {
    return this.values.slice(0, this.length);
  }
}

function grown(values: RawFeatures, length: number): RawFeatures {
  const larger = values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  larger.set(values);
  return larger;
}
