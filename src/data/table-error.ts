import { UserError } from '../error';
import type { Where } from './source-file';

export function notUtf8(where: Where, at = '', cause?: unknown): UserError {
  return new UserError('table-encoding', `is not UTF-8 text${at}.`, { ...where, remedy: 'Save it as UTF-8.', cause });
}

/** DuckDB's planning grows with the square of the number of columns: ten thousand take seconds, a hundred thousand minutes. */
export const mostColumns = 20_000;

export function tooManyColumns(where: Where): UserError {
  return new UserError('too-many-columns', `has more than ${mostColumns.toLocaleString('en')} columns, which are the most that a table is read with.`, { ...where, remedy: 'Keep wide records as an array (.npy, .npz, .h5) or as one Parquet column of lists.' });
}

/** What DuckDB says, in the words of the user's task. DuckDB's own first line is kept where it is the best that can be said. */
export function explainTableError(cause: unknown, where: Where): UserError {
  if (cause instanceof UserError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1];
  const at = line === undefined ? '' : ` (line ${line})`;
  if (text.includes('not utf-8 encoded') || text.includes('Invalid unicode') || text.includes('invalid UTF-8')) {
    return notUtf8(where, at, cause);
  }
  if (text.startsWith('Out of Memory') || text.includes('could not allocate block')) {
    return new UserError('query-memory', 'reading needed more memory than is allowed.', { ...where, remedy: 'Write the table as Parquet, split it into several files, or select fewer columns.', cause });
  }
  if (/maximum line size of \d+ bytes exceeded/i.test(text)) return new UserError('table-damaged', `has a line of more than 2 MiB${at}.`, { ...where, remedy: 'Check the quotes, or keep wide records as an array (.npy, .npz, .h5).', cause });
  if (/schema mismatch/i.test(text)) return new UserError('table-damaged', 'the files do not all have the same columns.', { ...where, remedy: 'Name only files with the same columns, or write them as one.', cause });
  if (text.includes('Error when sniffing file') || line !== undefined) {
    return new UserError('table-damaged', `is not a well-formed table${at}: every line must have as many fields as the header.`, { ...where, remedy: 'Check the delimiter and the quotes (RFC 4180).', cause });
  }
  if (text.includes('byte order mark')) return new UserError('table-encoding', 'begins with a byte order mark, which JSON Lines may not have.', { ...where, remedy: 'Save it as UTF-8 without BOM.', cause });
  const json = /^.*Malformed JSON in file .*?, at byte \d+ in line \d+: ([^.\n]*)/.exec(text)?.[1];
  if (json !== undefined) return new UserError('table-damaged', `has a line that is not one JSON object (${json.trim()}).`, { ...where, remedy: 'Write one JSON object a line (JSON Lines), such as {"id": 1, "text": "…"}.', cause });
  if (/expected records, but got non-record JSON|has duplicate key/.test(text)) return new UserError('table-damaged', 'has a line that is not one JSON object with a value for each key.', { ...where, remedy: 'Write one JSON object a line (JSON Lines), such as {"id": 1, "text": "…"}.', cause });
  const first = text.split('\n', 1)[0] ?? '';
  return new UserError('table-unreadable', first.replace(/^[A-Z][A-Za-z ]* Error: /, ''), { ...where, remedy: 'Check the format and the delimiter that the request gives, or write the table as CSV or Parquet again.', cause });
}
