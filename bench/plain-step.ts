import * as ort from 'onnxruntime-node';
import { attachLoss } from '../src/graph/attach-loss';
import { bind } from '../src/graph/bind';
import { GraphBuilder } from '../src/graph/builder';
import { differentiate } from '../src/graph/differentiate';
import { encodeGraph } from '../src/graph/to-onnx';
import { flatten, layoutOf } from '../src/engine/flat-vector';
import { threadsInside } from '../src/engine/onnxruntime/threads';
import { fillTargets } from '../src/engine/targets';
import type { Engine } from '../src/engine/engine';
import type { BenchModel } from './models';

/**
 * What the same step costs without certification, on onnxruntime: x ← x − γg written into the graph tensor by tensor, no norm, no clipping, no
 * noise; or, where that is faster, the engine's own step with nothing to clip and no noise, which takes batches in parts.
 */
export async function plainStep(model: BenchModel, engine: Engine, threads: number, timed: (step: () => Promise<unknown>) => Promise<number>): Promise<{ name: string; round(): Promise<number>; dispose(): Promise<void> }> {
  const { program, batch } = model;
  const loss = attachLoss(program.graph, program.loss);
  const bound = bind(loss.graph, { batch: program.batchSize });
  const build = new GraphBuilder(bound);
  const { segments } = layoutOf(program);
  const names = segments.map(({ name }) => name);
  const gradients = differentiate(build, bound, loss.loss, build.scalar(1), names);
  const rate = build.input('rate', []);
  const next = names.map((name) => build.node('Sub', [name, build.node('Mul', [gradients.get(name) ?? '', rate])]));
  for (const output of [loss.loss, ...next]) build.output(output);
  const session = await ort.InferenceSession.create(encodeGraph(build.build(), names), { intraOpNumThreads: threadsInside(loss, program.batchSize, threads), interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all', logSeverityLevel: 3, extra: { session: { intra_op: { allow_spinning: '0' } } } });
  const start = flatten(program);
  const copies = [0, 1].map(() => segments.map(({ shape, offset, length }) => new ort.Tensor('float32', start.slice(offset, offset + length), [...shape])));
  const targets = new Float32Array(program.batchSize * loss.outputSize);
  fillTargets(program.loss, { size: loss.outputSize, classes: loss.classes }, batch.labels, targets);
  const shapeOf = (name: string): number[] => [...(bound.types.get(name)?.shape ?? [])];
  const input = program.graph.inputs[0]?.name ?? '';
  const fixed = { [input]: new ort.Tensor('float32', batch.features, shapeOf(input)), [loss.target]: new ort.Tensor('float32', targets, shapeOf(loss.target)), [rate]: new ort.Tensor('float32', Float32Array.of(0.05), []) };
  const value = new ort.Tensor('float32', new Float32Array(1), []);
  let turn = 0;
  const step = async (): Promise<void> => {
    const [from, to] = [copies[turn] ?? [], copies[1 - turn] ?? []];
    await session.run({ ...fixed, ...Object.fromEntries(names.map((name, index) => [name, from[index] ?? value])) }, { [loss.loss]: value, ...Object.fromEntries(next.map((name, index) => [name, to[index] ?? value])) });
    turn = 1 - turn;
  };
  const own = await engine.prepare(program);
  const unclipped = (): Promise<unknown> => own.noisyStep(batch, { learningRate: 0.05, decay: 0, gradientRadius: Infinity, sigma: 0, noise: new Float32Array(0) });
  const dispose = async (): Promise<void> => {
    await session.release();
    await own.dispose();
  };
  const [inGraph, byEngine] = [await best(step), await best(unclipped)];
  return { name: 'plain SGD step', round: () => timed(inGraph < byEngine ? step : unclipped), dispose };
}

/** Milliseconds of the fastest of ten steps, after three to warm up. */
async function best(step: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < 13; count++) {
    const start = performance.now();
    await step();
    if (count >= 3) least = Math.min(least, performance.now() - start);
  }
  return least;
}
