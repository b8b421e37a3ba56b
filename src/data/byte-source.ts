import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import type { Transform } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { UserError } from '../error';
import { readStart } from './source-file';
import type { SourceFile, Where } from './source-file';

/** Bytes that are read piece by piece: a file, what is compressed in one, or a part of one. */
export interface ByteSource {
  readonly where: Where;
  /** How many there are, where that is certain before they are read. */
  readonly size: number | undefined;
  /** How many there are at most. */
  readonly most: number;
  /** Where they lie as they are, for reading them in another order. */
  readonly place: { readonly path: string; readonly start: number } | undefined;
  /** All of them from the beginning; may be asked for again. @throws UserError while they are read. */
  blocks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export const blockSize = 1 << 22;
/** More than deflate can expand. */
export const largestExpansion = 1100;

/** @param inflate What decompresses; none for bytes as they are. @param broken What to say of bytes that it cannot decompress. */
async function* read(file: SourceFile, start: number, size: number, inflate?: () => Transform, broken?: (cause: unknown) => UserError): AsyncGenerator<Uint8Array> {
  if (size === 0) return;
  const plain = createReadStream(file.path, { start, end: start + size - 1, highWaterMark: blockSize });
  const stream = inflate === undefined ? plain : pipeline(plain, inflate(), () => undefined);
  try {
    for await (const block of stream) yield block as Uint8Array;
  } catch (cause) {
    throw broken?.(cause) ?? new UserError('file-unreadable', `cannot be read (${(cause as Error).message}).`, { file: file.file, field: file.field, remedy: 'Check that the file can be read by you and that its disk is there.', cause });
  }
}

/** A file, decompressed if its first bytes say gzip. */
export async function bytesOfFile(file: SourceFile): Promise<ByteSource> {
  const where = { file: file.file, field: file.field };
  const [first, second] = await readStart(file, 2);
  if (first !== 0x1f || second !== 0x8b) return { where, size: file.size, most: file.size, place: { path: file.path, start: 0 }, blocks: () => read(file, 0, file.size) };
  const broken = (cause: unknown): UserError => new UserError('file-truncated', 'is not a complete gzip file.', { ...where, remedy: 'Copy or download it again, or name the unpacked file.', cause });
  return { where, size: undefined, most: file.size * largestExpansion, place: undefined, blocks: () => read(file, 0, file.size, () => createGunzip({ chunkSize: blockSize }), broken) };
}

/** Part of a file, as it is or compressed with deflate. @param broken What to say where it cannot be decompressed. */
export function bytesWithin(file: SourceFile, start: number, size: number, deflated: boolean, broken: (cause: unknown) => UserError): ByteSource {
  const where = { file: file.file, field: file.field };
  if (!deflated) return { where, size, most: size, place: { path: file.path, start }, blocks: () => read(file, start, size) };
  return { where, size: undefined, most: size * largestExpansion, place: undefined, blocks: () => read(file, start, size, () => createInflateRaw({ chunkSize: blockSize }), broken) };
}

/** The beginning, so many bytes or a block more; all if there are fewer. */
export async function beginningOf(source: ByteSource, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let found = 0;
  for await (const block of source.blocks()) {
    parts.push(block);
    found += block.length;
    if (found >= length) break;
  }
  return new Uint8Array(Buffer.concat(parts));
}
