import { UserError } from '../error';
import { featureShape, toFeatures, toScale } from './features';
import { parseIdx } from './idx';
import { toLabels } from './labels';
import { MemoryDataset } from './memory-dataset';
import { parseNpy } from './npy';
import { parseNpz } from './npz';
import { elementCount } from './numeric-array';
import type { NumericArray, NumericValues } from './numeric-array';
import { findFile, readFileBytes } from './source-file';
import type { PathOptions, SourceFile, Where } from './source-file';
import type { ArraySource } from './source-spec';

function parse(source: ArraySource, bytes: Uint8Array, file: SourceFile, key: string | undefined, keyField: string): NumericArray {
  const where = { file: file.file, field: file.field };
  switch (source.format) {
    case 'idx': return parseIdx(bytes, where);
    case 'npy': return parseNpy(bytes, where);
    case 'npz': return parseNpz(bytes, key, where, keyField);
  }
}

/** One label a record; a row of zeros with a single one is the class of its position. */
function flattenLabels({ shape, values }: NumericArray, where: Where): NumericValues {
  const width = elementCount(shape.slice(1));
  if (width === 1) return values;
  const bad = (): UserError => new UserError('label-shape', `has the shape [${shape.join(', ')}]: one label a record is expected, or one row a record with a single 1.`, where);
  if (shape.length !== 2) throw bad();
  return Int32Array.from({ length: shape[0] ?? 0 }, (_, record) => {
    const row = values.subarray(record * width, (record + 1) * width);
    const position = row.indexOf(1);
    if (position < 0 || row.some((value, index) => value !== (index === position ? 1 : 0))) throw bad();
    return position;
  });
}

/**
 * Opens features and labels kept as arrays.
 * @throws UserError for a missing, damaged or unsuitable file; `length-mismatch` where features and labels differ in length.
 */
export async function openArraySource(source: ArraySource, field: string, options: PathOptions): Promise<MemoryDataset> {
  const featuresFile = await findFile(source.features, `${field}.features`, options);
  if (source.labels === undefined && source.format !== 'npz') {
    throw new UserError('labels-missing', 'say which file holds the labels.', { field: `${field}.labels` });
  }
  const labelsFile = source.labels === undefined ? featuresFile : await findFile(source.labels, `${field}.labels`, options);
  const bytes = await readFileBytes(featuresFile);
  const features = parse(source, bytes, featuresFile, source.featuresKey, `${field}.featuresKey`);
  const labelBytes = labelsFile === featuresFile ? bytes : await readFileBytes(labelsFile);
  const labels = parse(source, labelBytes, labelsFile, source.labelsKey, `${field}.labelsKey`);
  const count = features.shape[0] ?? 0;
  if (count === 0) throw new UserError('data-empty', 'holds no records.', { file: featuresFile.file, field: featuresFile.field });
  if (count !== (labels.shape[0] ?? 0)) {
    throw new UserError('length-mismatch', `holds ${labels.shape[0] ?? 0} labels, but there are ${count} records in ${source.features}.`, { file: labelsFile.file, field: labelsFile.field });
  }
  const shape = featureShape(source.shape, features.shape.slice(1), { field: `${field}.shape` });
  const featureCount = elementCount(shape);
  const labelsAt = { file: labelsFile.file, field: labelsFile.field };
  return new MemoryDataset({
    features: toFeatures(features.values, featureCount, { file: featuresFile.file, field: featuresFile.field }),
    labels: toLabels(flattenLabels(labels, labelsAt), source, labelsAt),
    featureShape: shape,
    scale: toScale(source.scale, featureCount, `${field}.scale`),
  });
}
