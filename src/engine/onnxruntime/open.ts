import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import { messageOf } from '../../error';
import { GraphBuilder } from '../../graph/builder';
import { encodeGraph } from '../../graph/to-onnx';
import type { Engine } from '../engine';
import { withPlainErrors, withProcessor } from './provider-limits';
import { checkProvider } from './check-provider';
import { openSession } from './session';
import type { OnnxRuntime } from './session';

export interface OnnxRuntimeOptions {
  /** Most threads to compute on, from 1; as many as there are logical processors, at most 8, unless given. */
  readonly threads?: number;
  /** `cpu` unless given; else one that the installed package has: `cuda`, `dml`, `coreml`, `webgpu`. */
  readonly executionProvider?: string;
}

/** The execution providers that the installed package may have libraries for; whether one works shows when it is opened. Rejects where the package does not load. */
export async function offeredProviders(): Promise<readonly string[]> {
  const { listSupportedBackends } = await import('onnxruntime-node');
  return listSupportedBackends().map(({ name }) => name);
}

/** Loads onnxruntime-node. Rejects where its native library does not load, or the execution provider does not work. */
export async function openOnnxRuntime(options: OnnxRuntimeOptions = {}): Promise<Engine> {
  const ort = await import('onnxruntime-node');
  const provider = options.executionProvider ?? 'cpu';
  const offered = await offeredProviders();
  if (!offered.includes(provider)) throw new Error(`onnxruntime-node has no execution provider "${provider}" on this machine; it has ${offered.join(', ')}`);
  const sessionOptions: InferenceSession.SessionOptions = {
    executionProviders: withProcessor(provider),
    intraOpNumThreads: options.threads ?? Math.max(1, Math.min(8, availableParallelism())),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: {
      // Threads that spin while they wait take a processor from the noise's thread, and from others on the machine.
      session: { intra_op: { allow_spinning: '0' } },
      // onnxruntime 1.30 merges a Pad with zeros into a MaxPool after it, which pads with minus infinity: wrong below zero.
      optimization: { disable_specified_optimizers: 'Pad_Fusion' },
    },
  };
  if (provider !== 'cpu') {
    await tryOut(ort, sessionOptions).catch((error: unknown) => {
      throw new Error(plainly(messageOf(error)), { cause: error });
    });
  }
  return {
    name: 'onnxruntime',
    // Operators that another provider lacks run on the CPU, within the same graph.
    versions: { 'onnxruntime-node': ort.env.versions.node ?? 'unknown', 'execution provider': provider === 'cpu' ? 'cpu' : `${provider}, then cpu` },
    prepare: async (program, centre) => {
      const session = await Promise.resolve().then(() => withPlainErrors(openSession(ort, sessionOptions, program, centre), provider));
      if (provider !== 'cpu') await checkProvider(provider, session, openSession(ort, { ...sessionOptions, executionProviders: ['cpu'] }, program, centre), program).catch(async (error: unknown) => {
        await session.dispose();
        throw error;
      });
      return session;
    },
  };
}

/** A provider may be offered although its libraries or its device are missing; that shows when a graph is loaded. */
async function tryOut(ort: OnnxRuntime, options: InferenceSession.SessionOptions): Promise<void> {
  const build = new GraphBuilder();
  const x = build.input('x', [1]);
  const y = build.node('Relu', [x]);
  build.output(y);
  // Here the CPU must not step in for it.
  const extra = { session: { intra_op: { allow_spinning: '0' }, disable_cpu_ep_fallback: '1' } };
  const session = await ort.InferenceSession.create(encodeGraph(build.build()), { ...options, executionProviders: options.executionProviders?.slice(0, 1) ?? [], extra });
  await session.run({ [x]: new ort.Tensor('float32', Float32Array.of(1), [1]) });
  await session.release();
}

/** Without the place in the library's source and the condition that failed there. */
const plainly = (message: string): string => message.replace(/^\/onnxruntime_src\/.*? was false\. /, '');
