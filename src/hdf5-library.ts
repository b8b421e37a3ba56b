import * as hdf5 from 'h5wasm';

export type Hdf5Library = Awaited<typeof hdf5.ready>;

/** What of the library's runtime is used here; its own declarations leave it out. */
interface Runtime {
  /** Calls `Module._NAME`, and puts the stack back to where it was before. */
  ccall(name: string, result: null, types: readonly ['string'], given: readonly [string]): void;
  _attempt?: () => void;
  readonly FS: { readonly streams: readonly (OpenFile | null | undefined)[]; close(file: OpenFile): void };
}

interface OpenFile {
  readonly fd: number;
}

/** A WebAssembly.Memory. */
interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Memory as it was once: its pages that were not all zero. */
interface Snapshot {
  readonly length: number;
  readonly pages: readonly { readonly start: number; readonly bytes: Uint8Array }[];
}

const pageSize = 65_536;
/** Input, output and errors. */
const standardStreams = 3;

let atFirst: Snapshot | undefined;

/**
 * Lets `use` work with the HDF5 library, and then puts all of the library's memory back to how it was before its first file.
 * An error of the library leaves its stack, its files and its lists of what is open as they were in the middle of things, and some damaged
 * files have it free what it never allocated: without this, a few hundred of those would end it for the whole process.
 * While somebody else has a file open in it, the memory is left alone.
 * @param most how much memory the library may have by then, in bytes: a damaged file may tell it to read a text of gigabytes
 * @param use gives nothing that lives in the library; no wait is possible in it
 */
export async function withLibrary<Result>(most: number, use: (library: Hdf5Library) => Result): Promise<Result> {
  const library = await hdf5.ready;
  const runtime = library as unknown as Runtime;
  const alone = openFiles(runtime).length === 0;
  if (atFirst === undefined && alone) {
    // Without it, a failed read returns whatever the memory held before.
    library.activate_throwing_error_handler();
    atFirst = snapshotOf(library.HEAPU8);
  }
  const before = new Set(openFiles(runtime));
  try {
    return onSavedStack(runtime, () => withBoundedMemory(most, () => use(library)));
  } finally {
    for (const file of openFiles(runtime)) if (!before.has(file)) runtime.FS.close(file);
    if (atFirst !== undefined && alone) restore(library.HEAPU8, atFirst);
  }
}

function openFiles({ FS }: Runtime): readonly OpenFile[] {
  return FS.streams.filter((file): file is OpenFile => file !== null && file !== undefined && file.fd >= standardStreams);
}

/** What is thrown through the library's own functions leaves their frames on its stack. */
function onSavedStack<Result>(runtime: Runtime, work: () => Result): Result {
  let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
  runtime._attempt = () => {
    try {
      outcome = { result: work() };
    } catch (error) {
      outcome = { error };
    }
  };
  runtime.ccall('attempt', null, ['string'], ['']);
  if (outcome === undefined) throw new Error('the HDF5 library did not call back');
  if ('error' in outcome) throw outcome.error;
  return outcome.result;
}

/** Where memory cannot grow, the library finds none and says so. Nothing else runs meanwhile, and so nothing else is bounded. */
function withBoundedMemory<Result>(most: number, work: () => Result): Result {
  const { prototype } = (globalThis as unknown as { readonly WebAssembly: { readonly Memory: { readonly prototype: GrowingMemory } } }).WebAssembly.Memory;
  const original: GrowingMemory['grow'] = Reflect.get(prototype, 'grow');
  prototype.grow = function grow(this: GrowingMemory, pages: number): number {
    if (this.buffer.byteLength + pages * pageSize > most) throw new RangeError(`no more than ${most} bytes for the HDF5 library`);
    return Reflect.apply(original, this, [pages]);
  };
  try {
    return work();
  } finally {
    prototype.grow = original;
  }
}

function snapshotOf(memory: Uint8Array): Snapshot {
  const zeros = Buffer.alloc(pageSize);
  const starts = Array.from({ length: memory.length / pageSize }, (_, page) => page * pageSize);
  const used = starts.filter((start) => zeros.compare(memory, start, start + pageSize) !== 0);
  return { length: memory.length, pages: used.map((start) => ({ start, bytes: memory.slice(start, start + pageSize) })) };
}

/** Memory that was added since is the library's to allocate, which it does without counting on zeros. */
function restore(memory: Uint8Array, { length, pages }: Snapshot): void {
  memory.fill(0, 0, length);
  for (const { start, bytes } of pages) memory.set(bytes, start);
}
