import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { declareEnd, runInPlace } from '../../../src/engine/onnxruntime/in-place';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { GraphBuilder } from '../../../src/graph/builder';
import { encodeGraph } from '../../../src/graph/to-onnx';
import { batchFor, mlp } from './models';

test('a gradient is written where it belongs and copied nowhere', async () => {
  const program = mlp([1000, 1000, 10], 4);
  const session = await (await openOnnxRuntime({ threads: 1 })).prepare(program);
  const batch = batchFor(program, 10);
  const { gradient } = await session.gradient(batch, { borrowed: true });
  expect(gradient.some((value) => value !== 0)).toBe(true);
  const before = process.memoryUsage().arrayBuffers;
  for (let run = 0; run < 8; run++) await session.gradient(batch, { borrowed: true });
  // Eight copies of 1,011,010 numbers would be 32 MB; what a run does need, its targets, is 160 bytes.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * session.dimension);
  await session.dispose();
});

test('what a graph computes is in the buffers of its outputs, and a run that fails rejects', async () => {
  const build = new GraphBuilder();
  const [x, total] = [build.input('x', [3]), build.fresh('total')];
  const twice = build.node('Add', [x, x]);
  build.node('ReduceSum', [twice], { keepdims: 0 }, { outputs: [total] });
  const end = declareEnd(build, total);
  for (const output of [total, twice]) build.output(output);
  const session = await ort.InferenceSession.create(encodeGraph(build.build()));
  const outputs = { [total]: new ort.Tensor('float32', new Float32Array(1), []), [twice]: new ort.Tensor('float32', new Float32Array(3), [3]) };
  await runInPlace(session, end, { [x]: new ort.Tensor('float32', Float32Array.of(1, 2, 4), [3]) }, outputs);
  expect([...(outputs[twice]?.data ?? [])]).toEqual([2, 4, 8]);
  expect([...(outputs[total]?.data ?? [])]).toEqual([14]);
  await expect(runInPlace(session, end, { [x]: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) }, outputs)).rejects.toThrow(/dimension/);
  await session.release();
});
