import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../error';
import { startEngine } from '../engine-client';
import { buildFromWheel, canBuildFromWheel } from './from-wheel';
import { node, npm, pathWith } from './programs';
import { refuseIfAborted, runCommand } from './run-command';

/** The version that the engine was tested with. */
export const TFJS_NODE = '@tensorflow/tfjs-node@4.22.0';

export type InstallStep = 'package' | 'library' | 'wheel' | 'compile' | 'check';

export interface InstallOptions {
  /** Where to: what is there is replaced, once what replaces it has proved to work. */
  readonly folder: string;
  /** `prebuilt`: the library that the package's own installer downloads. `wheel`: built from the one on PyPI. Unless given, the second where the first fails. */
  readonly from?: 'prebuilt' | 'wheel' | undefined;
  readonly onStep: (step: InstallStep) => void;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  /** Tries the installed package out and rejects where it does not work; as a run would, unless given. */
  readonly check?: ((folder: string) => Promise<unknown>) | undefined;
}

/**
 * Installs @tensorflow/tfjs-node into a folder of its own, and returns how its library came there. Of all packages only its own installer is run.
 * It happens beside the folder and is moved there in the end; whatever goes wrong before leaves nothing.
 * Throws `UserError` `program-missing`, `install-failed`, `engine-missing` where the result does not work, `cancelled`.
 */
export async function installTensorFlow({ folder, from, onStep, onLine, signal, check = probe }: InstallOptions): Promise<'prebuilt' | 'wheel'> {
  await mkdir(dirname(folder), { recursive: true });
  await removeAbandoned(dirname(folder));
  const staging = await mkdtemp(join(dirname(folder), STAGING));
  const options = { onLine, signal };
  const module = join(staging, 'node_modules', '@tensorflow', 'tfjs-node');
  const working = async (source: 'prebuilt' | 'wheel'): Promise<'prebuilt' | 'wheel'> => {
    if (source === 'wheel') {
      await buildFromWheel(staging, module, options, onStep);
    } else {
      onStep('library');
      const { env, ...program } = node();
      await runCommand(program, ['scripts/install.js'], { ...options, cwd: module, env: { ...env, ...pathWith(staging) } });
    }
    onStep('check');
    await check(module);
    return source;
  };
  try {
    onStep('package');
    await writeFile(join(staging, 'package.json'), '{ "private": true }\n');
    await runCommand(npm(), ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', TFJS_NODE], { ...options, cwd: staging });
    const how = await (from === undefined ? working('prebuilt').catch(otherwise(() => working('wheel'), onLine)) : working(from));
    refuseIfAborted(signal);
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
    return how;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

const STAGING = '.installing-';
const AN_HOUR = 3_600_000;

/** What an installation left that was killed, and not one that goes on in another window. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(STAGING));
  for (const path of names.map((name) => join(parent, name))) {
    if (Date.now() - (await stat(path)).mtimeMs > AN_HOUR) await rm(path, { recursive: true, force: true });
  }
}

/** Where the prebuilt library cannot be had, the other way; where that fails too, both reasons. */
function otherwise(second: () => Promise<'prebuilt' | 'wheel'>, onLine: (line: string) => void): (error: unknown) => Promise<'prebuilt' | 'wheel'> {
  return async (error) => {
    if (!(error instanceof UserError) || error.code === 'cancelled') throw error;
    const first = `the prebuilt library could not be had: ${error.message}`;
    onLine(first);
    if (!canBuildFromWheel) throw new UserError('install-failed', first, { remedy: 'Check the connection and the proxy of npm, or put an installed package into a folder and name it with --tensorflow.', cause: error });
    return second().catch((another: unknown) => {
      if (!(another instanceof UserError) || another.code === 'cancelled') throw another;
      throw new UserError('install-failed', `${first}; and building it failed: ${another.message}`, { remedy: 'Check the connection to npm and PyPI; without the native library TensorFlow.js computes on WebAssembly.', cause: another });
    });
  };
}

async function probe(folder: string): Promise<void> {
  const engine = startEngine();
  try {
    await engine.probe({ variant: { engine: 'tensorflow', backend: 'native' }, engines: { tensorflowFolder: folder } });
  } finally {
    engine.dispose();
  }
}
