import { UserError } from '../error';
import { columnStatistics } from './column-statistics';
import type { ColumnStatistics } from './column-statistics';
import { findFiles } from './source-file';
import type { PathOptions } from './source-file';
import type { Paths } from './source-spec';
import { textOf } from './sql';
import { Table } from './table';
import type { TableOptions } from './table';
import { formatOfName, tableFiles } from './table-format';
import type { FormatOptions, TableFormat } from './table-format';

export interface ColumnSummary {
  readonly name: string;
  /** DuckDB's type: `BIGINT`, `VARCHAR`, `DOUBLE[]`. */
  readonly type: string;
  /** Whether it can be a feature as it is: numbers, or lists of them. */
  readonly numeric: boolean;
  /** The first values, as text; empty where there is none. */
  readonly samples: readonly string[];
  /** Only where statistics are asked for, and for the first columns of a wide table. */
  readonly statistics?: ColumnStatistics | undefined;
}

export interface TableSummary {
  readonly format: TableFormat;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
}

const numericType = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BOOLEAN)(\[\d*\])*$/;
const sampleRows = 5;

export interface InspectOptions {
  /** Also counts what is empty and what is different, which reads all of the table. */
  readonly statistics?: boolean | undefined;
}

/**
 * What is really in a table, for choosing columns: names, types, the first values, the number of rows.
 * @throws UserError `table-format` where neither the request nor the name of the file says its format, and as opening a table does.
 */
export async function inspectTable(path: Paths, options: PathOptions & TableOptions & FormatOptions & InspectOptions & { readonly format?: TableFormat | undefined; readonly field?: string | undefined } = {}): Promise<TableSummary> {
  const files = await findFiles(path, options.field ?? 'data.path', options);
  const format = options.format ?? formatOfName(files[0]?.file ?? '');
  if (format === undefined) throw new UserError('table-format', 'is not known to be a table.', { file: files[0]?.file, field: files[0]?.field, remedy: 'Use .csv, .tsv, .parquet, .jsonl, .arrow or .feather.' });
  const table = await Table.open(await tableFiles(files, format, options), options);
  try {
    return { format, ...(await summarizeTable(table, options)) };
  } finally {
    table.close();
  }
}

/** The same of a table that is open. @throws UserError as reading it does. */
export async function summarizeTable(table: Table, { statistics = false }: InspectOptions = {}): Promise<Omit<TableSummary, 'format'>> {
  const cells = table.columns.map(textOf).join(', ');
  const samples = await table.rows(`select ${cells} from records limit ${sampleRows}`);
  const [count] = await table.rows('select count(*) from records');
  const found = statistics ? await columnStatistics(table, Number(count?.[0])) : [];
  const columns = table.columns.map(({ name, type }, index) => ({
    name,
    type,
    numeric: numericType.test(type),
    samples: samples.map((row) => String(row[index] ?? '')),
    statistics: found[index],
  }));
  return { rows: Number(count?.[0]), columns };
}
