import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { FlatState } from '../noise/flat-state';
import type { Exchange } from '../thread';
import { Differentiator } from './differentiator';
import type { Blueprint, GradientModel, OnnxRuntime, Records } from './differentiator';

/** What the thread starts with. */
export interface GradientWork {
  /** Path of onnxruntime-node's main file. */
  readonly runtime: string;
  readonly options: InferenceSession.SessionOptions;
  readonly blueprint: Blueprint;
}

/** A share of a batch of `total` records, at x; models that the thread has not seen come with the first share that needs them. */
export interface GradientAsk {
  readonly x: Float32Array;
  readonly records: Records;
  readonly total: number;
  readonly models: readonly (readonly [number, GradientModel])[];
}

export interface GradientAnswer {
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** The thread that differentiates a share of each batch. Bundled into `gradient-worker.generated.ts` as text. */
const { runtime, options, blueprint } = workerData as GradientWork;
const ort = createRequire(runtime)(runtime) as OnnxRuntime;
const models = new Map<number, GradientModel>();
const dimension = blueprint.segments.reduce((sum, { length }) => sum + length, 0);
const state = new FlatState(dimension, undefined, true);
const differentiator = new Differentiator(ort, options, blueprint, state, (size) => {
  const model = models.get(size);
  if (model === undefined) throw new RangeError(`no model for ${size} records was handed over`);
  return model;
});
const port = parentPort;

port?.on('message', ({ number, content }: Exchange<GradientAsk>) => {
  void answer(content).then((answered) => port.postMessage({ number, content: answered } satisfies Exchange<GradientAnswer>, [answered.gradient.buffer as ArrayBuffer]));
});

/** A rejection ends the thread, and its owner learns why. */
async function answer({ x, records, total, models: unseen }: GradientAsk): Promise<GradientAnswer> {
  for (const [size, model] of unseen) models.set(size, model);
  state.x.set(x);
  return { loss: await differentiator.run(records, total), gradient: state.gradient.slice() };
}
