import { createHash } from 'node:crypto';
import { areBytes } from './features';
import type { RawFeatures } from './features';

/** Bytes of a record's digest. */
export const digestSize = 32;

/** How the canonical content of a record begins: which encoding its features have. */
const featuresAsBytes = 1;
const featuresAsFloat32 = 4;
const kinds = { class: 0, value: 1 } as const;

/** Returns how many bytes were written. */
function writeFeatures(target: DataView, values: RawFeatures): number {
  if (areBytes(values)) {
    target.setUint8(0, featuresAsBytes);
    new Uint8Array(target.buffer).set(values, 1);
    return 1 + values.length;
  }
  target.setUint8(0, featuresAsFloat32);
  for (let index = 0; index < values.length; index++) target.setFloat32(1 + 4 * index, values[index] ?? NaN, true);
  return 1 + 4 * values.length;
}

/**
 * Hashes records with SHA-256 by their canonical content: one byte for the encoding of the features, the raw features as bytes where all are
 * integers from 0 to 255 and as little-endian float32 otherwise, one byte for the kind of label, the label as four little-endian bytes.
 * The encoding depends on the values alone, so the same record has the same digest whatever file it came from.
 */
export class RecordHasher {
  private readonly buffer: DataView;
  private readonly labelKind: keyof typeof kinds;

  constructor(featureCount: number, labelKind: keyof typeof kinds) {
    this.buffer = new DataView(new ArrayBuffer(1 + 4 * featureCount + 5));
    this.labelKind = labelKind;
  }

  digest(features: RawFeatures, label: number): Uint8Array {
    const length = writeFeatures(this.buffer, features);
    this.buffer.setUint8(length, kinds[this.labelKind]);
    if (this.labelKind === 'class') this.buffer.setInt32(length + 1, label, true);
    else this.buffer.setFloat32(length + 1, label, true);
    return createHash('sha256').update(new Uint8Array(this.buffer.buffer, 0, length + 5)).digest();
  }
}
