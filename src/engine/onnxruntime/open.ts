import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import type { Engine } from '../engine';
import { openSession } from './session';

export interface OnnxRuntimeOptions {
  /** Threads inside an operator; half the logical processors, at most 8, unless given. */
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
  const sessionOptions: InferenceSession.SessionOptions = {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: options.threads ?? Math.max(1, Math.min(8, availableParallelism())),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: options.spinning === true ? '1' : '0' } } },
  };
  return {
    name: 'onnxruntime',
    versions: { 'onnxruntime-node': ort.env.versions.node ?? 'unknown', 'execution provider': provider },
    prepare: (program, centre) => Promise.resolve().then(() => openSession(ort, sessionOptions, program, centre)),
  };
}
