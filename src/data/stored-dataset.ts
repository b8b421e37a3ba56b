import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { digestSize, RecordHasher } from './canonical-content';
import type { Batch, Labels } from './dataset';
import type { FeatureStore } from './feature-store';
import type { RawFeatures, Scale } from './features';
import { elementCount } from './numeric-array';
import type { SourceDataset, Standardization } from './source-dataset';

export interface StoredRecords {
  readonly features: FeatureStore;
  readonly labels: Labels;
  readonly featureShape: readonly number[];
  readonly scale: Scale;
}

const blockSize = 4096;

/** Record numbers from `first` to before `end`. */
function range(first: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - first }, (_, index) => first + index);
}

/** Records with their labels in memory and their raw features in a store, scaled when they are read. */
export class StoredDataset implements SourceDataset {
  readonly count: number;
  readonly featureShape: readonly number[];
  readonly labelKind: 'class' | 'value';
  readonly labels: Labels;
  readonly classCount: number | undefined;
  private readonly features: FeatureStore;
  private readonly featureCount: number;
  private readonly scale: Scale;
  private allDigests: Promise<Uint8Array> | undefined;

  constructor({ features, labels, featureShape, scale }: StoredRecords) {
    this.features = features;
    this.labels = labels;
    this.featureShape = featureShape;
    this.scale = scale;
    this.count = labels.length;
    this.featureCount = elementCount(featureShape);
    this.labelKind = labels instanceof Int32Array ? 'class' : 'value';
    this.classCount = labels instanceof Int32Array ? labels.reduce((largest, label) => Math.max(largest, label), -1) + 1 : undefined;
    if (features.length !== this.count * this.featureCount) throw new RangeError('features and labels disagree');
  }

  async read(records: Uint32Array): Promise<Batch> {
    const outside = records.find((record) => record >= this.count);
    if (outside !== undefined) throw new RangeError(`record ${outside} of ${this.count}`);
    const raw = await this.features.gather(records, this.featureCount);
    const features = new Float32Array(raw.length);
    const { subtract, divide } = this.scale;
    for (let start = 0; start < raw.length; start += this.featureCount) {
      for (let feature = 0; feature < this.featureCount; feature++) {
        features[start + feature] = ((raw[start + feature] ?? NaN) - (subtract[feature] ?? 0)) / (divide[feature] ?? 1);
      }
    }
    const { labels } = this;
    const pick = (_: unknown, index: number): number => labels[records[index] ?? 0] ?? 0;
    const length = records.length;
    return { size: length, features, labels: labels instanceof Int32Array ? Int32Array.from({ length }, pick) : Float32Array.from({ length }, pick) };
  }

  async standardization(records: Uint32Array): Promise<Standardization> {
    const mean = await this.averages(records, (raw) => raw);
    const variance = await this.averages(records, (raw, feature) => (raw - (mean[feature] ?? 0)) ** 2);
    return { subtract: Array.from(mean), divide: Array.from(variance, (value) => (value === 0 ? 1 : Math.sqrt(value))) };
  }

  rescaled({ subtract, divide }: Standardization): StoredDataset {
    if (subtract.length !== this.featureCount || divide.length !== this.featureCount) throw new RangeError('the scaling belongs to other features');
    const { features, labels, featureShape } = this;
    const copy = new StoredDataset({ features, labels, featureShape, scale: { subtract: Float64Array.from(subtract), divide: Float64Array.from(divide) } });
    copy.allDigests = this.allDigests;
    return copy;
  }

  digests(): Promise<Uint8Array> {
    this.allDigests ??= this.computeDigests();
    return this.allDigests;
  }

  /** Calls `use` with the raw features of each record, and lets others work in between. */
  private async forEach(records: Uint32Array, use: (features: RawFeatures, record: number) => void): Promise<void> {
    for (let start = 0; start < records.length; start += blockSize) {
      const block = records.subarray(start, start + blockSize);
      const features = await this.features.gather(block, this.featureCount);
      for (const [position, record] of block.entries()) use(features.subarray(position * this.featureCount, (position + 1) * this.featureCount), record);
      await yieldToOthers();
    }
  }

  /** Of each feature, the mean of `value` over the records. */
  private async averages(records: Uint32Array, value: (raw: number, feature: number) => number): Promise<Float64Array> {
    const sums = new Float64Array(this.featureCount);
    await this.forEach(records, (features) => {
      for (let feature = 0; feature < features.length; feature++) sums[feature] = (sums[feature] ?? 0) + value(features[feature] ?? NaN, feature);
    });
    return sums.map((sum) => sum / records.length);
  }

  private async computeDigests(): Promise<Uint8Array> {
    const digests = new Uint8Array(this.count * digestSize);
    const hasher = new RecordHasher(this.featureCount, this.labelKind);
    await this.forEach(range(0, this.count), (features, record) => digests.set(hasher.digest(features, this.labels[record] ?? 0), record * digestSize));
    return digests;
  }
}
