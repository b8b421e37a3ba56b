import { closeSync, readSync } from 'node:fs';
import * as hdf5 from 'h5wasm';
import { withLibrary } from '../hdf5-library';
import type { Hdf5Library } from '../hdf5-library';
import type { SourceFile } from './source-file';
import { openPlain } from './temporary-file';

/** A file on disk as the HDF5 library sees it, of which the library reads what it needs: its memory of 4 GiB is no limit to the size of the file. */
export interface Mounted {
  /** Bytes of the file, unpacked where it is compressed as a whole. */
  readonly size: number;
  /**
   * Opens the file for some work, and leaves nothing of it in the library's memory: a damaged file may have changed anything there.
   * @param most bytes of memory that the library may have by then
   * @param work gives nothing that lives in the library
   */
  use<Result>(most: number, work: (file: hdf5.File, library: Hdf5Library) => Result): Promise<Result>;
  unmount(): void;
}

/** What of the library's file system is used here; its own declarations leave it out. */
interface FileSystem {
  createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): FileNode;
}

interface FileNode {
  usedBytes: number;
  stream_ops: Readonly<Record<string, unknown>>;
}

/** The counter keeps open files apart. */
let mounted = 0;

/** @throws UserError as `openPlain`. */
export async function mountFile(file: SourceFile): Promise<Mounted> {
  const { FS } = await hdf5.ready;
  const name = `data-${mounted++}.h5`;
  const { descriptor, size } = await openPlain(file);
  const node = (FS as unknown as FileSystem).createFile('/', name, {}, true, false);
  Object.defineProperty(node, 'usedBytes', { get: () => size });
  const read = (_: unknown, target: Uint8Array, offset: number, length: number, position: number): number => readSync(descriptor, target, offset, length, position);
  node.stream_ops = { llseek: node.stream_ops['llseek'], read };
  return {
    size,
    use: (most, work) => withLibrary(most, (library) => {
      const opened = new hdf5.File(`/${name}`, 'r');
      const result = work(opened, library);
      opened.close();
      return result;
    }),
    unmount: () => {
      FS.unlink(`/${name}`);
      closeSync(descriptor);
    },
  };
}
