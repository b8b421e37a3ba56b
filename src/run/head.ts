import type { Batch, Dataset } from '../data/dataset';
import type { Engine } from '../engine/engine';
import { linearHead, type LinearHead } from '../engine/linear-head';
import { inputNorm } from '../engine/methods/convex-head';
import { openEngine } from '../engine/engines';
import type { HeadFacts } from '../plan/convex-head';
import type { Mechanism } from '../privacy/mechanism';
import type { RunInputs } from './open-inputs';

const losses = { 'softmax-cross-entropy': 'softmax-cross-entropy', 'binary-cross-entropy': 'binary-cross-entropy', 'mean-squared-error': 'squared' } as const;
/** Bounds on the norm of the loss's derivative in the outputs: two probabilities at most 1 apart, or a mean of such; for the squared loss the labels say. */
const slopes = { 'softmax-cross-entropy': Math.SQRT2, 'binary-cross-entropy': 1, 'mean-squared-error': 0 } as const;
/** Records that are read at a time. */
const CHUNK = 1024;

/** The one linear layer that is all that is trained, if it is. */
export function headOf({ model, trainable, loss }: Pick<RunInputs, 'model' | 'trainable' | 'loss'>): LinearHead | undefined {
  return linearHead(model.graph, trainable.map(({ name }) => name), loss);
}

/** Records as the layer sees them: as they are, or what the frozen part of the model makes of them. */
export async function headInputs(head: LinearHead, { model, train }: Pick<RunInputs, 'model' | 'train'>, engine?: Engine): Promise<{ readonly dataset: Dataset; readonly dispose: () => Promise<void> }> {
  if (head.inputIsData) return { dataset: train, dispose: () => Promise.resolve() };
  const used = engine ?? (await openEngine('onnxruntime'));
  // The loss is never computed; any that takes all outputs will do.
  const session = await used.prepare({ graph: { ...model.graph, outputs: [head.input] }, loss: 'mean-squared-error', trainable: [], batchSize: CHUNK });
  const read = async (records: Uint32Array): Promise<Batch> => {
    const batch = await train.read(records);
    return { ...batch, features: await session.predict(batch.features, batch.size) };
  };
  return { dataset: { count: train.count, featureShape: [head.features], labelKind: train.labelKind, read, digests: () => train.digests() }, dispose: () => session.dispose() };
}

/** What a plan needs to know of the layer: the largest of its inputs over the retained records. */
export async function headFacts(inputs: Pick<RunInputs, 'model' | 'trainable' | 'loss' | 'train' | 'retain'>): Promise<HeadFacts | undefined> {
  const head = headOf(inputs);
  if (head === undefined) return undefined;
  const { dataset, dispose } = await headInputs(head, inputs);
  try {
    let largest = 0;
    let slope = slopes[inputs.loss];
    for (let start = 0; start < inputs.retain.length; start += CHUNK) {
      const { features, labels, size } = await dataset.read(inputs.retain.slice(start, start + CHUNK));
      for (let record = 0; record < size; record++) largest = Math.max(largest, inputNorm(features.subarray(record * head.features, (record + 1) * head.features), head.bias !== undefined));
      // At the origin the derivative of ½(y − p)² is −y.
      if (inputs.loss === 'mean-squared-error') for (const label of labels) slope = Math.max(slope, Math.abs(label));
    }
    return { loss: losses[inputs.loss], inputRadius: largest, features: head.features, slope, centreNorm: 0 };
  } finally {
    await dispose();
  }
}

/** Runs with the records as a method reads them: as they are, but for a head, which reads the inputs of its layer. */
export async function withMethodData<T>({ method }: Pick<Mechanism, 'method'>, inputs: Pick<RunInputs, 'model' | 'trainable' | 'loss' | 'train'>, engine: Engine, work: (dataset: Dataset) => Promise<T>): Promise<T> {
  const head = method === 'convex-head' ? headOf(inputs) : undefined;
  if (head === undefined) return work(inputs.train);
  const { dataset, dispose } = await headInputs(head, inputs, engine);
  try {
    return await work(dataset);
  } finally {
    await dispose();
  }
}
