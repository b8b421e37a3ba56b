import { UserError } from '../error';
import { encodeFloats, type FloatType } from './floats';

/** Noise on NaN is NaN: a model with one such weight can be neither trained nor certified. */
export function requireFinite(name: string, values: Float32Array, file: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new UserError('weights-not-finite', `the tensor \`${name}\` holds ${values[at] ?? NaN} at position ${at}.`, { file, remedy: 'Save the model from a training state whose weights are all finite.' });
  }
}

/** From half a step above the largest number on, rounding to a type gives infinity. */
const beyond: Readonly<Record<FloatType, number>> = { float16: 65_520, bfloat16: (2 - 2 ** -8) * 2 ** 127, float32: Infinity, float64: Infinity };

/**
 * Numbers as a file stores them, like `encodeFloats`, but that none may become infinite on the way.
 * @throws UserError `noise-beyond-type`
 */
export function encodeFinite(name: string, values: Float32Array, type: FloatType, file: string): Uint8Array {
  const at = values.findIndex((value) => Math.abs(value) >= beyond[type]);
  if (at >= 0) {
    throw new UserError('noise-beyond-type', `the tensor \`${name}\` came out with ${values[at] ?? NaN} at position ${at}, which is larger than ${type} can hold.`, { file, remedy: 'Use a smaller initial radius or less noise, or save the model in a wider type.' });
  }
  return encodeFloats(values, type);
}
