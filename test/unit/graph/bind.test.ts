import { expect, test } from 'vitest';
import { bind, inferShapes } from '../../../src/graph/bind';
import { GraphBuilder } from '../../../src/graph/builder';

test('shapes follow the batch size, also through reshapes with -1', () => {
  const build = new GraphBuilder();
  const x = build.input('x', ['batch', 4, 6, 6]);
  const y = build.node('Reshape', [build.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] }), build.integers([0, -1])]);
  build.output(y);
  expect(inferShapes(build.build(), { batch: 3 }).get(y)).toEqual({ shape: [3, 36], dataType: 'float32' });
  expect(inferShapes(build.build(), { batch: 8 }).get(y)).toEqual({ shape: [8, 36], dataType: 'float32' });
});

test('an unknown operator is refused with its name and its node', () => {
  const build = new GraphBuilder();
  build.node('Frobnicate', [build.input('x', ['batch', 2])], {}, { label: 'layer_7' });
  expect(() => inferShapes(build.build(), { batch: 1 })).toThrow(expect.objectContaining({ code: 'operator-unsupported', message: expect.stringMatching(/layer_7.*Frobnicate/) as unknown }));
});

test('an operator of a foreign domain is refused even under a standard name', () => {
  const build = new GraphBuilder();
  build.node('Relu', [build.input('x', ['batch', 2])], {}, { domain: 'example.com' });
  expect(() => inferShapes(build.build(), { batch: 1 })).toThrow(expect.objectContaining({ code: 'operator-unsupported' }));
});

test('shapes that do not fit are refused with the node, the operator and both shapes', () => {
  const cases: ((build: GraphBuilder, x: string) => string)[] = [
    (build, x) => build.node('MatMul', [x, build.constant(new Float32Array(6), [3, 2])], {}, { label: 'dense' }),
    (build, x) => build.node('Add', [x, build.constant(new Float32Array(3), [3])], {}, { label: 'dense' }),
    (build, x) => build.node('Reshape', [x, build.integers([7, -1])], {}, { label: 'dense' }),
    (build, x) => build.node('Conv', [x, build.constant(new Float32Array(6), [3, 2])], {}, { label: 'dense' }),
    (build, x) => build.node('Concat', [x, build.constant(new Float32Array(3), [3])], { axis: 0 }, { label: 'dense' }),
    (build, x) => build.node('Transpose', [x], { perm: [0, 0] }, { label: 'dense' }),
    (build, x) => build.node('Gemm', [x, 'nowhere'], {}, { label: 'dense' }),
  ];
  for (const make of cases) {
    const build = new GraphBuilder();
    make(build, build.input('x', ['batch', 4]));
    expect(() => inferShapes(build.build(), { batch: 2 })).toThrow(expect.objectContaining({ code: 'shape-mismatch', message: expect.stringContaining('"dense"') as unknown }));
  }
});

test('a tensor whose values do not fill its shape is refused by name', () => {
  const build = new GraphBuilder();
  build.tensor({ name: 'kernel', dataType: 'float32', shape: [2, 2], role: 'parameter', values: new Float32Array(3) });
  expect(() => inferShapes(build.build(), { batch: 1 })).toThrow(expect.objectContaining({ code: 'shape-mismatch', message: expect.stringContaining('"kernel"') as unknown }));
});

test('a composite operator is expanded, and its output keeps its name', () => {
  const build = new GraphBuilder();
  const y = build.node('HardSwish', [build.input('x', ['batch', 2])]);
  build.output(y);
  const bound = bind(build.build(), { batch: 1 });
  expect(bound.nodes.map(({ operator }) => operator)).toEqual(['HardSigmoid', 'Mul']);
  expect(bound.nodes[1]?.outputs).toEqual([y]);
  expect(bound.types.get(y)?.shape).toEqual([1, 2]);
});

test('shape arithmetic that exporters write is folded away', () => {
  const build = new GraphBuilder();
  const x = build.input('x', ['batch', 4, 5]);
  const shape = build.node('Shape', [x]);
  const first = build.node('Slice', [shape, build.integers([0]), build.integers([1])]);
  const target = build.node('Concat', [first, build.integers([-1])], { axis: 0 });
  const y = build.node('Reshape', [x, target]);
  build.output(y);
  expect(inferShapes(build.build(), { batch: 3 }).get(y)?.shape).toEqual([3, 20]);
});
