import type { InferenceSession } from 'onnxruntime-node';
import { messageOf, UserError } from '../../error';
import type { Graph } from '../../graph/graph';
import type { Session } from '../engine';

type Options = InferenceSession.SessionOptions;

/** A provider with the CPU for what it lacks. WebGPU in its own layout, channels last, gets poolings of onnxruntime 1.30 wrong. */
export function withProcessor(provider: string): NonNullable<Options['executionProviders']> {
  if (provider === 'cpu') return ['cpu'];
  return [provider === 'webgpu' ? { name: 'webgpu', preferredLayout: 'NCHW' } : provider, 'cpu'];
}

/** onnxruntime gives a max-pooling with indices, which a gradient needs, to WebGPU, whose own has none: such nodes are kept on the CPU. */
export function withPoolingOnProcessor(options: Options, graph: () => Graph): Options {
  const [first, ...others] = options.executionProviders ?? [];
  if (!isWebGpu(first)) return options;
  const pooling = graph().nodes.filter(({ operator, outputs }) => operator === 'MaxPool' && outputs.length > 1);
  return pooling.length === 0 ? options : { ...options, executionProviders: [{ ...first, forceCpuNodeNames: pooling.flatMap(({ outputs }) => outputs[0] ?? []) }, ...others] };
}

type WebGpu = InferenceSession.WebGpuExecutionProviderOption;
const isWebGpu = (provider: InferenceSession.ExecutionProviderConfig | undefined): provider is WebGpu => typeof provider === 'object' && provider.name === 'webgpu';

/** A session whose calls reject with `UserError` `engine-failed` where the provider cannot compute the model after all; it shows when a graph first runs. */
export function withPlainErrors(session: Session, provider: string): Session {
  const failed = (error: unknown): never => {
    // The library throws nothing more special than Error; what does is ours.
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    throw new UserError('engine-failed', `onnxruntime cannot compute this model on ${provider}: ${messageOf(error)}`, { remedy: provider === 'cpu' ? 'Set the engine to "tensorflow".' : 'Set the execution provider to cpu.', cause: error });
  };
  return {
    ...session,
    noisyStep: (batch, step) => session.noisyStep(batch, step).catch(failed),
    gradient: (batch, options) => session.gradient(batch, options).catch(failed),
    evaluate: (batch) => session.evaluate(batch).catch(failed),
    predict: (features, size) => session.predict(features, size).catch(failed),
  };
}
