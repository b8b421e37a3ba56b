import { createHash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Batch, Dataset, Labels } from './dataset';
import { areBytes } from './features';
import type { RawFeatures, Scale } from './features';
import { elementCount } from './numeric-array';

/** A dataset that came from a source, with what a plan wants to know about its labels. */
export interface SourceDataset extends Dataset {
  /** All labels, in the order of the records. Not to be changed. */
  readonly labels: Labels;
  /** One more than the largest class index; undefined for values. */
  readonly classCount: number | undefined;
  /**
   * The scaling that brings every feature to mean 0 and standard deviation 1 on the given records, from their raw values; a feature that is
   * the same in all of them is only shifted. To be computed on the retain set alone: forgotten records must leave no trace in it.
   */
  standardization(records: Uint32Array): Standardization;
  /** The same records under another scaling; digests stay as they are. */
  rescaled(scaling: Standardization): SourceDataset;
}

/** One number a feature: `(raw - subtract) / divide`. */
export interface Standardization {
  readonly subtract: readonly number[];
  readonly divide: readonly number[];
}

export interface MemoryDatasetContent {
  /** Records one after the other, not scaled, finite, without negative zeros. */
  readonly features: RawFeatures;
  readonly labels: Labels;
  readonly featureShape: readonly number[];
  readonly scale: Scale;
}

const digestSize = 32;
const recordsBetweenYields = 4096;

/** How the canonical content of a record begins: which encoding its features have. */
const featuresAsBytes = 1;
const featuresAsFloat32 = 4;
const labelIsClass = 0;
const labelIsValue = 1;

/** Records held in memory in their raw form, scaled when they are read. */
export class MemoryDataset implements SourceDataset {
  readonly count: number;
  readonly featureShape: readonly number[];
  readonly labelKind: 'class' | 'value';
  readonly labels: Labels;
  readonly classCount: number | undefined;
  private readonly features: RawFeatures;
  private readonly featureCount: number;
  private readonly scale: Scale;
  private allDigests: Promise<Uint8Array> | undefined;

  constructor(content: MemoryDatasetContent) {
    this.features = content.features;
    this.labels = content.labels;
    this.featureShape = content.featureShape;
    this.scale = content.scale;
    this.count = content.labels.length;
    this.featureCount = elementCount(content.featureShape);
    this.labelKind = content.labels instanceof Int32Array ? 'class' : 'value';
    this.classCount = content.labels instanceof Int32Array ? content.labels.reduce((largest, label) => Math.max(largest, label), -1) + 1 : undefined;
    if (this.features.length !== this.count * this.featureCount) throw new RangeError('features and labels disagree');
  }

  read(records: Uint32Array): Promise<Batch> {
    const features = new Float32Array(records.length * this.featureCount);
    const labels = this.labels instanceof Int32Array ? new Int32Array(records.length) : new Float32Array(records.length);
    const { subtract, divide } = this.scale;
    let target = 0;
    for (const [position, record] of records.entries()) {
      const label = this.labels[record];
      if (label === undefined) return Promise.reject(new RangeError(`record ${record} of ${this.count}`));
      labels[position] = label;
      const start = record * this.featureCount;
      for (let feature = 0; feature < this.featureCount; feature++) {
        features[target++] = ((this.features[start + feature] ?? NaN) - (subtract[feature] ?? 0)) / (divide[feature] ?? 1);
      }
    }
    return Promise.resolve({ size: records.length, features, labels });
  }

  standardization(records: Uint32Array): Standardization {
    const mean = this.averages(records, (raw) => raw);
    const variance = this.averages(records, (raw, feature) => (raw - (mean[feature] ?? 0)) ** 2);
    return { subtract: Array.from(mean), divide: Array.from(variance, (value) => (value === 0 ? 1 : Math.sqrt(value))) };
  }

  rescaled({ subtract, divide }: Standardization): MemoryDataset {
    if (subtract.length !== this.featureCount || divide.length !== this.featureCount) throw new RangeError('the scaling belongs to other features');
    const { features, labels, featureShape } = this;
    const copy = new MemoryDataset({ features, labels, featureShape, scale: { subtract: Float64Array.from(subtract), divide: Float64Array.from(divide) } });
    copy.allDigests = this.allDigests;
    return copy;
  }

  digests(): Promise<Uint8Array> {
    this.allDigests ??= this.computeDigests();
    return this.allDigests;
  }

  /** Of each feature, the mean of `value` over the records. */
  private averages(records: Uint32Array, value: (raw: number, feature: number) => number): Float64Array {
    const sums = new Float64Array(this.featureCount);
    for (const record of records) {
      const start = record * this.featureCount;
      for (let feature = 0; feature < this.featureCount; feature++) sums[feature] = (sums[feature] ?? 0) + value(this.features[start + feature] ?? NaN, feature);
    }
    return sums.map((sum) => sum / records.length);
  }

  /**
   * Canonical content: one byte for the encoding of the features, the features as bytes where all are integers from 0 to 255 and as
   * little-endian float32 otherwise, one byte for the kind of label, the label as four little-endian bytes.
   * The encoding depends on the values alone, so the same record has the same digest whatever file it came from.
   */
  private async computeDigests(): Promise<Uint8Array> {
    const digests = new Uint8Array(this.count * digestSize);
    const buffer = new DataView(new ArrayBuffer(1 + 4 * this.featureCount + 5));
    for (let record = 0; record < this.count; record++) {
      const values = this.features.subarray(record * this.featureCount, (record + 1) * this.featureCount);
      let length = writeFeatures(buffer, values);
      buffer.setUint8(length, this.labelKind === 'class' ? labelIsClass : labelIsValue);
      if (this.labelKind === 'class') buffer.setInt32(length + 1, this.labels[record] ?? 0, true);
      else buffer.setFloat32(length + 1, this.labels[record] ?? 0, true);
      length += 5;
      digests.set(createHash('sha256').update(new Uint8Array(buffer.buffer, 0, length)).digest(), record * digestSize);
      if (record % recordsBetweenYields === recordsBetweenYields - 1) await yieldToOthers();
    }
    return digests;
  }
}

/** Returns how many bytes were written. */
function writeFeatures(target: DataView, values: RawFeatures): number {
  if (areBytes(values)) {
    target.setUint8(0, featuresAsBytes);
    new Uint8Array(target.buffer).set(values, 1);
    return 1 + values.length;
  }
  target.setUint8(0, featuresAsFloat32);
  values.forEach((value, index) => target.setFloat32(1 + 4 * index, value, true));
  return 1 + 4 * values.length;
}
