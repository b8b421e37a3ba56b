import type { ZipEntry } from './archive';

/** Extra fields that say nothing but how large an entry is, and when and by whom its file was written: ZIP64, NTFS and Unix times. */
const harmless = [0x0001, 0x000a, 0x5455, 0x7875];
/** Of a record of the directory, and of the header before an entry's contents. */
const [recordLength, headerLength] = [46, 30];

/**
 * What a ZIP archive holds besides its entries: comments, extra fields, bytes between the entries. Undefined where there is nothing of the kind.
 * Such things move along when entries are replaced, unseen. Layout: APPNOTE.TXT 6.3.10.
 */
export function foreignIn(archive: Uint8Array, entries: readonly ZipEntry[]): string | undefined {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  let expected = 0;
  for (const { name, header, start, end, checksums, record } of [...entries].sort((a, b) => a.header - b.header)) {
    if (header !== expected) return `${header - expected} bytes before ${name}`;
    const comment = bytes.readUInt16LE(record.start + 32);
    if (comment > 0) return `a comment on ${name}`;
    const inRecord = bytes.subarray(record.start + recordLength + bytes.readUInt16LE(record.start + 28), record.end);
    const inHeader = bytes.subarray(header + headerLength + bytes.readUInt16LE(header + 26), start);
    if (!isHarmless(inRecord) || !isHarmless(inHeader)) return `extra fields of ${name}`;
    expected = endOf(bytes, end, checksums);
  }
  const first = Math.min(...entries.map(({ record }) => record.start));
  if (first !== expected) return `${first - expected} bytes behind the entries`;
  const last = Math.max(...entries.map(({ record }) => record.end));
  const tail = bytes.lastIndexOf(Buffer.of(0x50, 0x4b, 0x05, 0x06));
  // The end record of ZIP64 and its locator may stand in between.
  if (tail !== last && tail !== last + 76) return `${tail - last} bytes behind the directory`;
  return bytes.length === tail + 22 ? undefined : 'a comment';
}

/** Where the next entry may begin: a descriptor of 12 bytes, or of 20 with ZIP64, may follow the contents, behind a signature or not. */
function endOf(bytes: Buffer, end: number, checksums: readonly number[]): number {
  const descriptor = checksums.find((at) => at >= end && at <= end + 4);
  if (descriptor === undefined) return end;
  const next = [descriptor + 12, descriptor + 20].find((at) => bytes[at] === 0x50 && bytes[at + 1] === 0x4b);
  return next ?? descriptor + 12;
}

function isHarmless(extra: Buffer): boolean {
  for (let at = 0; at < extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (at + 4 > extra.length || !harmless.includes(extra.readUInt16LE(at))) return false;
  }
  return true;
}
