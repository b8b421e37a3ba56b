import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type { Engine } from '../engine';
import type { TensorFlow } from './kernel';
import { openSession } from './session';

export interface TensorFlowOptions {
  /** `native` is @tensorflow/tfjs-node, `wasm` the WebAssembly backend; unless given, the first that loads. */
  readonly backend?: 'native' | 'wasm';
  /** Folder of an installed @tensorflow/tfjs-node; unless given, one installed with this program or in the current directory. */
  readonly nativeFolder?: string;
  /** Folder of the backend's .wasm files; unless given, beside this program or in the installed package. */
  readonly wasmFolder?: string;
}

/** Loads TensorFlow.js. Rejects where the wanted backend does not load; a silent fall-back to another one counts as that. */
export async function openTensorFlow(options: TensorFlowOptions = {}): Promise<Engine> {
  if (options.backend !== 'wasm') {
    try {
      return engine(await native(options.nativeFolder), 'tensorflow', '@tensorflow/tfjs-node');
    } catch (error) {
      if (options.backend === 'native') throw error;
    }
  }
  return engine(await wasm(options.wasmFolder), 'wasm', '@tensorflow/tfjs-backend-wasm');
}

function engine(tf: TensorFlow, backend: string, library: string): Engine {
  return {
    name: 'tensorflow',
    versions: { '@tensorflow/tfjs': tf.version.tfjs, backend: library },
    prepare: async (program, centre) => {
      await use(tf, backend);
      return openSession(tf, program, centre, () => use(tf, backend));
    },
  };
}

async function native(folder: string | undefined): Promise<TensorFlow> {
  restoreRemovedFunctions();
  const tf = (folder === undefined ? installed() : createRequire(join(folder, 'package.json'))(folder)) as TensorFlow;
  await use(tf, 'tensorflow');
  return tf;
}

/** The package is optional, so its name must not be resolved when this file is compiled or bundled. */
function installed(): unknown {
  const name = '@tensorflow/tfjs-node';
  const places = [__filename, join(process.cwd(), 'package.json')].map((place) => createRequire(place));
  const found = places.find((require) => require.resolve.paths(name)?.some((path) => existsSync(join(path, name))));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found(name);
}

/** tfjs-node 4.22 still calls two functions that Node 23 removed from `util`. */
function restoreRemovedFunctions(): void {
  const target = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  target.isNullOrUndefined ??= (value) => value === null || value === undefined;
  target.isArray ??= (value) => Array.isArray(value);
}

async function wasm(folder: string | undefined): Promise<TensorFlow> {
  const tf = await import('@tensorflow/tfjs');
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${wasmFolder(folder)}/`);
  await use(tf, 'wasm');
  return tf;
}

/** All copies of TensorFlow.js in a process share one current backend, so whoever needs another one asks again before each piece of work. */
async function use(tf: TensorFlow, backend: string): Promise<void> {
  if (tf.getBackend() === backend) return;
  if (!(await tf.setBackend(backend)) || tf.getBackend() !== backend) throw new Error(`TensorFlow.js could not start its ${backend} backend; it offers ${tf.getBackend()} instead.`);
}

const wasmFile = 'tfjs-backend-wasm-simd.wasm';

function wasmFolder(folder: string | undefined): string {
  if (folder !== undefined) return folder;
  if (existsSync(join(__dirname, wasmFile))) return __dirname;
  return join(dirname(createRequire(__filename).resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
}
