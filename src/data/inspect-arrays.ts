import { UserError } from '../error';
import { formatOfBytes } from './array-format';
import type { ArrayFormat } from './array-format';
import { parseCifar } from './cifar';
import { listHdf5 } from './hdf5';
import { parseIdxHeader } from './idx';
import { parseJsonArray } from './json-array';
import { parseNpyHeader } from './npy';
import { entriesOfNpz } from './npz';
import type { ElementType } from './numeric-array';
import { decodePng } from './png';
import { readFileBytes } from './source-file';
import type { SourceFile, Where } from './source-file';

/** An array of a file, as its header describes it. */
export interface ArraySummary {
  /** By which a request asks for it, where a file may hold several. */
  readonly key: string | undefined;
  /** NumPy's name of the type, `uint8`; undefined where it holds no numbers that can be read. */
  readonly type: string | undefined;
  readonly shape: readonly number[];
}

const kinds: Readonly<Record<string, string>> = { u: 'uint', i: 'int', f: 'float' };

function typeName(type: ElementType): string {
  return `${kinds[type.slice(0, 1)] ?? ''}${8 * Number(type.slice(1))}`;
}

function npy(bytes: Uint8Array, key: string | undefined, where: Where): ArraySummary {
  try {
    const { type, shape } = parseNpyHeader(bytes, where);
    return { key, type: typeName(type), shape };
  } catch (cause) {
    // Among several arrays, one of Python objects does no harm as long as it is not asked for.
    if (key !== undefined && cause instanceof UserError && cause.code === 'npy-type') return { key, type: undefined, shape: [] };
    throw cause;
  }
}

const bytesOf = (key: string | undefined, shape: readonly number[]): ArraySummary => ({ key, type: 'uint8', shape });

async function arraysOf(bytes: Uint8Array, format: ArrayFormat, where: Where): Promise<ArraySummary[]> {
  switch (format) {
    case 'idx': {
      const { type, shape } = parseIdxHeader(bytes, where);
      return [{ key: undefined, type: typeName(type), shape }];
    }
    case 'npy': return [npy(bytes, undefined, where)];
    case 'npz': return Array.from(entriesOfNpz(bytes, where), ([name, entry]) => npy(entry, name, where));
    case 'hdf5': return (await listHdf5(bytes, where)).map(({ name, type, shape }) => ({ key: name, type: type === undefined ? undefined : typeName(type), shape }));
    case 'png': return [bytesOf(undefined, decodePng(bytes, where).shape)];
    case 'cifar10':
    case 'cifar100': return [bytesOf(undefined, parseCifar(bytes, format, where).images.shape)];
  }
}

/** Several files follow one another along the first dimension. */
function joined(files: readonly (readonly ArraySummary[])[]): ArraySummary[] {
  const [first = [], ...rest] = files;
  return first.map((array) => {
    const others = rest.map((arrays) => arrays.find(({ key }) => key === array.key)?.shape[0] ?? 0);
    return { ...array, shape: array.shape.map((size, axis) => (axis === 0 ? others.reduce((sum, count) => sum + count, size) : size)) };
  });
}

/**
 * What arrays files hold, told from their headers.
 * @throws UserError of the format.
 */
export async function inspectArrays(files: readonly SourceFile[], format: ArrayFormat): Promise<readonly ArraySummary[]> {
  const found: ArraySummary[][] = [];
  for (const file of files) found.push(await arraysOf(await readFileBytes(file), format, { file: file.file, field: file.field }));
  return joined(found);
}

/** The same of files of labels, which may be in another format than the features: the first bytes tell which. @throws UserError of the format. */
export async function inspectLabels(files: readonly SourceFile[]): Promise<readonly ArraySummary[]> {
  const found: ArraySummary[][] = [];
  for (const file of files) {
    const bytes = await readFileBytes(file);
    const where = { file: file.file, field: file.field };
    const format = formatOfBytes(bytes);
    found.push(format === undefined ? [{ key: undefined, type: 'JSON', shape: parseJsonArray(bytes, where).shape }] : await arraysOf(bytes, format, where));
  }
  return joined(found);
}
