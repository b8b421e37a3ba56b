import { UserError } from '../error';
import { elementCount } from './numeric-array';
import type { NumericValues } from './numeric-array';
import type { Scaling } from './source-spec';
import type { Where } from './source-file';

/** Raw features, records one after the other: bytes stay bytes, everything else is float32 as the model's inputs are. */
export type RawFeatures = Uint8Array | Float32Array;

/** Whether all values are integers from 0 to 255. */
export function areBytes(values: RawFeatures): boolean {
  return values instanceof Uint8Array || values.every((value) => value >= 0 && value <= 255 && Number.isInteger(value));
}

/** Integers that float32 would change: beyond 2^24, and small enough that float64 still tells neighbours apart. */
function losesPrecision(value: number): boolean {
  return Math.fround(value) !== value && Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** Whether a value needs none of the checks below: a number other than zero, small enough to be exact in float32 if it is an integer. */
export function isPlainFeature(value: unknown): value is number {
  return typeof value === 'number' && value !== 0 && value > -16_777_216 && value < 16_777_216;
}

/** @param value A number, or the digits of one. */
export function notExact(place: string, value: number | string, where: Where): UserError {
  return new UserError('feature-precision', `${place} is ${value}, which float32 cannot hold exactly.`, { ...where, remedy: 'Subtract or divide it in the data itself, so that different values stay different.' });
}

/**
 * Checks one raw value and returns it without the sign of zero, so that equal records have equal bytes.
 * @throws UserError `feature-not-finite`, `feature-precision`; `place` names record and feature.
 */
export function checkedFeature(value: number, place: () => string, where: Where): number {
  if (!Number.isFinite(Math.fround(value))) throw new UserError('feature-not-finite', `${place()} is ${value}: features must be finite float32 numbers.`, { ...where, remedy: 'Leave out or fill in that value in the data, and do the same with all that the model was trained on.' });
  if (losesPrecision(value)) throw notExact(place(), value, where);
  return value + 0;
}

/**
 * A part of the features of an array source.
 * @param offset How many features came before it.
 * @throws UserError as `checkedFeature`.
 */
export function toFeatures(values: NumericValues, featureCount: number, where: Where, offset = 0): RawFeatures {
  if (values instanceof Uint8Array) return values;
  const features = values instanceof Float32Array ? values : new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    const place = offset + index;
    features[index] = isPlainFeature(value) ? value : checkedFeature(value, () => `record ${Math.floor(place / featureCount)}, feature ${place % featureCount}`, where);
  }
  return features;
}

/**
 * The shape of one record: as declared, else as the source has it.
 * @throws UserError `shape-mismatch`, `no-features`.
 */
export function featureShape(declared: readonly number[] | undefined, found: readonly number[], where: Where): readonly number[] {
  const have = elementCount(found);
  if (have === 0) throw new UserError('no-features', 'records have no features.', { ...where, remedy: 'Name data in which each record has at least one number.' });
  if (declared === undefined) return found.length === 0 ? [1] : found;
  const want = elementCount(declared);
  if (have !== want || declared.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new UserError('shape-mismatch', `the shape [${declared.join(', ')}] needs ${want} features, but each record has ${have}.`, { ...where, remedy: `Write a "shape" whose dimensions multiply to ${have}, or leave it out.` });
  }
  return declared;
}

/** Scaling spread out: one number a feature. */
export interface Scale {
  readonly subtract: Float64Array;
  readonly divide: Float64Array;
}

/**
 * Checks a scaling against the number of features.
 * @throws UserError `scale-length`, `scale-zero`.
 */
export function toScale(scaling: Scaling | undefined, featureCount: number, field: string): Scale {
  const spread = (given: number | readonly number[] | undefined, missing: number, name: string): Float64Array => {
    const values = typeof given === 'object' ? Float64Array.from(given) : new Float64Array(featureCount).fill(given ?? missing);
    if (values.length !== featureCount) {
      throw new UserError('scale-length', `has ${values.length} numbers, but each record has ${featureCount} features.`, { field: `${field}.${name}`, remedy: 'Give one number for all features, or exactly one a feature.' });
    }
    const bad = values.findIndex((value) => !Number.isFinite(value) || (name === 'divide' && value === 0));
    if (bad >= 0) throw new UserError('scale-zero', `cannot scale with ${values[bad] ?? NaN}.`, { field: `${field}.${name}`, remedy: 'Give finite numbers, and none that is 0 to divide by.' });
    return values;
  };
  return { subtract: spread(scaling?.subtract, 0, 'subtract'), divide: spread(scaling?.divide, 1, 'divide') };
}
