import { UserError } from '../error';
import type { Labels } from './dataset';
import type { CommonSource } from './source-spec';
import type { Where } from './source-file';

/** One label as a source holds it; null where it is missing. */
export type RawLabel = number | string | null;

const largestClass = 2 ** 31 - 1;

function show(label: RawLabel): string {
  return typeof label === 'string' ? `"${label}"` : String(label);
}

function classFinder(classes: CommonSource['classes']): (label: number | string) => number | undefined {
  if (classes === undefined) {
    return (label) => {
      const index = typeof label === 'number' ? label : label.trim() === '' ? NaN : Number(label);
      return Number.isInteger(index) && index >= 0 && index <= largestClass ? index + 0 : undefined;
    };
  }
  // Where all classes are numbers, 3 and "3.0" are the same class.
  const key = classes.every((name) => typeof name === 'number') ? Number : String;
  const indices = new Map(classes.map((name, index) => [key(name), index]));
  return (label) => indices.get(key(label));
}

/** Class indices. @throws UserError `classes-repeated`, `label-missing`, `label-unknown`, `label-not-integer`. */
function toClasses(raw: ArrayLike<RawLabel>, classes: CommonSource['classes'], where: Where): Int32Array {
  const repeated = classes?.find((name, index) => classes.indexOf(name) !== index);
  if (repeated !== undefined) throw new UserError('classes-repeated', `the classes name ${show(repeated)} twice.`, { ...where, remedy: 'Write each class once in "classes", in the order of the outputs of the model.' });
  const find = classFinder(classes);
  const labels = new Int32Array(raw.length);
  for (let record = 0; record < raw.length; record++) {
    const label = raw[record] ?? null;
    if (label === null) throw new UserError('label-missing', `record ${record} has no label.`, { ...where, remedy: 'Fill in the label of that record, or leave the record out of the data.' });
    const index = find(label);
    if (index === undefined) {
      if (classes !== undefined) throw new UserError('label-unknown', `record ${record} has the label ${show(label)}, which is not one of the classes.`, { ...where, remedy: 'Add it to "classes" if the model has an output for it; else correct the label in the data.' });
      throw new UserError('label-not-integer', `record ${record} has the label ${show(label)}, which is not a class index (0, 1, 2, …).`, { ...where, remedy: 'Name the classes in "classes", or set "labelKind" to "value" to predict numbers.' });
    }
    labels[record] = index;
  }
  return labels;
}

/** Target values. @throws UserError `label-missing`, `label-not-number`. */
function toValues(raw: ArrayLike<RawLabel>, where: Where): Float32Array {
  const labels = new Float32Array(raw.length);
  for (let record = 0; record < raw.length; record++) {
    const label = raw[record] ?? null;
    if (label === null) throw new UserError('label-missing', `record ${record} has no label.`, { ...where, remedy: 'Fill in the label of that record, or leave the record out of the data.' });
    const value = typeof label === 'number' ? label : label.trim() === '' ? NaN : Number(label);
    if (!Number.isFinite(Math.fround(value))) throw new UserError('label-not-number', `record ${record} has the label ${show(label)}, which is not a finite number.`, { ...where, remedy: 'Correct that label in the data, or set "labelKind" to "class" if labels are classes.' });
    labels[record] = value + 0; // + 0 makes -0 and 0 the same record
  }
  return labels;
}

/**
 * Labels as the loss wants them: Int32Array for classes, Float32Array for values.
 * @throws UserError naming the first record whose label is missing or is none.
 */
export function toLabels(raw: ArrayLike<RawLabel>, source: CommonSource, where: Where): Labels {
  return source.labelKind === 'value' ? toValues(raw, where) : toClasses(raw, source.classes, where);
}
