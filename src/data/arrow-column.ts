import {
  BIGINT, BOOLEAN, DATE, DECIMAL, DOUBLE, DuckDBDateValue, DuckDBDecimalValue, DuckDBListValue, DuckDBTimestampNanosecondsValue, DuckDBTimestampTZValue, DuckDBTimestampValue,
  FLOAT, INTEGER, LIST, SMALLINT, TIMESTAMP, TIMESTAMP_NS, TIMESTAMPTZ, TINYINT, UBIGINT, UINTEGER, USMALLINT, UTINYINT, VARCHAR,
} from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DataType, Precision, TimeUnit } from 'apache-arrow';
import type { Data, Decimal, Timestamp, Vector } from 'apache-arrow';

/** How a column of an Arrow table is kept in DuckDB. */
export interface ArrowColumnReader {
  readonly type: DuckDBType;
  /** The value of one row of a record batch; null where it is missing. */
  read(vector: Vector, row: number): DuckDBValue;
}

function valueAt(vector: Vector, row: number): unknown {
  const value: unknown = vector.get(row);
  if (value === undefined) throw new RangeError('Arrow: a column shorter than its record batch.');
  return value;
}

/**
 * How many rows a column's buffers can hold, whatever its header promises: beyond them every row would read as missing, and a promise may be
 * of more rows than any memory has. Infinity for a column that has no buffers, because all of its values are missing.
 */
export function rowsHeld(data: Data): number {
  const { type, children } = data;
  if (DataType.isNull(type)) return Infinity;
  if (DataType.isFixedSizeList(type)) return children[0] === undefined ? 0 : rowsHeld(children[0]) / Math.max(1, type.listSize);
  // Undefined where the column has no such buffer, though the library's types do not say so.
  const { valueOffsets, values } = data as { readonly valueOffsets?: { readonly length: number }; readonly values?: ArrayLike<unknown> };
  if (DataType.isUtf8View(type)) return (values?.length ?? 0) / 16;
  if (valueOffsets !== undefined) return valueOffsets.length - 1;
  if (DataType.isDecimal(type)) return (values?.length ?? 0) / (type.bitWidth / 32);
  return (values?.length ?? 0) * (DataType.isBool(type) ? 8 : 1);
}

/** Numbers, texts and Booleans are the same on both sides. */
function plain(type: DuckDBType): ArrowColumnReader {
  return { type, read: (vector, row) => valueAt(vector, row) as DuckDBValue };
}

function number(type: DataType): ArrowColumnReader | undefined {
  if (DataType.isFloat(type)) return plain(type.precision === Precision.DOUBLE ? DOUBLE : FLOAT);
  if (!DataType.isInt(type)) return undefined;
  switch (type.bitWidth) {
    case 8: return plain(type.isSigned ? TINYINT : UTINYINT);
    case 16: return plain(type.isSigned ? SMALLINT : USMALLINT);
    case 32: return plain(type.isSigned ? INTEGER : UINTEGER);
    case 64: return plain(type.isSigned ? BIGINT : UBIGINT);
  }
}

const millisecondsADay = 86_400_000;
const date: ArrowColumnReader = {
  type: DATE,
  read: (vector, row) => {
    const milliseconds = valueAt(vector, row);
    return milliseconds === null ? null : new DuckDBDateValue(Math.floor(Number(milliseconds) / millisecondsADay));
  },
};

const microseconds: Readonly<Record<TimeUnit, (value: bigint) => bigint>> = {
  [TimeUnit.SECOND]: (value) => value * 1_000_000n,
  [TimeUnit.MILLISECOND]: (value) => value * 1000n,
  [TimeUnit.MICROSECOND]: (value) => value,
  // DuckDB has no nanoseconds with a time zone and cuts them off in Parquet files as well; towards the past, also before 1970.
  [TimeUnit.NANOSECOND]: (value) => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n,
};

function timestamp({ unit, timezone }: Timestamp): ArrowColumnReader {
  const zoned = typeof timezone === 'string' && timezone !== '';
  const exact = unit === TimeUnit.NANOSECOND && !zoned;
  const convert = microseconds[unit];
  return {
    type: zoned ? TIMESTAMPTZ : exact ? TIMESTAMP_NS : TIMESTAMP,
    read: (vector, row) => {
      // As stored: the vector itself gives milliseconds in float64, which cannot hold nanoseconds.
      const [data] = vector.data;
      if (valueAt(vector, row) === null || data === undefined) return null;
      const value = (data.values as BigInt64Array)[row] ?? 0n;
      if (exact) return new DuckDBTimestampNanosecondsValue(value);
      return zoned ? new DuckDBTimestampTZValue(convert(value)) : new DuckDBTimestampValue(convert(value));
    },
  };
}

/** Most digits of DuckDB's decimals. */
const mostDigits = 38;

/** 128 bits in two's complement, the lowest 32 first. */
function decimal({ bitWidth, precision, scale }: Decimal): ArrowColumnReader | undefined {
  if (bitWidth !== 128 || precision < 1 || precision > mostDigits || scale < 0 || scale > precision) return undefined;
  return {
    type: DECIMAL(precision, scale),
    read: (vector, row) => {
      const words = valueAt(vector, row) as Uint32Array | null;
      if (words === null) return null;
      const value = BigInt.asIntN(128, words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n));
      if (value >= 10n ** BigInt(precision) || value <= -(10n ** BigInt(precision))) throw new RangeError('Arrow: a decimal of more digits than its column has.');
      return new DuckDBDecimalValue(value, precision, scale);
    },
  };
}

function list(element: DataType): ArrowColumnReader | undefined {
  const item = number(element);
  return item && {
    type: LIST(item.type),
    read: (vector, row) => {
      const items = valueAt(vector, row) as Vector | null;
      if (items !== null && items.length > (items.data as readonly Data[]).reduce((sum, data) => sum + rowsHeld(data), 0)) throw new RangeError('Arrow: a list longer than its column.');
      return items === null ? null : new DuckDBListValue(Array.from({ length: items.length }, (_, index) => item.read(items, index)));
    },
  };
}

/** A dictionary is looked up by the vector; its values are those of a column of their type. */
function simple(type: DataType): ArrowColumnReader | undefined {
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) return plain(VARCHAR);
  if (DataType.isBool(type)) return plain(BOOLEAN);
  return DataType.isDate(type) ? date : number(type);
}

/** Undefined for a type that is not supported. */
export function arrowColumnReader(type: DataType): ArrowColumnReader | undefined {
  if (DataType.isDictionary(type)) return simple(type.dictionary as DataType);
  if (DataType.isNull(type)) return plain(INTEGER); // a column without any value
  if (DataType.isTimestamp(type)) return timestamp(type);
  if (DataType.isDecimal(type)) return decimal(type);
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) return list(type.valueType as DataType);
  return simple(type);
}
