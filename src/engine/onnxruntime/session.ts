import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Batch } from '../../data/dataset';
import { attachLoss } from '../../graph/attach-loss';
import type { Graph } from '../../graph/graph';
import { encodeGraph } from '../../graph/to-onnx';
import type { Session, StepReport, TrainingProgram } from '../engine';
import { flatten, layoutOf } from '../flat-vector';
import { FlatState } from '../noise/flat-state';
import { score } from '../score';
import { checkBatch, checkedReport, checkParameters, predictInChunks } from '../session-checks';
import { fillTargets } from '../targets';
import { partSize } from './parts';
import { gradientGraph, predictionGraph } from './training-graph';

export type OnnxRuntime = typeof onnxruntime;
type Tensors = Record<string, Tensor>;

interface Differential {
  readonly session: InferenceSession;
  /** What the loss compares predictions with; a view of the fed tensor. */
  readonly targets: Float32Array;
  /** Parameters and targets; the features are put in before each run. */
  readonly feeds: Tensors;
  /** The gradients by name of output, as views of the flat gradient. */
  readonly outputs: Tensors;
}

/**
 * A program on onnxruntime: loss and gradients of the batch are one graph, written as standard operators, whose parameters are views of the
 * flat vector x and whose gradients are written straight into the flat gradient. Batches too large for the processor's caches are taken in
 * parts, whose gradients add up. A graph is built when first needed: one for predictions, and one for every size of a part.
 */
export function openSession(ort: OnnxRuntime, options: InferenceSession.SessionOptions, program: TrainingProgram, centre: Float32Array | undefined): Session {
  const layout = layoutOf(program);
  const names = layout.segments.map(({ name }) => name);
  const loss = attachLoss(program.graph, program.loss);
  const training = program.training === undefined ? loss : attachLoss(program.training, program.loss);
  const shape = { size: loss.outputSize, classes: loss.classes };
  const batchSize = program.batchSize;
  const input = program.graph.inputs[0];
  if (input === undefined) throw new RangeError('the graph has no input');
  const inputName = input.name;
  const inputShape = (size: number): number[] => input.shape.map((dimension) => (dimension === 'batch' ? size : dimension));
  const targetShape = training.graph.inputs.find(({ name }) => name === training.target)?.shape ?? [];

  const part = partSize(training, inputName, batchSize, layout.dimension, options.intraOpNumThreads ?? 1);
  const state = new FlatState(layout.dimension, centre, part < batchSize);
  const start = flatten(program);
  checkParameters(start, layout.dimension);
  state.x.set(start);
  const views = (flat: Float32Array): readonly Tensor[] => layout.segments.map(({ shape: dims, offset, length }) => new ort.Tensor('float32', flat.subarray(offset, offset + length), dims));
  const named = (keys: readonly string[], tensors: readonly Tensor[]): Tensors => Object.fromEntries(keys.map((key, index) => [key, tensors[index] ?? lossTensor]));
  const lossValue = new Float32Array(1);
  const lossTensor = new ort.Tensor('float32', lossValue, []);
  const parameters = named(names, views(state.x));

  const open = (graph: Graph): Promise<InferenceSession> => ort.InferenceSession.create(encodeGraph(graph, names), options);
  const differentials = new Map<number, Promise<Differential>>();
  let prediction: Promise<InferenceSession> | undefined;

  const differential = (size: number): Promise<Differential> => {
    const make = async (): Promise<Differential> => {
      const { graph, gradients } = gradientGraph(training, names, size);
      const targets = new Float32Array(size * shape.size);
      const target = new ort.Tensor('float32', targets, targetShape.map((dimension) => (dimension === 'batch' ? size : dimension)));
      return { session: await open(graph), targets, feeds: { ...parameters, [training.target]: target }, outputs: { [training.loss]: lossTensor, ...named(gradients, views(state.part)) } };
    };
    const opened = differentials.get(size) ?? make();
    differentials.set(size, opened);
    return opened;
  };

  /** Leaves the gradient in the state. */
  async function differentiate(batch: Batch): Promise<StepReport> {
    if (part === batchSize) return checkedReport(await differentiatePart(batch), state.gradientNorm());
    state.gradient.fill(0);
    let mean = 0;
    for (let from = 0; from < batch.size; from += part) {
      const records = recordsOf(batch, from, Math.min(from + part, batch.size));
      const weight = records.size / batch.size;
      mean += weight * (await differentiatePart(records));
      state.addPart(weight);
    }
    return checkedReport(mean, state.gradientNorm());
  }

  /** Leaves the gradient of the mean loss on these records in the state's part, and returns that loss. */
  async function differentiatePart(batch: Batch): Promise<number> {
    const { session, targets, feeds, outputs } = await differential(batch.size);
    fillTargets(program.loss, shape, batch.labels, targets, program.classWeights);
    feeds[inputName] = new ort.Tensor('float32', batch.features, inputShape(batch.size));
    await session.run(feeds, outputs);
    return lossValue[0] ?? NaN;
  }

  return {
    dimension: layout.dimension,
    parameters: () => Promise.resolve(state.x.slice()),
    setParameters: (x) =>
      Promise.resolve().then(() => {
        checkParameters(x, layout.dimension);
        state.x.set(x);
      }),
    async noisyStep(batch, step) {
      checkBatch(batch.size, batchSize);
      const report = await differentiate(batch);
      state.step({ ...step, noise: await step.noise }, report.gradientNorm);
      return report;
    },
    async gradient(batch) {
      return { ...(await differentiate(batch)), gradient: state.gradient.slice() };
    },
    async evaluate(batch) {
      return score(program.loss, shape, await this.predict(batch.features, batch.size), batch.labels);
    },
    async predict(features, size) {
      const session = await (prediction ??= open(predictionGraph(loss, part)));
      return predictInChunks(features, size, part, shape.size, async (records) => {
        const outputs = await session.run({ ...parameters, [inputName]: new ort.Tensor('float32', records, inputShape(part)) });
        const values = outputs[loss.prediction]?.data;
        if (!(values instanceof Float32Array)) throw new TypeError('onnxruntime returned no prediction');
        return values;
      });
    },
    async dispose() {
      const sessions = [await prediction, ...(await Promise.all(differentials.values())).map(({ session }) => session)];
      await Promise.all(sessions.flatMap((session) => session?.release() ?? []));
    },
  };
}

/** The records from `from` up to `to` of a batch, as views. */
function recordsOf({ size, features, labels }: Batch, from: number, to: number): Batch {
  const [width, each] = [features.length / size, labels.length / size];
  return { size: to - from, features: features.subarray(from * width, to * width), labels: labels.subarray(from * each, to * each) };
}
