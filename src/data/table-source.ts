import { UserError } from '../error';
import { featureShape, notExact, toScale } from './features';
import { residentLimitOf } from './growing-features';
import type { ResidentOptions } from './growing-features';
import { toLabels } from './labels';
import type { RawLabel } from './labels';
import { StoredDataset } from './stored-dataset';
import { findFiles } from './source-file';
import type { PathOptions } from './source-file';
import type { TableSource } from './source-spec';
import { quoteName, textOf } from './sql';
import { Table } from './table';
import type { Column, TableOptions } from './table';
import { BadCell, featureEncoders, FeatureReader } from './table-features';
import { tableFiles } from './table-format';

/** What stands in a cell that is not a number, for the message. */
async function describeCell(table: Table, { record, column }: BadCell): Promise<string> {
  const [row] = await table.at([record], [textOf(column)]);
  const cell = row?.[0] ?? null;
  return cell === null ? 'is empty (NULL)' : `is ${JSON.stringify(cell)}, not a finite number`;
}

/** The label of a record, as text where the classes are texts. */
export function labelExpression(source: TableSource, column: Column): string {
  const name = quoteName(column.name);
  const textual = source.labelKind !== 'value' && source.classes?.some((label) => typeof label === 'string') === true;
  if (textual || column.type === 'JSON') return textOf(column);
  // Text that is no number stays text, so that the message can show it.
  return column.type === 'VARCHAR' ? name : `cast(${name} as double)`;
}

/** @throws UserError `feature-precision` for the first integer beyond 2^53 that float32 would make the same as its neighbours. */
async function refuseLongIntegers(table: Table, column: Column, field: string): Promise<void> {
  let first = 0;
  for await (const chunk of table.each([`trim(${textOf(column)})`])) {
    chunk.visitColumnValues(0, (digits, row) => {
      if (typeof digits !== 'string' || !/^[+-]?[0-9]{16,39}$/.test(digits)) return;
      const value = Number(digits);
      // A float32 written in the shortest way that gives it back has other last digits than its exact value.
      const isFloat = Math.fround(value) === value && String(value) === digits;
      if (!Number.isSafeInteger(value) && !isFloat && BigInt(digits) !== BigInt(Math.fround(value))) throw notExact(`record ${first + row}, column "${column.name}"`, digits, { ...table.where, field });
    });
    first += chunk.rowCount;
  }
}

async function readRecords(table: Table, source: TableSource, field: string, options: PathOptions & ResidentOptions): Promise<StoredDataset> {
  const encoders = await featureEncoders(table, source, field, options);
  const label = table.column(source.label, `${field}.label`);
  const reader = new FeatureReader(encoders, residentLimitOf(options));
  const labels: RawLabel[] = [];
  try {
    for await (const chunk of table.each([...encoders.map(({ expression }) => expression), labelExpression(source, label)])) {
      reader.append(chunk);
      chunk.visitColumnValues(encoders.length, (value) => labels.push(typeof value === 'number' || typeof value === 'string' ? value : null));
    }
  } catch (cause) {
    if (!(cause instanceof BadCell)) throw cause;
    throw new UserError('feature-not-finite', `record ${cause.record}, column "${cause.column.name}" ${await describeCell(table, cause)}.`, { ...table.where, field: `${field}.features`, remedy: 'Correct that cell, leave the record out, or encode the column with "oneHot" or "buckets" if it holds words.' });
  }
  if (labels.length === 0) throw new UserError('data-empty', 'holds no records.', { ...table.where, remedy: 'Name a table with at least one row under its header.' });
  for (const { column, hasLarge } of encoders) if (hasLarge?.() === true) await refuseLongIntegers(table, column, `${field}.features`);
  const { featureCount } = reader;
  return new StoredDataset({
    features: reader.finish(),
    labels: toLabels(labels, source, { ...table.where, field: `${field}.label` }),
    featureShape: featureShape(source.shape, [featureCount], { ...table.where, field: `${field}.shape` }),
    scale: toScale(source.scale, featureCount, `${field}.scale`),
  });
}

/**
 * Opens features and labels kept as columns of a table. Text that spells a number counts as that number.
 * @throws UserError for a missing, damaged or unsuitable file, a column that is not there, and the first value that is no finite number.
 */
export async function openTableSource(source: TableSource, field: string, options: PathOptions & TableOptions & ResidentOptions): Promise<StoredDataset> {
  const files = await findFiles(source.path, `${field}.path`, options);
  const table = await Table.open(await tableFiles(files, source.format, { delimiter: source.delimiter, table: source.table, asText: true }), options);
  try {
    return await readRecords(table, source, field, options);
  } finally {
    table.close();
  }
}
