import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { Batch } from '../../data/dataset';
import { attachLoss, reachable } from '../../graph/attach-loss';
import { bind } from '../../graph/bind';
import type { BoundGraph } from '../../graph/bind';
import type { Graph } from '../../graph/graph';
import type { Session, StepReport, TrainingProgram } from '../engine';
import { flatten, layoutOf } from '../flat-vector';
import { score } from '../score';
import { checkBatch, checkedReport, checkParameters, predictInChunks } from '../session-checks';
import { fillTargets } from '../targets';
import { applyNoisyStep, norm } from '../update';
import { interpret, toTensor } from './interpret';
import type { TensorFlow } from './kernel';

interface Bound {
  readonly graph: BoundGraph;
  readonly fixed: ReadonlyMap<string, Tensor>;
}

/** A program on TensorFlow.js: its operators, its differentiation. x stays in this process's memory; a step is taken only after the gradient proved finite. */
export function openSession(tf: TensorFlow, program: TrainingProgram, centre: Float32Array | undefined, activate: () => Promise<void>): Session {
  const layout = layoutOf(program);
  const loss = attachLoss(program.graph, program.loss);
  const stepped = program.training === undefined ? loss : attachLoss(program.training, program.loss);
  const shape = { size: loss.outputSize, classes: loss.classes };
  const batchSize = program.batchSize;
  const trained = new Set(program.trainable);
  /** Constants differ between bindings even where they share a name, so each bound graph keeps its own. */
  const bound = (graph: Graph, size: number): Bound => {
    const fixed = bind(graph, { batch: size });
    const tensors = [...fixed.tensors.values()].filter(({ name }) => !trained.has(name));
    return { graph: fixed, fixed: new Map(tensors.map((tensor) => [tensor.name, tf.keep(toTensor(tf, tensor))])) };
  };
  const trainings = new Map<number, Bound>();
  const trainingFor = (size: number): Bound => {
    const training = trainings.get(size) ?? bound(stepped.graph, size);
    trainings.set(size, training);
    return training;
  };
  const prediction = bound({ ...loss.graph, nodes: reachable(loss.graph.nodes, loss.prediction) }, batchSize);
  const input = program.graph.inputs[0]?.name ?? '';
  const x = flatten(program);
  checkParameters(x, layout.dimension);

  const shapeOf = (graph: BoundGraph, name: string): number[] => [...(graph.types.get(name)?.shape ?? [])];
  /** TensorFlow.js refuses a derivative by something that is not used; its gradient stays zero. */
  const read = new Set(reachable(stepped.graph.nodes, stepped.loss).flatMap((node) => node.inputs));
  const segments = layout.segments.filter(({ name }) => read.has(name));
  const parameters = (): Tensor[] => segments.map(({ shape: dims, offset, length }) => tf.tensor(x.slice(offset, offset + length), [...dims]));
  const valuesFor = ({ graph, fixed }: Bound, features: Float32Array, tensors: readonly Tensor[]): Map<string, Tensor> => {
    const values = new Map(fixed);
    values.set(input, tf.tensor(features, shapeOf(graph, input)));
    segments.forEach(({ name }, index) => {
      const tensor = tensors[index];
      if (tensor !== undefined) values.set(name, tensor);
    });
    return values;
  };

  function differentiate(batch: Batch): StepReport & { readonly gradient: Float32Array } {
    const training = trainingFor(batch.size);
    const targets = new Float32Array(batch.size * shape.size);
    fillTargets(program.loss, shape, batch.labels, targets, program.classWeights);
    const gradient = new Float32Array(layout.dimension);
    let value = NaN;
    tf.tidy(() => {
      const forward = (...tensors: Tensor[]): Scalar => {
        const values = valuesFor(training, batch.features, tensors);
        values.set(stepped.target, tf.tensor(targets, shapeOf(training.graph, stepped.target)));
        const result = interpret(tf, training.graph, values).get(stepped.loss);
        if (result === undefined) throw new RangeError('the graph computes no loss');
        return tf.reshape(result, []);
      };
      const result = tf.valueAndGrads(forward)(parameters());
      value = result.value.dataSync()[0] ?? NaN;
      segments.forEach(({ offset }, index) => gradient.set(result.grads[index]?.dataSync() ?? [], offset));
    });
    return { ...checkedReport(value, norm(gradient)), gradient };
  }

  return {
    dimension: layout.dimension,
    parameters: ({ borrowed = false } = {}) => Promise.resolve(borrowed ? x : x.slice()),
    setParameters: (values) =>
      Promise.resolve().then(() => {
        checkParameters(values, layout.dimension);
        if (values !== x) x.set(values);
      }),
    async noisyStep(batch, step) {
      checkBatch(batch.size, batchSize);
      await activate();
      const { gradient, ...report } = differentiate(batch);
      applyNoisyStep(x, gradient, report.gradientNorm, { ...step, noise: await step.noise }, centre);
      return report;
    },
    async gradient(batch) {
      await activate();
      return differentiate(batch);
    },
    async evaluate(batch) {
      return score(program.loss, shape, await this.predict(batch.features, batch.size), batch.labels);
    },
    predict: (features, size) =>
      predictInChunks(features, size, batchSize, shape.size, async (part) => {
        await activate();
        return tf.tidy(() => {
          const output = interpret(tf, prediction.graph, valuesFor(prediction, part, parameters())).get(loss.prediction);
          if (output === undefined) throw new RangeError('the graph computes no prediction');
          return Float32Array.from(output.dataSync());
        });
      }),
    dispose: () => {
      for (const { fixed } of [prediction, ...trainings.values()]) tf.dispose([...fixed.values()]);
      return Promise.resolve();
    },
  };
}
