import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import type { TensorFlow } from './kernel';

const name = '@tensorflow/tfjs-node';

/** What tfjs-node adds to TensorFlow.js. */
interface Native {
  readonly version: { readonly 'tfjs-node'?: string };
  readonly backend: () => { readonly binding?: { readonly TF_Version?: unknown } };
}

/** Folder of the package in a folder given by name: the package itself, or what it was installed into. */
export function packageIn(folder: string): string {
  const inside = join(folder, 'node_modules', name);
  return existsSync(inside) ? inside : folder;
}

/** The first of the places that has the package installed in it, else one installed with this program. */
export function findNative(places: readonly string[]): string | undefined {
  const installed = createRequire(__filename).resolve.paths(name)?.map((path) => join(path, name)) ?? [];
  return [...places.map((place) => join(place, 'node_modules', name)), ...installed].find((path) => existsSync(join(path, 'package.json')));
}

/** Loads the package. Throws where its library is missing or does not load. */
export function loadNative(folder: string, threads: number | undefined): TensorFlow {
  restoreRemovedFunctions();
  if (threads !== undefined) {
    // Read once, when the library starts.
    process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
    process.env['TF_NUM_INTEROP_THREADS'] = '1';
  }
  // The package is found at run time: its name must not be resolved when this file is bundled.
  return createRequire(join(folder, 'package.json'))(folder) as TensorFlow;
}

/** Versions for the certificate. */
export function versionsOfNative(tf: TensorFlow): Readonly<Record<string, string>> {
  const { version, backend } = tf as unknown as Native;
  const library = backend().binding?.TF_Version;
  return { ...(version['tfjs-node'] === undefined ? {} : { [name]: version['tfjs-node'] }), ...(typeof library === 'string' ? { libtensorflow: library } : {}) };
}

/** tfjs-node 4.22 still calls two functions that Node 23 removed from `util`. */
function restoreRemovedFunctions(): void {
  const target = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  target.isNullOrUndefined ??= (value) => value === null || value === undefined;
  target.isArray ??= (value) => Array.isArray(value);
}
