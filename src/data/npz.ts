import { UserError } from '../error';
import { bytesWithin } from './byte-source';
import type { ByteSource } from './byte-source';
import { openNpyStream } from './element-stream';
import type { ArrayStream } from './element-stream';
import type { SourceFile, Where } from './source-file';
import { startOfEntry, zipEntries } from './zip-directory';
import type { ZipEntry } from './zip-directory';

const suffix = '.npy';

function damaged(where: Where, cause: unknown): UserError {
  return new UserError('npz-damaged', 'is not a complete NPZ (zip) archive.', { ...where, remedy: 'Copy or download it again, or save it anew with numpy.savez.', cause });
}

async function readDirectory(file: SourceFile, where: Where): Promise<ZipEntry[]> {
  try {
    return (await zipEntries(file)).filter(({ name }) => name.endsWith(suffix));
  } catch (cause) {
    throw cause instanceof RangeError ? damaged(where, cause) : cause;
  }
}

async function bytesOf(file: SourceFile, entry: ZipEntry, where: Where): Promise<ByteSource> {
  const start = await startOfEntry(file, entry).catch((cause: unknown) => {
    throw cause instanceof RangeError ? damaged(where, cause) : cause;
  });
  return bytesWithin(file, start, entry.size, entry.deflated, (cause) => damaged(where, cause));
}

/**
 * The arrays of an NPZ archive by name, as NPY files; none of them read.
 * @throws UserError `npz-damaged`.
 */
export async function entriesOfNpz(file: SourceFile): Promise<{ readonly name: string; readonly bytes: ByteSource }[]> {
  const where = { file: file.file, field: file.field };
  const entries = await readDirectory(file, where);
  const found: { name: string; bytes: ByteSource }[] = [];
  for (const entry of entries) found.push({ name: entry.name.slice(0, -suffix.length), bytes: await bytesOf(file, entry, where) });
  return found;
}

/**
 * Opens one array of an NPZ archive to be read piece by piece. Without a key there must be only one.
 * @throws UserError `npz-damaged`, `npz-key`, and those of `openNpyStream`.
 */
export async function openNpzStream(file: SourceFile, key: string | undefined, keyField?: string): Promise<ArrayStream> {
  const where = { file: file.file, field: file.field };
  const entries = await readDirectory(file, where);
  const list = entries.map(({ name }) => `"${name.slice(0, -suffix.length)}"`).join(', ') || '–';
  const at = { ...where, field: keyField ?? where.field, remedy: 'Name it in "featuresKey" or "labelsKey".' };
  if (key === undefined && entries.length !== 1) throw new UserError('npz-key', `say which array is meant. There are: ${list}.`, at);
  const chosen = key === undefined ? entries[0] : entries.find(({ name }) => name === key + suffix);
  if (chosen === undefined) throw new UserError('npz-key', `has no array "${key ?? ''}". There are: ${list}.`, { ...at, remedy: 'Name one of these in "featuresKey" or "labelsKey".' });
  return openNpyStream(await bytesOf(file, chosen, where));
}
