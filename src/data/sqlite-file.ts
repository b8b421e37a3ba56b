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

/** Gives so many bytes from a place on, as many as there are. */
export type ReadAt = (start: number, length: number) => Buffer;

/** Pages that are kept because the next row may need them again. */
const keptPages = 64;

export class SqliteFile {
  private readonly read: ReadAt;
  /** Bytes of the file. */
  private readonly size: number;
  private readonly pageSize: number;
  /** Page size less what is reserved at its end. */
  private readonly usable: number;
  private readonly decoder: TextDecoder;
  private readonly pages = new Map<number, Buffer>();

  constructor(read: ReadAt, size: number) {
    const header = read(0, headerSize);
    if (header.toString('latin1', 0, magic.length) !== magic) throw new RangeError('not an SQLite file');
    this.read = read;
    this.size = size;
    const pageSize = header.readUInt16BE(16);
    this.pageSize = pageSize === 1 ? 65_536 : pageSize;
    this.usable = this.pageSize - header.readUInt8(20);
    if (this.pageSize < 512 || this.usable < 480 || size % this.pageSize !== 0) throw new RangeError('pages do not fit the file');
    this.decoder = new TextDecoder(encodings[header.readUInt32BE(56)] ?? 'utf-8', { fatal: true });
  }

  /** Rows of the table whose tree begins at a page, in the order of their rowids (1.5, 1.6). */
  *rows(rootPage: number): Generator<SqliteRow> {
    const pending = [rootPage];
    const visited = new Set<number>();
    // Cells of a sound file share no bytes; those of a hostile one may all lead to the same ones.
    let bytesLeft = this.size;
    for (let page = pending.pop(); page !== undefined; page = pending.pop()) {
      if (visited.has(page)) throw new RangeError(`page ${page} is in the tree twice`);
      visited.add(page);
      const bytes = this.page(page);
      const header = page === 1 ? headerSize : 0;
      const kind = bytes.readUInt8(header);
      const cells = bytes.readUInt16BE(header + 3);
      if (kind === leafTable) {
        for (let cell = 0; cell < cells; cell++) {
          const [row, length] = this.row(bytes, bytes.readUInt16BE(header + 8 + 2 * cell));
          bytesLeft -= length;
          if (bytesLeft < 0) throw new RangeError('rows of more bytes than the file has');
          yield row;
        }
      } else if (kind === interiorTable) {
        pending.push(bytes.readUInt32BE(header + 8));
        for (let cell = cells - 1; cell >= 0; cell--) pending.push(bytes.readUInt32BE(bytes.readUInt16BE(header + 12 + 2 * cell)));
      } else {
        throw new RangeError(`page ${page} is not of a table`);
      }
    }
  }

  private page(page: number): Buffer {
    const kept = this.pages.get(page);
    if (kept !== undefined) return kept;
    if (page < 1 || page * this.pageSize > this.size) throw new RangeError(`there is no page ${page}`);
    const bytes = this.read((page - 1) * this.pageSize, this.pageSize);
    if (bytes.length < this.pageSize) throw new RangeError('the file has become shorter');
    if (this.pages.size === keptPages) this.pages.delete(this.pages.keys().next().value ?? 0);
    this.pages.set(page, bytes);
    return bytes;
  }

  /** A row, and how many bytes it takes. */
  private row(page: Buffer, offset: number): [row: SqliteRow, length: number] {
    const [length, afterLength] = readVarint(page, offset);
    const [rowid, start] = readVarint(page, afterLength);
    return [{ rowid: BigInt.asIntN(64, rowid), values: this.record(this.payload(page, start, Number(length))) }, start - offset + Number(length)];
  }

  /** The bytes of a record, those on overflow pages too (1.5, "X", "M" and "K"). */
  private payload(page: Buffer, start: number, length: number): Buffer {
    const largest = this.usable - 35;
    if (length <= largest) return slice(page, start, length);
    if (length > this.size) throw new RangeError('a record is longer than the file');
    const least = Math.floor(((this.usable - 12) * 32) / 255) - 23;
    const fitting = least + ((length - least) % (this.usable - 4));
    const local = fitting <= largest ? fitting : least;
    const parts = [slice(page, start, local)];
    let rest = length - local;
    for (let next = page.readUInt32BE(start + local); rest > 0;) {
      const overflow = this.page(next);
      const size = Math.min(rest, this.usable - 4);
      parts.push(slice(overflow, 4, size));
      next = overflow.readUInt32BE(0);
      rest -= size;
    }
    return Buffer.concat(parts);
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

function slice(page: Buffer, start: number, length: number): Buffer {
  if (start + length > page.length) throw new RangeError('a record does not fit its page');
  return page.subarray(start, start + length);
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
