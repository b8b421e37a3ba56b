import { createReadStream } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import * as path from 'node:path';
import { createGunzip } from 'node:zlib';
import { UserError } from '../error';
import { noteInput } from '../input-files';

/** What a message says about where something is wrong: the file and the field of the request, as the user wrote them. */
export interface Where {
  readonly file?: string | undefined;
  readonly field?: string | undefined;
}

/** How paths of a request are understood. */
export interface PathOptions {
  /** Folder that relative paths start from; the current folder unless given. */
  readonly base?: string | undefined;
  /** A path named inside this folder must not lead out of it through a symbolic link. */
  readonly workspace?: string | undefined;
}

/** A file that exists and may be read. */
export interface SourceFile extends Where {
  /** Absolute path. */
  readonly path: string;
  /** As the user named it. */
  readonly file: string;
  readonly size: number;
}

/** Whether a path is that of a folder or of something in it; both absolute. */
export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

async function refuseEscape(absolute: string, workspace: string, where: Where): Promise<void> {
  const folder = path.resolve(workspace);
  if (!isInside(folder, absolute)) return; // named outright: the user's own choice
  const target = await realpath(absolute);
  if (!isInside(await realpath(folder), target)) {
    throw new UserError('file-outside-workspace', 'is a link to a file outside the workspace.', { ...where, remedy: 'Name the file itself, or copy it into the workspace.' });
  }
}

function notFound(cause: unknown, where: Where, options: PathOptions): UserError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return new UserError('file-unreadable', `cannot be read (${code ?? 'unknown error'}).`, { ...where, remedy: 'Check that you may read the file and that its disk is there.', cause });
  const remedy = where.file?.includes('\\') === true && path.sep === '/' ? 'Write paths with / here, not with \\.' : `Paths start from ${path.resolve(options.base ?? '')}.`;
  return new UserError('file-missing', 'there is no such file.', { ...where, remedy, cause });
}

/**
 * Finds a folder of a request and gives its absolute path.
 * @throws UserError `file-missing`, `not-a-folder`, `file-unreadable`, `file-outside-workspace`.
 */
export async function findFolder(name: string, field: string, options: PathOptions = {}): Promise<string> {
  const where = { file: name, field };
  const absolute = path.resolve(options.base ?? '', name);
  const status = await stat(absolute).catch((cause: unknown) => {
    throw notFound(cause, where, options);
  });
  if (!status.isDirectory()) throw new UserError('not-a-folder', 'is not a folder.', { ...where, remedy: 'Name the folder that holds the files.' });
  if (options.workspace !== undefined) await refuseEscape(absolute, options.workspace, where);
  return absolute;
}

/**
 * Finds a file of a request.
 * @throws UserError `file-missing`, `file-not-file`, `file-unreadable`, `file-empty`, `file-outside-workspace`.
 */
export async function findFile(name: string, field: string, options: PathOptions = {}): Promise<SourceFile> {
  const where = { file: name, field };
  const absolute = path.resolve(options.base ?? '', name);
  let size: number;
  try {
    const status = await stat(absolute, { bigint: true });
    if (!status.isFile()) throw new UserError('file-not-file', 'is not a file.', { ...where, remedy: 'Name a file in it, or several with a pattern such as part-*.csv.' });
    noteInput(absolute, status);
    size = Number(status.size);
    if (options.workspace !== undefined) await refuseEscape(absolute, options.workspace, where);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw notFound(cause, where, options);
  }
  if (size === 0) throw new UserError('file-empty', 'the file is empty.', { ...where, remedy: 'Copy or write the file again.' });
  return { path: absolute, size, ...where };
}

/** The first bytes of a file, fewer if it is shorter. */
export async function readStart(file: SourceFile, length: number): Promise<Uint8Array> {
  const handle = await open(file.path);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Matches the last part of a path: `*` any characters, `?` one. */
function namePattern(pattern: string): RegExp {
  const source = pattern.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'u');
}

/** `part-2` before `part-10`. */
const naturalOrder = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });

/** Negative where `a` comes before `b` in natural order. */
export function compareNaturally(a: string, b: string): number {
  return naturalOrder.compare(a, b);
}

/** Names that a pattern stands for; a name without `*` or `?`, or of a file that exists as it is, stands for itself. */
async function expandPattern(name: string, field: string, options: PathOptions): Promise<string[]> {
  if (!/[*?]/.test(path.basename(name)) || (await isFile(path.resolve(options.base ?? '', name)))) return [name];
  const folder = path.dirname(name);
  const pattern = namePattern(path.basename(name));
  const entries = await readdir(path.resolve(options.base ?? '', folder)).catch(() => []);
  const matches = entries.filter((entry) => pattern.test(entry) && !entry.startsWith('.')).sort(compareNaturally);
  if (matches.length === 0) throw new UserError('file-missing', 'no file has a name like this.', { file: name, field, remedy: 'Check the pattern and the folder; * stands for any characters but /, ? for one.' });
  return matches.map((entry) => (folder === '.' && !name.startsWith('.') ? entry : `${folder}/${entry}`));
}

async function isFile(absolute: string): Promise<boolean> {
  return stat(absolute).then((status) => status.isFile(), () => false);
}

/**
 * Finds the files that one or several names or patterns (`part-*.csv`) stand for; those of a pattern in natural order.
 * @throws UserError as `findFile`.
 */
export async function findFiles(names: string | readonly string[], field: string, options: PathOptions = {}): Promise<SourceFile[]> {
  if (typeof names === 'string') {
    const expanded = await expandPattern(names, field, options);
    return Promise.all(expanded.map((name) => findFile(name, field, options)));
  }
  if (names.length === 0) throw new UserError('file-missing', 'names no file.', { field, remedy: `Name at least one file in ${field}.` });
  return (await Promise.all(names.map((name, index) => findFiles(name, `${field}[${index}]`, options)))).flat();
}

async function readPlain(file: SourceFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.size);
  const handle = await open(file.path);
  try {
    // In pieces: one read is limited to 2 GiB.
    for (let offset = 0; offset < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, offset, Math.min(bytes.length - offset, 1 << 28), offset);
      if (bytesRead === 0) return bytes.subarray(0, offset);
      offset += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return bytes;
}

/** Bytes of a file that is read as a whole: a compressed one may become a thousand times as large. */
const mostInMemory = Math.min(2 ** 31, totalmem() / 4);

function tooLarge(file: SourceFile, most: number): UserError {
  return new UserError('file-too-large', `has more than ${Math.floor(most / 2 ** 20)} MiB, and is read as a whole.`, { file: file.file, field: file.field, remedy: 'Split it, or name a file of another format that is read piece by piece, such as .npy.' });
}

async function readGzip(file: SourceFile, most: number): Promise<Uint8Array> {
  const stream = createReadStream(file.path).pipe(createGunzip());
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of stream) {
      parts.push(part as Uint8Array);
      length += (part as Uint8Array).length;
      if (length > most) throw tooLarge(file, most);
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('file-truncated', 'is not a complete gzip file.', { file: file.file, field: file.field, remedy: 'Copy or download it again, or name the unpacked file.', cause });
  }
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * The whole content of a file, decompressed if its first bytes say gzip.
 * @param most Bytes that it may have.
 * @throws UserError `file-unreadable`, `file-truncated`, `file-too-large`.
 */
export async function readFileBytes(file: SourceFile, most = mostInMemory): Promise<Uint8Array> {
  if (file.size > most) throw tooLarge(file, most);
  try {
    const bytes = await readPlain(file);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? await readGzip(file, most) : bytes;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('file-unreadable', `cannot be read (${(cause as Error).message}).`, { file: file.file, field: file.field, remedy: 'Check that the file can be read by you and that its disk is there.', cause });
  }
}
