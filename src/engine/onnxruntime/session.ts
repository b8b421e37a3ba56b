import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Batch } from '../../data/dataset';
import { attachLoss } from '../../graph/attach-loss';
import type { Graph } from '../../graph/graph';
import { encodeGraph } from '../../graph/to-onnx';
import type { Session, StepReport, TrainingProgram } from '../engine';
import { flatten, layoutOf } from '../flat-vector';
import { score } from '../score';
import { checkBatch, checkedReport, checkParameters, predictInChunks } from '../session-checks';
import { fillTargets } from '../targets';
import { gradientGraph, predictionGraph, stepGraph } from './training-graph';
import type { GradientGraph } from './training-graph';

export type OnnxRuntime = typeof onnxruntime;
type Tensors = Record<string, Tensor>;

/** One copy of x, seen as a whole and tensor by tensor. */
interface Copy {
  readonly x: Float32Array;
  readonly whole: Tensor;
  readonly parts: Tensors;
}

/** A function that is computed once, when first called. */
function once<Value>(make: () => Promise<Value>): { readonly get: () => Promise<Value>; readonly made: () => Promise<Value> | undefined } {
  let value: Promise<Value> | undefined;
  return { get: () => (value ??= make()), made: () => value };
}

/**
 * A program on onnxruntime. x lies in two buffers: a step reads one and writes the other, and they swap only if the step was finite.
 * The graphs (step, prediction, and a gradient for every batch size asked for) are built when first needed.
 */
export function openSession(ort: OnnxRuntime, options: InferenceSession.SessionOptions, program: TrainingProgram, centre: Float32Array | undefined): Session {
  const layout = layoutOf(program);
  const loss = attachLoss(program.graph, program.loss);
  const shape = { size: loss.outputSize, classes: loss.classes };
  const batchSize = program.batchSize;
  const input = program.graph.inputs[0];
  if (input === undefined) throw new RangeError('the graph has no input');
  const inputShape = (size: number): number[] => input.shape.map((dimension) => (dimension === 'batch' ? size : dimension));

  const copyOf = (x: Float32Array): Copy => ({
    x,
    whole: new ort.Tensor('float32', x, [layout.dimension]),
    parts: Object.fromEntries(layout.segments.map(({ name, shape: dims, offset, length }) => [name, new ort.Tensor('float32', x.subarray(offset, offset + length), dims)])),
  });
  const open = (graph: Graph): Promise<InferenceSession> => ort.InferenceSession.create(encodeGraph(graph, layout.segments.map((segment) => segment.name)), options);

  const step = once(async () => {
    const names = stepGraph(loss, layout, batchSize, centre);
    return { names, session: await open(names.graph) };
  });
  const differentials = new Map<number, Promise<{ readonly names: GradientGraph; readonly session: InferenceSession }>>();
  const differential = (size: number): Promise<{ readonly names: GradientGraph; readonly session: InferenceSession }> => {
    const make = async (): Promise<{ readonly names: GradientGraph; readonly session: InferenceSession }> => {
      const names = gradientGraph(loss, layout, size);
      return { names, session: await open(names.graph) };
    };
    const opened = differentials.get(size) ?? make();
    differentials.set(size, opened);
    return opened;
  };
  const prediction = once(() => open(predictionGraph(loss, batchSize)));

  let current = copyOf(flatten(program));
  let spare = copyOf(new Float32Array(layout.dimension));
  checkParameters(current.x, layout.dimension);

  const predictedShape = (loss.graph.inputs.find(({ name }) => name === loss.target)?.shape ?? []).filter((size) => size !== 'batch');
  const lossValue = new Float32Array(1);
  const normValue = new Float64Array(1);
  const results = { loss: new ort.Tensor('float32', lossValue, []), norm: new ort.Tensor('float64', normValue, []) };
  const float32 = (value: number): Tensor => new ort.Tensor('float32', Float32Array.of(value), []);

  /** Feeds of a training batch. */
  function feeds(batch: Batch): Tensors {
    const targets = new Float32Array(batch.size * shape.size);
    fillTargets(program.loss, shape, batch.labels, targets, program.classWeights);
    return {
      ...current.parts,
      [input?.name ?? '']: new ort.Tensor('float32', batch.features, inputShape(batch.size)),
      [loss.target]: new ort.Tensor('float32', targets, [batch.size, ...predictedShape]),
    };
  }

  return {
    dimension: layout.dimension,
    parameters: () => Promise.resolve(current.x.slice()),
    setParameters: (x) =>
      Promise.resolve().then(() => {
        checkParameters(x, layout.dimension);
        current.x.set(x);
      }),
    async noisyStep(batch, { learningRate, decay, gradientRadius, sigma, noise }): Promise<StepReport> {
      checkBatch(batch.size, batchSize);
      const { names, session } = await step.get();
      const { scalars } = names;
      await session.run(
        {
          ...feeds(batch),
          [names.x]: current.whole,
          [names.noise]: new ort.Tensor('float32', noise, [layout.dimension]),
          [scalars.rate]: float32(learningRate),
          [scalars.pull]: float32(learningRate * decay),
          [scalars.sigma]: float32(sigma),
          [scalars.radius]: new ort.Tensor('float64', Float64Array.of(gradientRadius), []),
        },
        { [loss.loss]: results.loss, [names.norm]: results.norm, [names.next]: spare.whole },
      );
      const report = checkedReport(lossValue[0] ?? NaN, normValue[0] ?? NaN);
      [current, spare] = [spare, current];
      return report;
    },
    async gradient(batch) {
      const { names, session } = await differential(batch.size);
      const gradient = new Float32Array(layout.dimension);
      const out = new ort.Tensor('float32', gradient, [layout.dimension]);
      await session.run(feeds(batch), { [loss.loss]: results.loss, [names.norm]: results.norm, [names.gradient]: out });
      return { ...checkedReport(lossValue[0] ?? NaN, normValue[0] ?? NaN), gradient };
    },
    async evaluate(batch) {
      return score(program.loss, shape, await this.predict(batch.features, batch.size), batch.labels);
    },
    async predict(features, size) {
      const session = await prediction.get();
      return predictInChunks(features, size, batchSize, shape.size, async (part) => {
        const outputs = await session.run({ ...current.parts, [input.name]: new ort.Tensor('float32', part, inputShape(batchSize)) });
        const values = outputs[loss.prediction]?.data;
        if (!(values instanceof Float32Array)) throw new TypeError('onnxruntime returned no prediction');
        return values;
      });
    },
    async dispose() {
      const sessions = [(await step.made())?.session, ...(await Promise.all(differentials.values())).map((opened) => opened.session), await prediction.made()];
      await Promise.all(sessions.flatMap((session) => session?.release() ?? []));
    },
  };
}
