import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf } from '../../error';
import type { Engine } from '../engine';
import type { TensorFlow } from './kernel';
import { findNative, loadNative, packageIn, versionsOfNative } from './native';
import { openSession } from './session';

export interface TensorFlowOptions {
  /** `native` is @tensorflow/tfjs-node, `wasm` the WebAssembly backend; unless given, the first that loads. */
  readonly backend?: 'native' | 'wasm';
  /** Folder of an installed @tensorflow/tfjs-node, or one with it in its node_modules. What is named here must load: there is no falling back from it. */
  readonly nativeFolder?: string;
  /** Folders that may have @tensorflow/tfjs-node in their node_modules, the first to be preferred; one installed with this program comes last. */
  readonly nativePlaces?: readonly string[];
  /** Threads inside an operator of the native library; its own choice unless given. WebAssembly has one. */
  readonly threads?: number;
  /** Folder of the backend's .wasm files; unless given, beside this program or in the installed package. */
  readonly wasmFolder?: string;
}

/** Loads TensorFlow.js. Rejects where the wanted backend does not load; a silent fall-back to another one counts as that. */
export async function openTensorFlow(options: TensorFlowOptions = {}): Promise<Engine> {
  if (options.backend === 'wasm') return webAssembly(options);
  const asked = options.backend === 'native' || options.nativeFolder !== undefined;
  const folder = options.nativeFolder === undefined ? findNative(options.nativePlaces ?? []) : packageIn(options.nativeFolder);
  if (folder === undefined) {
    if (asked) throw new Error('@tensorflow/tfjs-node is not installed');
    return webAssembly(options);
  }
  try {
    const tf = loadNative(folder, options.threads);
    await use(tf, 'tensorflow');
    return engine(tf, 'tensorflow', { '@tensorflow/tfjs': tf.version.tfjs, backend: '@tensorflow/tfjs-node', ...versionsOfNative(tf) });
  } catch (error) {
    if (asked) throw new Error(`the package in ${folder} does not load: ${messageOf(error)}`, { cause: error });
    return { ...(await webAssembly(options)), note: `the native TensorFlow in ${folder} does not load: ${messageOf(error)}` };
  }
}

async function webAssembly({ wasmFolder: folder }: TensorFlowOptions): Promise<Engine> {
  const tf = await wasm(folder);
  return engine(tf, 'wasm', { '@tensorflow/tfjs': tf.version.tfjs, backend: '@tensorflow/tfjs-backend-wasm' });
}

function engine(tf: TensorFlow, backend: string, versions: Engine['versions']): Engine {
  return {
    name: 'tensorflow',
    versions,
    prepare: async (program, centre) => {
      await use(tf, backend);
      return openSession(tf, program, centre, () => use(tf, backend));
    },
  };
}

async function wasm(folder: string | undefined): Promise<TensorFlow> {
  const { tf, setWasmPaths } = await import('./library');
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
