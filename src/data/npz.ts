import { unzipSync } from 'fflate';
import { UserError } from '../error';
import { parseNpy } from './npy';
import type { NumericArray } from './numeric-array';
import type { Where } from './source-file';

const suffix = '.npy';

function damaged(where: Where, cause: unknown): UserError {
  return new UserError('npz-damaged', 'is not a complete NPZ (zip) archive.', { ...where, remedy: 'Copy or download it again, or save it anew with numpy.savez.', cause });
}

/**
 * The bytes of each array of an NPZ archive, one after the other, as NPY files.
 * @throws UserError `npz-damaged`.
 */
export function* entriesOfNpz(bytes: Uint8Array, where: Where = {}): Generator<readonly [name: string, npy: Uint8Array]> {
  const names: string[] = [];
  try {
    unzipSync(bytes, {
      filter: ({ name }) => {
        if (name.endsWith(suffix)) names.push(name);
        return false;
      },
    });
    for (const name of names) {
      const entry = unzipSync(bytes, { filter: (file) => file.name === name })[name];
      if (entry !== undefined) yield [name.slice(0, -suffix.length), entry];
    }
  } catch (cause) {
    throw damaged(where, cause);
  }
}

/**
 * Reads one array of an NPZ archive. Without a key there must be only one.
 * @throws UserError `npz-damaged`, `npz-key`, and those of `parseNpy`.
 */
export function parseNpz(bytes: Uint8Array, key: string | undefined, where: Where = {}, keyField?: string): NumericArray {
  const names: string[] = [];
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name }) => {
        if (name.endsWith(suffix)) names.push(name.slice(0, -suffix.length));
        return key === undefined ? names.length === 1 : name === key + suffix;
      },
    });
  } catch (cause) {
    throw damaged(where, cause);
  }
  const list = names.map((name) => `"${name}"`).join(', ') || 'none';
  if (key === undefined && names.length !== 1) throw new UserError('npz-key', `say which array is meant. There are: ${list}.`, { ...where, field: keyField ?? where.field, remedy: 'Name it in "featuresKey" or "labelsKey".' });
  const chosen = entries[(key ?? names[0] ?? '') + suffix];
  if (chosen === undefined) throw new UserError('npz-key', `has no array "${key ?? ''}". There are: ${list}.`, { ...where, field: keyField ?? where.field, remedy: 'Name one of these in "featuresKey" or "labelsKey".' });
  return parseNpy(chosen, where);
}
