import { deflateRawSync } from 'node:zlib';
import { crc32 } from './crc32';
import { inMemory, readDirectory, type ZipEntry } from './archive';

const zip64 = 1;
/** Bit 3 of an entry's flags: its sizes follow its contents. */
const sizesFollow = 8;

/**
 * The same archive with other contents in some of its entries: names, order, methods, times and attributes stay.
 * Entries that are compressed are compressed again, so that what follows them moves.
 * Layout: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
 * @throws RangeError for an archive of 4 GiB or more
 */
export async function rewriteArchive(bytes: Uint8Array, replaced: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const entries = await readDirectory(inMemory(bytes));
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = new Map<ZipEntry, { readonly at: number; readonly checksum: number; readonly stored: number; readonly size: number }>();
  const parts: Buffer[] = [];
  let at = 0;
  const write = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  for (const entry of [...entries].sort((a, b) => a.start - b.start)) {
    const contents = replaced.get(entry.name);
    const data = contents === undefined ? archive.subarray(entry.start, entry.end) : stored(entry, contents);
    const facts = { at, checksum: contents === undefined ? archive.readUInt32LE(entry.checksums[0] ?? 0) : crc32(contents), stored: data.length, size: contents?.length ?? entry.size };
    starts.set(entry, facts);
    const header = Buffer.from(archive.subarray(entry.header, entry.start));
    write(described(header, { flags: 6, checksum: 14, nameLength: 26, extraLength: 28, fixed: 30 }, facts));
    write(Buffer.from(data));
  }
  const directory = at;
  for (const entry of entries) {
    const facts = starts.get(entry);
    if (facts === undefined) continue;
    const record = described(Buffer.from(archive.subarray(entry.record.start, entry.record.end)), { flags: 8, checksum: 16, nameLength: 28, extraLength: 30, fixed: 46 }, facts);
    record.writeUInt32LE(facts.at, 42);
    write(record);
  }
  write(endOf(archive, entries.length, directory, at - directory));
  return new Uint8Array(Buffer.concat(parts));
}

function stored(entry: ZipEntry, contents: Uint8Array): Uint8Array {
  return entry.method === 'stored' ? contents : deflateRawSync(contents);
}

interface Fields {
  readonly flags: number;
  readonly checksum: number;
  readonly nameLength: number;
  readonly extraLength: number;
  /** Length without name, extra fields and comment. */
  readonly fixed: number;
}

/** A header that gives checksum and sizes itself, in 32 bits. */
function described(header: Buffer, fields: Fields, facts: { readonly checksum: number; readonly stored: number; readonly size: number }): Buffer {
  header.writeUInt16LE(header.readUInt16LE(fields.flags) & ~sizesFollow, fields.flags);
  header.writeUInt32LE(facts.checksum, fields.checksum);
  header.writeUInt32LE(facts.stored, fields.checksum + 4);
  header.writeUInt32LE(facts.size, fields.checksum + 8);
  const start = fields.fixed + header.readUInt16LE(fields.nameLength);
  const end = start + header.readUInt16LE(fields.extraLength);
  const kept = withoutZip64(header.subarray(start, end));
  header.writeUInt16LE(kept.length, fields.extraLength);
  return Buffer.concat([header.subarray(0, start), kept, header.subarray(end)]);
}

function withoutZip64(extra: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) !== zip64) kept.push(extra.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/** The end of the directory, with the archive's comment. */
function endOf(archive: Buffer, count: number, start: number, length: number): Buffer {
  const at = archive.lastIndexOf(Buffer.of(0x50, 0x4b, 0x05, 0x06));
  const end = Buffer.from(archive.subarray(at));
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(start, 16);
  return end;
}
