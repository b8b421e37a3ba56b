import { TextDecoder } from 'node:util';

/**
 * The SQLite database file format, as far as reading whole tables needs it (https://www.sqlite.org/fileformat2.html; sections in brackets).
 * Whatever does not fit throws a RangeError: the caller says that the file is damaged.
 */

/** A value of a cell; blobs are given by their size only. */
export type SqliteValue = null | number | bigint | string | { readonly blobSize: number };

export interface SqliteRow {
  readonly rowid: bigint;
  readonly values: readonly SqliteValue[];
}

const magic = 'SQLite format 3\0';
const headerSize = 100;
const encodings: Readonly<Record<number, string>> = { 1: 'utf-8', 2: 'utf-16le', 3: 'utf-16be' };
const interiorTable = 0x05;
const leafTable = 0x0d;

export function isSqlite(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, magic.length)).toString('latin1') === magic;
}

export class SqliteFile {
  private readonly bytes: Buffer;
  private readonly pageSize: number;
  /** Page size less what is reserved at its end. */
  private readonly usable: number;
  private readonly decoder: TextDecoder;

  constructor(bytes: Uint8Array) {
    if (!isSqlite(bytes)) throw new RangeError('not an SQLite file');
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const size = this.bytes.readUInt16BE(16);
    this.pageSize = size === 1 ? 65_536 : size;
    this.usable = this.pageSize - this.bytes.readUInt8(20);
    if (this.pageSize < 512 || this.usable < 480 || this.bytes.length % this.pageSize !== 0) throw new RangeError('pages do not fit the file');
    this.decoder = new TextDecoder(encodings[this.bytes.readUInt32BE(56)] ?? 'utf-8', { fatal: true });
  }

  /** Rows of the table whose tree begins at a page, in the order of their rowids (1.5, 1.6). */
  *rows(rootPage: number): Generator<SqliteRow> {
    const pending = [rootPage];
    const visited = new Set<number>();
    for (let page = pending.pop(); page !== undefined; page = pending.pop()) {
      if (visited.has(page)) throw new RangeError(`page ${page} is in the tree twice`);
      visited.add(page);
      const start = this.pageStart(page);
      const header = start + (page === 1 ? headerSize : 0);
      const kind = this.bytes.readUInt8(header);
      const cells = this.bytes.readUInt16BE(header + 3);
      if (kind === leafTable) {
        for (let cell = 0; cell < cells; cell++) yield this.row(start, start + this.bytes.readUInt16BE(header + 8 + 2 * cell));
      } else if (kind === interiorTable) {
        pending.push(this.bytes.readUInt32BE(header + 8));
        for (let cell = cells - 1; cell >= 0; cell--) pending.push(this.bytes.readUInt32BE(start + this.bytes.readUInt16BE(header + 12 + 2 * cell)));
      } else {
        throw new RangeError(`page ${page} is not of a table`);
      }
    }
  }

  private pageStart(page: number): number {
    if (page < 1 || page * this.pageSize > this.bytes.length) throw new RangeError(`there is no page ${page}`);
    return (page - 1) * this.pageSize;
  }

  private row(pageStart: number, offset: number): SqliteRow {
    const [length, afterLength] = readVarint(this.bytes, offset);
    const [rowid, start] = readVarint(this.bytes, afterLength);
    return { rowid: BigInt.asIntN(64, rowid), values: this.record(this.payload(pageStart, start, Number(length))) };
  }

  /** The bytes of a record, those on overflow pages too (1.5, "X", "M" and "K"). */
  private payload(pageStart: number, start: number, length: number): Buffer {
    const largest = this.usable - 35;
    if (length <= largest) return this.slice(start, length, pageStart + this.pageSize);
    if (length > this.bytes.length) throw new RangeError('a record is longer than the file');
    const least = Math.floor(((this.usable - 12) * 32) / 255) - 23;
    const fitting = least + ((length - least) % (this.usable - 4));
    const local = fitting <= largest ? fitting : least;
    const parts = [this.slice(start, local, pageStart + this.pageSize)];
    let rest = length - local;
    for (let page = this.bytes.readUInt32BE(start + local); rest > 0;) {
      const overflow = this.pageStart(page);
      const size = Math.min(rest, this.usable - 4);
      parts.push(this.slice(overflow + 4, size, overflow + this.pageSize));
      page = this.bytes.readUInt32BE(overflow);
      rest -= size;
    }
    return Buffer.concat(parts);
  }

  private slice(start: number, length: number, end: number): Buffer {
    if (start + length > end) throw new RangeError('a record does not fit its page');
    return this.bytes.subarray(start, start + length);
  }

  /** Values of a record (2.1). */
  private record(payload: Buffer): SqliteValue[] {
    const [headerLength, first] = readVarint(payload, 0);
    const values: SqliteValue[] = [];
    let body = Number(headerLength);
    for (let offset = first; offset < Number(headerLength);) {
      const [type, next] = readVarint(payload, offset);
      const size = sizeOf(Number(type));
      if (body + size > payload.length) throw new RangeError('a value does not fit its record');
      values.push(this.value(payload, body, Number(type), size));
      body += size;
      offset = next;
    }
    return values;
  }

  private value(payload: Buffer, offset: number, type: number, size: number): SqliteValue {
    if (type === 0) return null;
    if (type === 5) return payload.readIntBE(offset, 6);
    if (type === 6) return payload.readBigInt64BE(offset);
    if (type === 7) return payload.readDoubleBE(offset);
    if (type === 8 || type === 9) return type - 8;
    if (type < 12) return payload.readIntBE(offset, size);
    return type % 2 === 0 ? { blobSize: size } : this.decoder.decode(payload.subarray(offset, offset + size));
  }
}

/** Bytes of a value by its serial type (2.1). */
function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  const size = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type];
  if (size === undefined) throw new RangeError(`serial type ${type}`);
  return size;
}

/** A number of one to nine bytes, seven bits each but for the last of nine (1.6); and where it ends. */
function readVarint(bytes: Buffer, offset: number): [value: bigint, end: number] {
  let value = 0n;
  for (let index = 0; index < 8; index++) {
    const byte = bytes.readUInt8(offset + index);
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return [value, offset + index + 1];
  }
  return [(value << 8n) | BigInt(bytes.readUInt8(offset + 8)), offset + 9];
}
