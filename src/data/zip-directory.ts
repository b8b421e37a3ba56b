import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { SourceFile } from './source-file';

/**
 * The directory of a zip archive (PKWARE APPNOTE 6.3.10; sections in brackets), read from its end, so that of an archive of any size only what
 * is asked for is read. Whatever does not fit throws a RangeError: the caller says that the file is damaged.
 */
export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  /** Bytes in the archive. */
  readonly size: number;
  /** Where its header is. */
  readonly header: number;
}

/** Far more than any archive of arrays has. */
const longestDirectory = 1 << 26;
const longestComment = 65_535;
const endSize = 22;

async function readAt(handle: FileHandle, fileSize: number, start: number, length: number): Promise<Buffer> {
  if (start < 0 || length < 0 || length > longestDirectory || start + length > fileSize) throw new RangeError('zip: a place outside the file');
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  if (bytesRead < length) throw new RangeError('zip: cut off');
  return bytes;
}

/** Where the directory is, in bytes (4.3.16; in large archives 4.3.14 and 4.3.15). */
async function findDirectory(handle: FileHandle, fileSize: number): Promise<{ readonly start: number; readonly size: number; readonly count: number }> {
  const tailStart = Math.max(0, fileSize - endSize - longestComment);
  const tail = await readAt(handle, fileSize, tailStart, fileSize - tailStart);
  const at = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (at < 0 || at + endSize > tail.length) throw new RangeError('zip: no end of the directory');
  const found = { count: tail.readUInt16LE(at + 10), size: tail.readUInt32LE(at + 12), start: tail.readUInt32LE(at + 16) };
  if (found.count !== 0xffff && found.size !== 0xffff_ffff && found.start !== 0xffff_ffff) return found;
  const locator = await readAt(handle, fileSize, tailStart + at - 20, 20);
  if (locator.readUInt32LE(0) !== 0x0706_4b50) return found;
  const end = await readAt(handle, fileSize, Number(locator.readBigUInt64LE(8)), 56);
  if (end.readUInt32LE(0) !== 0x0606_4b50) throw new RangeError('zip: no end of the large directory');
  return { count: Number(end.readBigUInt64LE(32)), size: Number(end.readBigUInt64LE(40)), start: Number(end.readBigUInt64LE(48)) };
}

/** Sizes and place of large entries (4.5.3): those of the three that do not fit 32 bits, in this order. */
function largeFields(extra: Buffer, fields: readonly number[]): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    return fields.map((field) => {
      if (field !== 0xffff_ffff) return field;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    });
  }
  return [...fields];
}

/** The entries of an archive. @throws RangeError for what is no such archive, an encrypted one, or another compression than deflate. */
export async function zipEntries(file: SourceFile): Promise<ZipEntry[]> {
  const handle = await open(file.path);
  try {
    const { start, size, count } = await findDirectory(handle, file.size);
    const directory = await readAt(handle, file.size, start, size);
    const entries: ZipEntry[] = [];
    let bytesLeft = file.size;
    for (let at = 0; entries.length < count;) {
      if (directory.readUInt32LE(at) !== 0x0201_4b50) throw new RangeError('zip: no entry where one should be'); // 4.3.12
      const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)];
      const [nameLength, extraLength, commentLength] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30), directory.readUInt16LE(at + 32)];
      const nameEnd = at + 46 + nameLength;
      if (nameEnd + extraLength > directory.length) throw new RangeError('zip: an entry beyond the directory');
      if ((flags & 1) !== 0 || (method !== 0 && method !== 8)) throw new RangeError('zip: encrypted, or compressed in another way than deflate');
      const [, stored = 0, header = 0] = largeFields(directory.subarray(nameEnd, nameEnd + extraLength), [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)]);
      entries.push({ name: directory.toString('utf8', at + 46, nameEnd), deflated: method === 8, size: stored, header });
      at = nameEnd + extraLength + commentLength;
      // Entries of a sound archive share no bytes; those of a bomb may all lead to the same ones.
      bytesLeft -= 30 + nameLength + stored;
      if (bytesLeft < 0) throw new RangeError('zip: entries of more bytes than the archive has');
    }
    return entries;
  } finally {
    await handle.close();
  }
}

/** Where the bytes of an entry begin: behind its own header, which may be longer than the directory's (4.3.7). @throws RangeError. */
export async function startOfEntry(file: SourceFile, { header, size }: ZipEntry): Promise<number> {
  const handle = await open(file.path);
  try {
    const bytes = await readAt(handle, file.size, header, 30);
    if (bytes.readUInt32LE(0) !== 0x0403_4b50) throw new RangeError('zip: no header where one should be');
    const start = header + 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
    if (start + size > file.size) throw new RangeError('zip: an entry beyond the file');
    return start;
  } finally {
    await handle.close();
  }
}
