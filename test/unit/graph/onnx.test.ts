import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder';
import { decodeModel, encodeModel } from '../../../src/graph/onnx-proto';
import { encodeGraph } from '../../../src/graph/to-onnx';

test('a graph becomes a model that onnxruntime runs, with named tensors as inputs where asked', async () => {
  const build = new GraphBuilder();
  const x = build.input('x', ['batch', 2]);
  build.tensor({ name: 'w', dataType: 'float32', shape: [2], role: 'parameter', values: Float32Array.of(10, 20) });
  const y = build.node('LeakyRelu', [build.node('Mul', [x, 'w'])], { alpha: 1 });
  build.output(y);
  const feed = new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);
  const stored = await ort.InferenceSession.create(encodeGraph(build.build()));
  expect((await stored.run({ [x]: feed }))[y]?.data).toEqual(Float32Array.of(10, 40, 30, 80));
  const fed = await ort.InferenceSession.create(encodeGraph(build.build(), ['w']));
  expect(fed.inputNames).toEqual([x, 'w']);
  expect((await fed.run({ [x]: feed, w: new ort.Tensor('float32', Float32Array.of(1, 1), [2]) }))[y]?.data).toEqual(Float32Array.of(1, 2, 3, 4));
});

test('whole numbers are written as floats where ONNX declares floats, and as integers elsewhere', () => {
  const build = new GraphBuilder();
  build.output(build.node('Gemm', [build.input('x', [1, 1]), build.input('x', [1, 1])], { alpha: 2, transA: 1 }));
  const attributes = decodeModel(encodeGraph(build.build())).graph?.node?.[0]?.attribute;
  expect(attributes).toEqual([{ name: 'alpha', type: 1, f: 2 }, { name: 'transA', type: 2, i: 1 }]);
});

test('tensors that no node reads are left out', () => {
  const build = new GraphBuilder();
  build.constant(new Float32Array(1), [1]);
  build.output(build.node('Neg', [build.input('x', [1])]));
  expect(decodeModel(encodeGraph(build.build())).graph?.initializer ?? []).toEqual([]);
});

test('decoding and encoding a model gives the same bytes again, fields that this program does not use included', () => {
  const model = {
    irVersion: 9,
    opsetImport: [{ domain: '', version: 21 }, { domain: 'ai.onnx.ml', version: 3 }],
    producerName: 'someone',
    docString: 'text',
    metadataProps: [{ key: 'licence', value: 'MIT' }],
    graph: {
      name: 'g',
      docString: 'graph text',
      node: [{ opType: 'If', input: ['c'], output: ['y'], attribute: [{ name: 'then_branch', type: 5, g: { name: 'then', node: [{ opType: 'Identity', input: ['a'], output: ['b'] }] } }] }],
      initializer: [{ name: 'big', dims: [2], dataType: 7, int64Data: [-1, 2 ** 53] }, { name: 'external', dims: [1], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }],
      input: [{ name: 'c', type: { tensorType: { elemType: 9, shape: { dim: [{ dimParam: 'N' }, { dimValue: 0 }] } } } }],
      output: [{ name: 'y' }],
    },
    functions: [{ name: 'f', input: ['x'], output: ['y'], domain: 'local' }],
  };
  const bytes = encodeModel(model);
  expect(decodeModel(bytes)).toEqual(model);
  expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
});

test('bytes that are no ONNX model are refused', () => {
  expect(() => decodeModel(Uint8Array.from({ length: 64 }, () => 0xff))).toThrow();
});
