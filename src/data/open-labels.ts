import { classesOf, imageTable } from './image-source';
import { toLabels } from './labels';
import type { RawLabel } from './labels';
import { openDataset } from './open-dataset';
import type { OpenOptions } from './open-dataset';
import type { Labelled } from './preview';
import { findFiles } from './source-file';
import type { ImageSource, SourceSpec, TableSource } from './source-spec';
import { quoteName } from './sql';
import { Table } from './table';
import { tableFiles } from './table-format';
import { labelExpression } from './table-source';

async function readColumn(table: Table, expression: string): Promise<RawLabel[]> {
  const labels: RawLabel[] = [];
  for await (const chunk of table.each([expression])) {
    chunk.visitColumnValues(0, (value) => labels.push(typeof value === 'number' || typeof value === 'string' ? value : null));
  }
  return labels;
}

async function openTable(source: TableSource | ImageSource, field: string, options: OpenOptions): Promise<Table> {
  if (source.format === 'images') return Table.open((await imageTable(source, field, options)).origin, options);
  return Table.open(await tableFiles(await findFiles(source.path, `${field}.path`, options), source.format, { ...source, asText: true }), options);
}

/**
 * How many records there are, and their labels, without reading features where that can be avoided: what a preview needs.
 * @throws UserError as opening the records does.
 */
export async function openLabels(source: SourceSpec, options: OpenOptions = {}): Promise<Labelled> {
  const field = options.field ?? 'data';
  if (!('path' in source)) return openDataset(source, options);
  const table = await openTable(source, field, options);
  try {
    const column = table.column(source.label ?? 'label', `${field}.label`);
    const raw = await readColumn(table, source.format === 'images' ? `cast(${quoteName(column.name)} as varchar)` : labelExpression(source, column));
    const classes = source.format === 'images' ? classesOf(source, raw) : source.classes;
    const labels = toLabels(raw, { ...source, classes }, { ...table.where, field: `${field}.label` });
    return { count: labels.length, labels, classCount: labels instanceof Int32Array ? labels.reduce((most, label) => Math.max(most, label + 1), 0) : undefined };
  } finally {
    table.close();
  }
}

/** How many records a table of any kind has, where its labels cannot be told yet. @throws UserError as opening it does. */
export async function countRecords(source: SourceSpec, options: OpenOptions = {}): Promise<number> {
  if (!('path' in source)) return (await openDataset(source, options)).count;
  const table = await openTable(source, options.field ?? 'data', options);
  try {
    return await table.count();
  } finally {
    table.close();
  }
}
