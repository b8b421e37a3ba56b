import type { InferenceSession } from 'onnxruntime-node';
import type { Batch } from '../../data/dataset';
import { attachLoss } from '../../graph/attach-loss';
import { encodeGraph } from '../../graph/to-onnx';
import type { Session, StepReport, TrainingProgram } from '../engine';
import { flatten, layoutOf } from '../flat-vector';
import { FlatState } from '../noise/flat-state';
import { score } from '../score';
import { checkBatch, checkedReport, checkParameters, predictInChunks } from '../session-checks';
import { fillTargets } from '../targets';
import { Crew } from './crew';
import { Differentiator } from './differentiator';
import type { Blueprint, GradientModel, OnnxRuntime, Records } from './differentiator';
import { partSize } from './parts';
import { withPoolingOnProcessor } from './provider-limits';
import { threadsInside } from './threads';
import { gradientGraph, predictionGraph } from './training-graph';

export type { OnnxRuntime } from './differentiator';

/**
 * A program on onnxruntime: loss and gradients of the batch are one graph, written as standard operators, whose parameters are views of the
 * flat vector x and whose gradients are written straight into the flat gradient. Batches too large for the processor's caches are taken in
 * parts, shared out among threads, whose gradients add up. A graph is built when first needed: one for predictions, and one for every size of
 * a part.
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

  const threads = options.intraOpNumThreads ?? 1;
  const onProcessor = options.executionProviders?.length === 1 && options.executionProviders[0] === 'cpu';
  const part = onProcessor ? partSize(training, inputName, batchSize, layout.dimension, threads) : batchSize;
  const inParts = part < batchSize;
  const state = new FlatState(layout.dimension, centre, inParts);
  flatten(program, state.x);
  checkParameters(state.x, layout.dimension);

  const models = new Map<number, GradientModel>();
  const modelFor = (size: number): GradientModel => {
    const known = models.get(size);
    if (known !== undefined) return known;
    const { graph, gradients, end } = gradientGraph(training, names, size);
    const model = { bytes: encodeGraph(graph, names), gradients, end };
    models.set(size, model);
    return model;
  };
  const blueprint: Blueprint = { segments: layout.segments, input: { name: inputName, shape: input.shape }, target: { name: training.target, shape: targetShape }, loss: training.loss, part: inParts ? part : Infinity, inParts };
  const shared = inParts && threads > 1;
  const perThread = { ...withPoolingOnProcessor(options, () => gradientGraph(training, names, part).graph), intraOpNumThreads: shared ? 1 : threadsInside(training, batchSize, threads) };
  const differentiator = new Differentiator(ort, perThread, blueprint, state, modelFor);
  let crew: Crew | undefined;
  let prediction: Promise<InferenceSession> | undefined;

  /** Leaves the gradient in the state. */
  async function differentiate(batch: Batch): Promise<StepReport> {
    const targets = new Float32Array(batch.size * shape.size);
    fillTargets(program.loss, shape, batch.labels, targets, program.classWeights);
    const records: Records = { size: batch.size, features: batch.features, targets };
    return checkedReport(await (shared && batch.size > part ? together(records) : differentiator.run(records, batch.size)), state.gradientNorm());
  }

  async function together(records: Records): Promise<number> {
    crew ??= new Crew(Math.min(threads, Math.ceil(batchSize / part)) - 1, perThread, blueprint, modelFor);
    const { answers, left } = crew.start(state.x, records);
    let mean = await differentiator.run(left, records.size);
    for (const answer of answers) {
      const { loss: share, gradient } = await answer;
      state.part.set(gradient);
      state.addPart(1);
      mean += share;
    }
    return mean;
  }

  return {
    dimension: layout.dimension,
    parameters: ({ borrowed = false } = {}) => Promise.resolve(borrowed ? state.x : state.x.slice()),
    setParameters: (x) =>
      Promise.resolve().then(() => {
        checkParameters(x, layout.dimension);
        if (x !== state.x) state.x.set(x);
      }),
    async noisyStep(batch, step) {
      checkBatch(batch.size, batchSize);
      const report = await differentiate(batch);
      state.step({ ...step, noise: await step.noise }, report.gradientNorm);
      return report;
    },
    async gradient(batch, { borrowed = false } = {}) {
      return { ...(await differentiate(batch)), gradient: borrowed ? state.gradient : state.gradient.slice() };
    },
    async evaluate(batch) {
      return score(program.loss, shape, await this.predict(batch.features, batch.size), batch.labels);
    },
    async predict(features, size) {
      const session = await (prediction ??= ort.InferenceSession.create(encodeGraph(predictionGraph(loss, part), names), options));
      return predictInChunks(features, size, part, shape.size, async (records) => {
        const outputs = await session.run({ ...differentiator.parameters, [inputName]: new ort.Tensor('float32', records, inputShape(part)) });
        const values = outputs[loss.prediction]?.data;
        if (!(values instanceof Float32Array)) throw new TypeError('onnxruntime returned no prediction');
        return values;
      });
    },
    async dispose() {
      await crew?.close();
      await Promise.all([differentiator.release(), (await prediction)?.release()]);
    },
  };
}
