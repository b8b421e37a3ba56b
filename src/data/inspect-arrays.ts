import { UserError } from '../error';
import { formatOfBytes } from './array-format';
import type { ArrayFormat } from './array-format';
import { beginningOf, bytesOfFile } from './byte-source';
import type { ByteSource } from './byte-source';
import { parseCifar } from './cifar';
import { readIdxHeader, readNpyHeader } from './element-stream';
import { parseJsonArray } from './json-array';
import { entriesOfNpz } from './npz';
import type { ElementType } from './numeric-array';
import { decodePng } from './png';
import { readFileBytes } from './source-file';
import type { SourceFile } from './source-file';

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

async function npy(bytes: ByteSource, key: string | undefined): Promise<ArraySummary> {
  try {
    const { type, shape } = await readNpyHeader(bytes);
    return { key, type: typeName(type), shape };
  } catch (cause) {
    // Among several arrays, one of Python objects does no harm as long as it is not asked for.
    if (key !== undefined && cause instanceof UserError && cause.code === 'npy-type') return { key, type: undefined, shape: [] };
    throw cause;
  }
}

const bytesOf = (key: string | undefined, shape: readonly number[]): ArraySummary => ({ key, type: 'uint8', shape });

async function arraysOf(file: SourceFile, format: ArrayFormat): Promise<ArraySummary[]> {
  const where = { file: file.file, field: file.field };
  switch (format) {
    case 'idx': {
      const { type, shape } = await readIdxHeader(await bytesOfFile(file));
      return [{ key: undefined, type: typeName(type), shape }];
    }
    case 'npy': return [await npy(await bytesOfFile(file), undefined)];
    case 'npz': {
      const found: ArraySummary[] = [];
      for (const { name, bytes } of await entriesOfNpz(file)) found.push(await npy(bytes, name)); // one after the other: each is unpacked as far as its header goes
      return found;
    }
    case 'hdf5': return (await (await import('./hdf5')).listHdf5(file)).map(({ name, type, shape }) => ({ key: name, type: type === undefined ? undefined : typeName(type), shape }));
    case 'png': return [bytesOf(undefined, decodePng(await readFileBytes(file), where).shape)];
    case 'cifar10':
    case 'cifar100': return [bytesOf(undefined, parseCifar(await readFileBytes(file), format, where).images.shape)];
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
  for (const file of files) found.push(await arraysOf(file, format));
  return joined(found);
}

/** The same of files of labels, which may be in another format than the features: the first bytes tell which. @throws UserError of the format. */
export async function inspectLabels(files: readonly SourceFile[]): Promise<readonly ArraySummary[]> {
  const found: ArraySummary[][] = [];
  for (const file of files) {
    const format = formatOfBytes(await beginningOf(await bytesOfFile(file), 4));
    found.push(format === undefined ? [{ key: undefined, type: 'JSON', shape: parseJsonArray(await readFileBytes(file), { file: file.file, field: file.field }).shape }] : await arraysOf(file, format));
  }
  return joined(found);
}
