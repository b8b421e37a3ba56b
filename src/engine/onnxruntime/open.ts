import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import { GraphBuilder } from '../../graph/builder';
import { encodeGraph } from '../../graph/to-onnx';
import type { Engine } from '../engine';
import { openSession } from './session';
import type { OnnxRuntime } from './session';

export interface OnnxRuntimeOptions {
  /** Threads inside an operator; as many as there are logical processors, at most 8, unless given. */
  readonly threads?: number;
  /** Whether idle threads spin while they wait: faster on an idle machine, wasteful on a shared one. Off unless given. */
  readonly spinning?: boolean;
  /** `cpu` unless given; else one that the installed package has: `cuda`, `dml`, `coreml`, `webgpu`. */
  readonly executionProvider?: string;
}

/** Loads onnxruntime-node. Rejects where its native library does not load. */
export async function openOnnxRuntime(options: OnnxRuntimeOptions = {}): Promise<Engine> {
  const ort = await import('onnxruntime-node');
  const provider = options.executionProvider ?? 'cpu';
  const offered = ort.listSupportedBackends().map(({ name }) => name);
  if (!offered.includes(provider)) throw new Error(`onnxruntime-node has no execution provider "${provider}" on this machine; it has ${offered.join(', ')}`);
  const sessionOptions: InferenceSession.SessionOptions = {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: options.threads ?? Math.max(1, Math.min(8, availableParallelism())),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: {
      session: { intra_op: { allow_spinning: options.spinning === true ? '1' : '0' } },
      // onnxruntime 1.30 merges a Pad with zeros into a MaxPool after it, which pads with minus infinity: wrong below zero.
      optimization: { disable_specified_optimizers: 'Pad_Fusion' },
    },
  };
  if (provider !== 'cpu') await tryOut(ort, sessionOptions);
  return {
    name: 'onnxruntime',
    versions: { 'onnxruntime-node': ort.env.versions.node ?? 'unknown', 'execution provider': provider },
    prepare: (program, centre) => Promise.resolve().then(() => openSession(ort, sessionOptions, program, centre)),
  };
}

/** A provider may be offered although its libraries or its device are missing; that shows when a graph is loaded. */
async function tryOut(ort: OnnxRuntime, options: InferenceSession.SessionOptions): Promise<void> {
  const build = new GraphBuilder();
  const x = build.input('x', [1]);
  const y = build.node('Relu', [x]);
  build.output(y);
  const session = await ort.InferenceSession.create(encodeGraph(build.build()), options);
  await session.run({ [x]: new ort.Tensor('float32', Float32Array.of(1), [1]) });
  await session.release();
}
