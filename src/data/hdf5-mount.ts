import { closeSync, readSync } from 'node:fs';
import * as hdf5 from 'h5wasm';
import type { SourceFile } from './source-file';
import { openPlain } from './temporary-file';

/** A file as the HDF5 library sees it, in its own file system. */
export interface Mounted {
  readonly module: Awaited<typeof hdf5.ready>;
  readonly path: string;
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

async function openLibrary(): Promise<Mounted['module']> {
  const module = await hdf5.ready;
  // Without it, a failed read gives whatever the memory held before.
  module.activate_throwing_error_handler();
  return module;
}

/** Gives the library a file on disk, of which it reads what it needs: its memory of 4 GiB is no limit to the size of the file. @throws UserError as `openPlain`. */
export async function mountFile(file: SourceFile): Promise<Mounted> {
  const module = await openLibrary();
  const name = `data-${mounted++}.h5`;
  const { descriptor, size } = await openPlain(file);
  const node = (module.FS as unknown as FileSystem).createFile('/', name, {}, true, false);
  Object.defineProperty(node, 'usedBytes', { get: () => size });
  const read = (_: unknown, target: Uint8Array, offset: number, length: number, position: number): number => readSync(descriptor, target, offset, length, position);
  node.stream_ops = { llseek: node.stream_ops['llseek'], read };
  return {
    module,
    path: `/${name}`,
    unmount: () => {
      module.FS.unlink(`/${name}`);
      closeSync(descriptor);
    },
  };
}
