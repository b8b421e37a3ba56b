import { UserError } from '../error';

/** Noise on NaN is NaN: a model with one such weight can be neither trained nor certified. */
export function requireFinite(name: string, values: Float32Array, file: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new UserError('weights-not-finite', `the tensor \`${name}\` holds ${values[at] ?? NaN} at position ${at}.`, { file, remedy: 'Save the model from a training state whose weights are all finite.' });
  }
}
