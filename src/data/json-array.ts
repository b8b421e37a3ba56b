import { UserError } from '../error';
import type { LabelArray } from './array-format';
import type { Where } from './source-file';

/**
 * Labels as a JSON array of numbers or texts.
 * @throws UserError `labels-format`.
 */
export function parseJsonArray(bytes: Uint8Array, where: Where = {}): LabelArray {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new UserError('labels-format', 'is not a file of labels: neither an IDX, NumPy or HDF5 array nor a JSON array.', { ...where, remedy: 'Save the labels as .npy, IDX or a JSON array such as [0, 3, 1].', cause });
  }
  const isLabel = (value: unknown): value is number | string | null => value === null || typeof value === 'number' || typeof value === 'string';
  if (!Array.isArray(parsed) || !parsed.every(isLabel)) throw new UserError('labels-format', 'is JSON, but not an array of numbers or texts.', { ...where, remedy: 'Write one array with a number or a text for each record: [0, 3, 1].' });
  return { shape: [parsed.length], values: parsed };
}
