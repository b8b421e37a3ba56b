import { inflateRawSync } from 'node:zlib';
import { crc32 } from './crc32';

/** A part of a file, read when it is needed. */
export interface Source {
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array>;
}

export function inMemory(bytes: Uint8Array): Source {
  return { size: bytes.length, read: (start, end) => Promise.resolve(bytes.subarray(start, end)) };
}

export interface ZipEntry {
  readonly name: string;
  /** Stored as it is, or compressed by deflate. */
  readonly method: 'stored' | 'deflated';
  /** Where its own header begins. */
  readonly header: number;
  /** Its record in the directory. */
  readonly record: { readonly start: number; readonly end: number };
  /** Where the entry's (compressed) bytes lie. */
  readonly start: number;
  readonly end: number;
  readonly size: number;
  /** Every place in the archive that repeats the checksum of the entry's contents. */
  readonly checksums: readonly number[];
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, descriptor: 0x08074b50 };

/**
 * The entries of a ZIP archive, in the order of its directory. Layout: APPNOTE.TXT 6.3.10, with ZIP64.
 * @throws RangeError where the bytes are not such an archive
 */
export async function readDirectory(source: Source): Promise<readonly ZipEntry[]> {
  const { offset, length, count } = await findDirectory(source);
  const directory = await source.read(offset, offset + length);
  const view = viewOf(directory);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (view.getUint32(at, true) !== signatures.central) throw new RangeError(`no directory entry at byte ${offset + at}`);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const [nameLength, extraLength, commentLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)];
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameLength));
    if (method !== 0 && method !== 8) throw new RangeError(`${name} is compressed by method ${method}`);
    if ((flags & 1) === 1) throw new RangeError(`${name} is encrypted`);
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const [size, compressed, header] = widened(extra, [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)]);
    const local = viewOf(await source.read(header, header + 30));
    if (local.byteLength < 30 || local.getUint32(0, true) !== signatures.local) throw new RangeError(`${name} does not begin at byte ${header}`);
    const start = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    const end = start + compressed;
    if (end > offset || (method === 0 && size !== compressed)) throw new RangeError(`${name} does not fit into the archive`);
    const checksums = [offset + at + 16];
    // With flag 3 the local header holds zeros, and the checksum follows the contents, perhaps after a signature of its own.
    if ((flags & 8) === 0) checksums.push(header + 14);
    else checksums.push(viewOf(await source.read(end, end + 4)).getUint32(0, true) === signatures.descriptor ? end + 4 : end);
    const next = at + 46 + nameLength + extraLength + commentLength;
    entries.push({ name, method: method === 0 ? 'stored' : 'deflated', header, record: { start: offset + at, end: offset + next }, start, end, size, checksums });
    at = next;
  }
  return entries;
}

/** @throws RangeError where the contents do not match their checksum or are larger than `limit` bytes */
export async function readEntry(source: Source, entry: ZipEntry, limit: number): Promise<Uint8Array> {
  if (entry.size > limit) throw new RangeError(`${entry.name} claims ${entry.size} bytes`);
  const stored = await source.read(entry.start, entry.end);
  const contents = entry.method === 'stored' ? stored : new Uint8Array(inflateRawSync(stored, { maxOutputLength: Math.max(entry.size, 1) }));
  const expected = viewOf(await source.read(entry.checksums[0] ?? 0, (entry.checksums[0] ?? 0) + 4)).getUint32(0, true);
  if (contents.length !== entry.size || crc32(contents) !== expected) throw new RangeError(`${entry.name} does not match its checksum`);
  return contents;
}

/** Replaces the contents of a stored entry by as many bytes, in place, with its checksums. */
export function patchEntry(archive: Uint8Array, entry: ZipEntry, contents: Uint8Array): void {
  if (entry.method !== 'stored' || contents.length !== entry.size) throw new RangeError(`${entry.name} cannot be replaced in place`);
  archive.set(contents, entry.start);
  const checksum = crc32(contents);
  for (const at of entry.checksums) viewOf(archive).setUint32(at, checksum, true);
}

async function findDirectory(source: Source): Promise<{ offset: number; length: number; count: number }> {
  // The archive's comment, of at most 65,535 bytes, follows the end record of 22.
  const start = Math.max(0, source.size - 65_557);
  const tail = await source.read(start, source.size);
  const view = viewOf(tail);
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== signatures.end) at -= 1;
  if (at < 0) throw new RangeError('no end of a ZIP directory');
  const found = { count: view.getUint16(at + 10, true), length: view.getUint32(at + 12, true), offset: view.getUint32(at + 16, true) };
  if (at >= 20 && view.getUint32(at - 20, true) === signatures.locator64) {
    const record = Number(view.getBigUint64(at - 12, true));
    const wide = viewOf(await source.read(record, record + 56));
    if (wide.byteLength < 56 || wide.getUint32(0, true) !== signatures.end64) throw new RangeError('no end of a ZIP64 directory');
    found.count = Number(wide.getBigUint64(32, true));
    found.length = Number(wide.getBigUint64(40, true));
    found.offset = Number(wide.getBigUint64(48, true));
  }
  if (found.offset + found.length > source.size || found.count * 46 > found.length) throw new RangeError('the ZIP directory does not fit into the archive');
  return found;
}

/** ZIP64 keeps sizes and offsets that do not fit into 32 bits in an extra field, in this order, each only if it does not fit. */
function widened(extra: Uint8Array, fields: readonly [number, number, number]): [number, number, number] {
  const view = viewOf(extra);
  const result: [number, number, number] = [...fields];
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    for (const index of [0, 1, 2] as const) {
      if (fields[index] !== 0xffffffff) continue;
      result[index] = Number(view.getBigUint64(next, true));
      next += 8;
    }
  }
  return result;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
