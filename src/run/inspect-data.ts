import { inspectArrays, inspectLabels } from '../data/inspect-arrays';
import { inspectImages } from '../data/inspect-images';
import { inspectTable, type TableSummary } from '../data/inspect-table';
import { findFile, findFiles } from '../data/source-file';
import type { ArraySource, ImageSource, TableSource } from '../data/source-spec';
import { tableNames } from '../data/table-names';
import { UserError } from '../error';
import type { DataReport, InspectDataParameters } from '../protocol/data-report';
import type { ErrorData } from '../protocol/engine-protocol';
import { draftSource } from '../request/draft-source';
import { errorDataOf } from './errors-over-rpc';

/** More columns than this are not listed one by one. */
const mostColumns = 2000;

interface Place {
  readonly field: string;
  readonly base: string;
  readonly workspace: string;
}

/** Collects what is wrong with one part while the others go on. */
class Problems {
  readonly found: ErrorData[] = [];

  async unless<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.found.push(errorDataOf(error));
      return undefined;
    }
  }
}

/** What is really in the files that a source names, for choosing from it. A source that says no files yet is an empty report. */
export async function inspectData({ source: value, folder, field }: InspectDataParameters): Promise<DataReport> {
  const empty: DataReport = { table: undefined, tables: undefined, features: undefined, labels: undefined, image: undefined, problems: [] };
  const source = draftSource(value);
  if (source === undefined) return empty;
  const place = { field, base: folder, workspace: folder };
  const problems = new Problems();
  const found = source.format === 'images' ? await imagesOf(source, place, problems) : 'path' in source ? await tableOf(source, place, problems) : await arraysOf(source, place, problems);
  return { ...empty, ...found, problems: problems.found };
}

function listed({ rows, columns }: Omit<TableSummary, 'format'>): NonNullable<DataReport['table']> {
  return { rows, columns: columns.slice(0, mostColumns), more: Math.max(0, columns.length - mostColumns) };
}

async function imagesOf(source: ImageSource, { field, ...options }: Place, problems: Problems): Promise<Partial<DataReport>> {
  const found = await problems.unless(inspectImages(source, field, { ...options, statistics: true }));
  return found === undefined ? {} : { table: listed(found), image: found.shape };
}

async function tableOf(source: TableSource, { field, ...options }: Place, problems: Problems): Promise<Partial<DataReport>> {
  const tables = source.format === 'duckdb' || source.format === 'sqlite' ? await problems.unless(namesOf(source.path, source.format, { field, ...options })) : undefined;
  if (problems.found.length > 0) return {};
  const { format, delimiter } = source;
  const found = await problems.unless(inspectTable(source.path, { ...options, format, delimiter, table: source.table, field: `${field}.path`, statistics: true }));
  return { tables, ...(found === undefined ? {} : { table: listed(found) }) };
}

async function namesOf(path: TableSource['path'], format: 'duckdb' | 'sqlite', { field, ...options }: Place): Promise<string[]> {
  const [file] = await findFiles(path, `${field}.path`, options);
  return file === undefined ? [] : tableNames(file, format);
}

async function arraysOf(source: ArraySource, { field, ...options }: Place, problems: Problems): Promise<Partial<DataReport>> {
  const features = await problems.unless(findFiles(source.features, `${field}.features`, options).then((files) => inspectArrays(files, source.format)));
  const { labels: paths, records } = source;
  const labels = paths === undefined ? undefined : await problems.unless(findFiles(paths, `${field}.labels`, options).then(inspectLabels));
  const table = records === undefined ? undefined : await problems.unless(findFile(records, `${field}.records`, options).then(() => inspectTable(records, { ...options, field: `${field}.records`, statistics: true })));
  return { features, labels, table: table && listed(table) };
}
