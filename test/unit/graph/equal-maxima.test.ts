import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { bind } from '../../../src/graph/bind';
import { GraphBuilder } from '../../../src/graph/builder';
import { differentiate } from '../../../src/graph/differentiate';
import { encodeGraph } from '../../../src/graph/to-onnx';

test('equal maxima of a pooling window share its gradient, and no window passes more or less than its own', async () => {
  const model = new GraphBuilder();
  const x = model.input('x', [1, 1, 4, 4]);
  const pooled = model.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  model.output(pooled);
  const bound = bind(model.build(), { batch: 1 });
  const build = new GraphBuilder(bound);
  const seed = build.constant(Float32Array.of(4, 8, 12, 1), [1, 1, 2, 2]);
  const gradient = differentiate(build, bound, pooled, seed, [x]).get(x) ?? '';
  build.output(gradient);
  const session = await ort.InferenceSession.create(encodeGraph(build.build()), { logSeverityLevel: 3 });
  // Windows: one largest, two equal, four equal (as behind a Relu), a negative largest.
  const values = Float32Array.of(1, 3, 5, 5, 2, 0, 1, 2, 0, 0, -1, -2, 0, 0, -3, -4);
  const outputs = await session.run({ [x]: new ort.Tensor('float32', values, [1, 1, 4, 4]) });
  expect(Array.from(outputs[gradient]?.data as Float32Array)).toEqual([0, 4, 4, 4, 0, 0, 0, 0, 3, 3, 1, 0, 3, 3, 0, 0]);
  await session.release();
});
