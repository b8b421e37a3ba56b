import { UserError } from '../error';
import { openFeatures, readLabels } from './array-format';
import type { LabelArray } from './array-format';
import type { FeatureStore } from './feature-store';
import { featureShape, toFeatures, toScale } from './features';
import { GrowingFeatures, residentLimitOf } from './growing-features';
import type { ResidentOptions } from './growing-features';
import { toLabels } from './labels';
import type { RawLabel } from './labels';
import { StoredDataset } from './stored-dataset';
import { elementCount } from './numeric-array';
import { findFiles } from './source-file';
import type { PathOptions, SourceFile, Where } from './source-file';
import type { ArraySource } from './source-spec';
import { requireRoom } from './temporary-file';

/** One label a record; a row of zeros with a single one is the class of its position. */
function flattenLabels({ shape, values }: LabelArray, where: Where): ArrayLike<RawLabel> {
  const width = elementCount(shape.slice(1));
  if (width === 1) return values;
  const bad = (): UserError => new UserError('label-shape', `has the shape [${shape.join(', ')}]: one label a record is expected, or one row a record with a single 1.`, { ...where, remedy: 'Save one class index or number a record, or name another array in "labelsKey".' });
  if (shape.length !== 2) throw bad();
  return Int32Array.from({ length: shape[0] ?? 0 }, (_, record) => {
    let position: number | undefined;
    for (let index = 0; index < width; index++) {
      const value = values[record * width + index];
      if (value !== 0 && (value !== 1 || position !== undefined)) throw bad();
      if (value === 1) position = index;
    }
    if (position === undefined) throw bad();
    return position;
  });
}

/** The files of the labels: for formats that may hold both, those of the features unless given. */
async function labelFiles(source: ArraySource, features: readonly SourceFile[], field: string, options: PathOptions): Promise<readonly SourceFile[]> {
  if (source.labels !== undefined) return findFiles(source.labels, `${field}.labels`, options);
  if (source.format === 'idx' || source.format === 'npy' || source.format === 'png') throw new UserError('labels-missing', 'say which file holds the labels.', { field: `${field}.labels`, remedy: `Add "labels": "FILE" to ${field}.` });
  return features;
}

function placeOf(files: readonly SourceFile[]): Where {
  return { file: files.length === 1 ? files[0]?.file : undefined, field: files[0]?.field };
}

interface Collected {
  readonly store: FeatureStore;
  /** Shape of a record. */
  readonly shape: readonly number[];
  readonly count: number;
}

/** The features of all files, one after the other, in memory or beyond a limit in a temporary file. @throws UserError of the format, `shape-mismatch` between files. */
async function collectFeatures(files: readonly SourceFile[], source: ArraySource, field: string, residentLimit: number): Promise<Collected> {
  let features: GrowingFeatures | undefined;
  let shape: readonly number[] = [];
  let count = 0;
  let offset = 0;
  for (const file of files) {
    const stream = await openFeatures(file, source.format, { key: source.featuresKey, field: `${field}.featuresKey` });
    try {
      const [records = 0, ...rest] = stream.shape;
      if (features !== undefined && rest.join() !== shape.join()) {
        throw new UserError('shape-mismatch', `its records have the shape [${rest.join(', ')}], but those of ${files[0]?.file ?? ''} have [${shape.join(', ')}].`, { file: file.file, field: file.field, remedy: 'Leave that file out of "features", or bring all of them to one shape.' });
      }
      shape = rest;
      count += records;
      if (elementCount(shape) === 0) throw new UserError('no-features', 'records have no features.', { file: file.file, field: file.field, remedy: 'Name an array in which each record has at least one number.' });
      requireRoom(count * elementCount(shape), residentLimit);
      features ??= new GrowingFeatures(residentLimit, stream.likelyLength);
      for await (const block of stream.blocks()) {
        features.append(toFeatures(block, elementCount(shape), { file: file.file, field: file.field }, offset));
        offset += block.length;
      }
    } finally {
      stream.close();
    }
  }
  return { store: (features ?? new GrowingFeatures(residentLimit)).finish(), shape, count };
}

/**
 * Opens features and labels kept as arrays.
 * @throws UserError for a missing, damaged or unsuitable file; `length-mismatch` where features and labels differ in length.
 */
export async function openArraySource(source: ArraySource, field: string, options: PathOptions & ResidentOptions): Promise<StoredDataset> {
  const featureFiles = await findFiles(source.features, `${field}.features`, options);
  const filesOfLabels = await labelFiles(source, featureFiles, field, options);
  const { store, shape: found, count } = await collectFeatures(featureFiles, source, field, residentLimitOf(options));
  const labels = await readLabels(filesOfLabels, source.format, { key: source.labelsKey, field: `${field}.labelsKey` });
  const featuresAt = placeOf(featureFiles);
  const labelsAt = placeOf(filesOfLabels);
  if (count === 0) throw new UserError('data-empty', 'holds no records.', { ...featuresAt, remedy: 'Name an array whose first dimension counts the records.' });
  if (count !== (labels.shape[0] ?? 0)) throw new UserError('length-mismatch', `holds ${labels.shape[0] ?? 0} labels, but there are ${count} records.`, { ...labelsAt, remedy: 'Name the labels of the same records, one for each, in the same order.' });
  const shape = featureShape(source.shape, found, { field: `${field}.shape` });
  return new StoredDataset({
    features: store,
    labels: toLabels(flattenLabels(labels, labelsAt), source, labelsAt),
    featureShape: shape,
    scale: toScale(source.scale, elementCount(shape), `${field}.scale`),
  });
}
