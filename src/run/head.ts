import type { Batch, Dataset } from '../data/dataset';
import type { Engine } from '../engine/engine';
import { linearHead, type LinearHead } from '../engine/linear-head';
import { inputNorm } from '../engine/methods/convex-head';
import { norm } from '../engine/update';
import { upTo } from '../graph/with-values';
import { openEngine, type EngineOptions } from '../engine/engines';
import type { HeadFacts } from '../plan/convex-head';
import type { Mechanism } from '../privacy/mechanism';
import type { RunInputs } from './open-inputs';
import { neutralStatistics, recomputeStatistics } from './recompute-statistics';

const losses = { 'softmax-cross-entropy': 'softmax-cross-entropy', 'binary-cross-entropy': 'binary-cross-entropy', 'mean-squared-error': 'squared' } as const;
/** Bounds on the norm of the loss's derivative in the outputs: two probabilities at most 1 apart, or a mean of such; for the squared loss the labels say. */
const slopes = { 'softmax-cross-entropy': Math.SQRT2, 'binary-cross-entropy': 1, 'mean-squared-error': 0 } as const;
/** Room for engines that round what the frozen part computes differently. */
const ROUNDING = 1 + 1e-5;
/** Records that are read at a time. */
const CHUNK = 1024;

interface Records {
  readonly train: Dataset;
}

/** The one linear layer that is all that is trained, if it is. */
export function headOf({ model, trainable, loss }: Pick<RunInputs, 'model' | 'trainable' | 'loss'>): LinearHead | undefined {
  return linearHead(model.graph, trainable.map(({ name }) => name), loss);
}

/** Records as the layer sees them: as they are, or what the frozen part of the model makes of them, computed once and kept. */
export async function headInputs(head: LinearHead, { model, statistics, train, retain }: Pick<RunInputs, 'model' | 'statistics' | 'retain'> & Records, engine: Engine): Promise<Dataset> {
  if (head.inputIsData) return train;
  const { features: width } = head;
  const kept = new Float32Array(retain.length * width);
  // Running statistics that the original training left would carry what it saw into every input.
  const graph = statistics.length === 0 ? model.graph : await recomputeStatistics(engine, neutralStatistics(model.graph, statistics), statistics, train, retain);
  // The loss is never computed; any that takes all outputs will do.
  const session = await engine.prepare({ graph: upTo(graph, head.input), loss: 'mean-squared-error', trainable: [], batchSize: CHUNK });
  try {
    for (let start = 0; start < retain.length; start += CHUNK) {
      const { features, size } = await train.read(retain.slice(start, start + CHUNK));
      kept.set(await session.predict(features, size), start * width);
    }
  } finally {
    await session.dispose();
  }
  const place = new Map(Array.from(retain, (record, index) => [record, index]));
  const read = async (records: Uint32Array): Promise<Batch> => {
    const features = new Float32Array(records.length * width);
    records.forEach((record, index) => {
      const at = place.get(record) ?? NaN;
      features.set(kept.subarray(at * width, (at + 1) * width), index * width);
    });
    const { labels } = await train.read(records);
    return { size: records.length, features, labels };
  };
  return { count: train.count, featureShape: [width], labelKind: train.labelKind, read, digests: () => train.digests() };
}

/** Planning computes on the CPU, whatever a run will use. */
async function anyEngine(engines: EngineOptions): Promise<Engine> {
  const onCpu: EngineOptions = { ...engines, onnxruntime: { ...engines.onnxruntime, executionProvider: 'cpu' } };
  return openEngine('onnxruntime', onCpu).catch(() => openEngine('tensorflow', onCpu));
}

/** What a plan needs to know of the layer: the largest of its inputs over the retained records. */
export async function headFacts(inputs: Pick<RunInputs, 'model' | 'statistics' | 'trainable' | 'centre' | 'loss' | 'retain'> & Records, engines: EngineOptions): Promise<HeadFacts | undefined> {
  const head = headOf(inputs);
  if (head === undefined) return undefined;
  const dataset = head.inputIsData ? inputs.train : await headInputs(head, inputs, await anyEngine(engines));
  let largest = 0;
  let slope = slopes[inputs.loss];
  for (let start = 0; start < inputs.retain.length; start += CHUNK) {
    const { features, labels, size } = await dataset.read(inputs.retain.slice(start, start + CHUNK));
    for (let record = 0; record < size; record++) largest = Math.max(largest, inputNorm(features.subarray(record * head.features, (record + 1) * head.features), head.bias !== undefined));
    // At the origin the derivative of ½(y − p)² is −y; the layer predicts at most ‖(a, 1)‖·‖c‖ elsewhere.
    if (inputs.loss === 'mean-squared-error') for (const label of labels) slope = Math.max(slope, Math.abs(label));
  }
  const centreNorm = inputs.centre === undefined ? 0 : norm(inputs.centre.values);
  if (inputs.loss === 'mean-squared-error') slope += largest * centreNorm;
  return { loss: losses[inputs.loss], inputRadius: largest * ROUNDING, features: head.features, slope, centreNorm };
}

/** The records as a method reads them: as they are, but for a head, which reads the inputs of its layer. */
export async function methodData({ method }: Pick<Mechanism, 'method'>, inputs: Pick<RunInputs, 'model' | 'statistics' | 'trainable' | 'loss' | 'train' | 'retain'>, engine: Engine): Promise<Dataset> {
  const head = method === 'convex-head' ? headOf(inputs) : undefined;
  return head === undefined ? inputs.train : headInputs(head, inputs, engine);
}
