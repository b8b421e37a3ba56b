import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { UserError } from '../error';
import { bytesOfFile } from './byte-source';
import type { ByteSource } from './byte-source';
import type { SourceFile } from './source-file';

/**
 * Opens an empty file that has no name any more: its content is gone when the process ends, however it ends.
 * Only its owner could have opened it in between.
 */
export function openTemporary(): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'certified-unlearning-'));
  const descriptor = openSync(path.join(folder, 'features'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  return descriptor;
}

function noRoom(bytes: number, cause?: unknown): UserError {
  return new UserError('disk-full', `needs ${Math.ceil(bytes / 2 ** 20)} MiB for features that do not fit into memory, and the temporary folder ${tmpdir()} has less.`, { remedy: 'Make room there, or let TMPDIR name another folder.', cause });
}

/**
 * A file of some bytes may describe features without end.
 * @throws UserError `disk-full` where so many features, as bytes, fit neither into memory nor into the temporary folder.
 */
export function requireRoom(length: number, residentLimit: number): void {
  if (length <= residentLimit) return;
  const { bavail, bsize } = statfsSync(tmpdir());
  if (length > bavail * bsize) throw noRoom(length);
}

/** @throws UserError `disk-full`. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written, bytes.length - written);
  } catch (cause) {
    throw cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC' ? noRoom(bytes.length, cause) : cause;
  }
}

/**
 * What is compressed, unpacked into a temporary file, for reading it in another order.
 * @returns its descriptor, which the caller closes, and its length
 * @throws UserError `disk-full`, and as reading the source does.
 */
export async function unpack(source: ByteSource): Promise<{ readonly descriptor: number; readonly size: number }> {
  const descriptor = openTemporary();
  try {
    let size = 0;
    for await (const block of source.blocks()) {
      writeAll(descriptor, block);
      size += block.length;
    }
    return { descriptor, size };
  } catch (cause) {
    closeSync(descriptor);
    throw cause;
  }
}

/**
 * Opens a file for reading it here and there; one that is compressed as a whole is unpacked first.
 * @returns its descriptor, which the caller closes, and its length
 * @throws UserError as `unpack`.
 */
export async function openPlain(file: SourceFile): Promise<{ readonly descriptor: number; readonly size: number }> {
  const source = await bytesOfFile(file);
  return source.place === undefined ? unpack(source) : { descriptor: openSync(file.path, 'r'), size: file.size };
}
