import { UserError } from '../error';
import type { EngineSettings, EngineState, EngineVariant } from '../protocol/engine-settings';
import { startEngine, type CallOptions, type EngineClient } from './engine-client';

export interface ListOptions extends CallOptions {
  /** The engine's program; beside this one unless given. */
  readonly engineEntry?: string | undefined;
}

/**
 * Every way to run on this machine: what is there with its versions, what is missing with the reason and what to do about it.
 * Each is tried in a process of its own: a library that brings its process down is missing like any other.
 */
export async function listEngines(settings: EngineSettings, options: ListOptions = {}): Promise<readonly EngineState[]> {
  const states: EngineState[] = [];
  for (const variant of await variants(options)) {
    const title = titleOf(variant);
    try {
      states.push({ ...variant, title, available: true, versions: await inProcess(options, (engine) => engine.probe({ variant, engines: settings }, options)) });
    } catch (error) {
      if (!(error instanceof UserError) || error.code === 'cancelled') throw error;
      states.push({ ...variant, title, available: false, problem: error.message, remedy: remedyOf(variant, settings) });
    }
  }
  return states;
}

async function variants(options: ListOptions): Promise<readonly EngineVariant[]> {
  const providers = await inProcess(options, (engine) => engine.offered(options)).catch((error: unknown) => {
    // Where the package itself does not load, the probe of its simplest provider says why.
    if (error instanceof UserError && error.code !== 'cancelled') return ['cpu'];
    throw error;
  });
  return [
    ...providers.map((backend): EngineVariant => ({ engine: 'onnxruntime', backend })),
    { engine: 'tensorflow', backend: 'native' },
    { engine: 'tensorflow', backend: 'wasm' },
  ];
}

async function inProcess<R>({ engineEntry }: ListOptions, work: (engine: EngineClient) => Promise<R>): Promise<R> {
  const engine = startEngine(engineEntry);
  try {
    return await work(engine);
  } finally {
    engine.dispose();
  }
}

function titleOf({ engine, backend }: EngineVariant): string {
  if (engine === 'onnxruntime') return `ONNX Runtime on ${backend}`;
  return backend === 'native' ? 'TensorFlow (native)' : 'TensorFlow.js on WebAssembly';
}

const NEEDS: Readonly<Record<string, string>> = {
  cpu: 'Install this program again: onnxruntime-node has no library for this machine, or it does not load. The TensorFlow engine works without it.',
  webgpu: 'Needs a graphics card with a driver for Vulkan, Metal or Direct3D 12.',
  cuda: 'Needs an NVIDIA card, CUDA 12, cuDNN 9, and the libraries that the install script of onnxruntime-node fetches.',
  tensorrt: 'Needs an NVIDIA card, TensorRT, and the libraries that the install script of onnxruntime-node fetches.',
  dml: 'Needs Windows with a graphics card for Direct3D 12.',
  coreml: 'Needs macOS.',
  wasm: 'Install this program again: its WebAssembly file is missing or damaged.',
};

function remedyOf({ engine, backend }: EngineVariant, { tensorflowFolder }: EngineSettings): string {
  if (engine === 'tensorflow' && backend === 'native') {
    return tensorflowFolder === undefined
      ? 'VS Code: "Install TensorFlow Engine". Command line: "certified-unlearning install-tensorflow". Or with npm into the workspace.'
      : 'Name the folder of an @tensorflow/tfjs-node whose library is there, or none.';
  }
  return NEEDS[backend] ?? 'Choose another one.';
}
