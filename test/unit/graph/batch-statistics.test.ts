import * as ort from 'onnxruntime-node';
import { describe, expect, it, test } from 'vitest';
import { bind } from '../../../src/graph/bind';
import { withBatchStatistics } from '../../../src/graph/batch-statistics';
import { GraphBuilder } from '../../../src/graph/builder';
import { differentiate } from '../../../src/graph/differentiate';
import type { Graph, NamedTensor } from '../../../src/graph/graph';
import { encodeGraph } from '../../../src/graph/to-onnx';
import { findNormalizations } from '../../../src/run/normalization-statistics';
import { smooth } from './check-gradient';

const CHANNELS = 3;
const SHAPE = [4, CHANNELS, 2];
const EPSILON = 1e-3;

function tensor(name: string, role: NamedTensor['role'], values: readonly number[]): NamedTensor {
  return { name, role, dataType: 'float32', shape: [values.length], values: Float32Array.from(values) };
}

const tensors = [tensor('gamma', 'parameter', [1, 2, 3]), tensor('beta', 'parameter', [0.5, 0, -0.5]), tensor('mean', 'buffer', [1, 1, 1]), tensor('variance', 'buffer', [2, 2, 2])];

/** x ↦ BatchNormalization(3x + 1), as the operator or written out; written out with all that is stored reshaped first, as some exporters order it. */
function network(form: 'operator' | 'written out'): Graph {
  const build = new GraphBuilder({ inputs: [], nodes: [], tensors: new Map(tensors.map((each) => [each.name, each])) });
  const x = build.input('x', ['batch', CHANNELS, 2]);
  const before = (): string => build.node('Add', [build.node('Mul', [x, build.scalar(3)]), build.scalar(1)]);
  if (form === 'operator') {
    build.output(build.node('BatchNormalization', [before(), 'gamma', 'beta', 'mean', 'variance'], { epsilon: EPSILON }));
    return build.build();
  }
  const shaped = (name: string): string => build.node('Reshape', [name, build.integers([CHANNELS, 1])]);
  const mean = shaped('mean');
  const factor = shaped(build.node('Div', ['gamma', build.node('Sqrt', [build.node('Add', ['variance', build.scalar(EPSILON)])])]));
  const scaled = build.node('Mul', [build.node('Sub', [before(), mean]), factor]);
  build.output(build.node('Add', [scaled, shaped('beta')]));
  return build.build();
}

async function run(graph: Graph, feeds: Record<string, ort.Tensor>): Promise<readonly Float32Array[]> {
  const session = await ort.InferenceSession.create(encodeGraph(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const results = await session.run(feeds);
  await session.release();
  return graph.outputs.map((name) => results[name]?.data as Float32Array);
}

const x = smooth(SHAPE).values;
const fed = { x: new ort.Tensor('float32', x, SHAPE) };

function expectClose(found: Float32Array | undefined, expected: ArrayLike<number> | undefined): void {
  expect(found?.length).toBe(expected?.length);
  // float32, some ten operations of numbers up to about 6.
  Array.from(expected ?? []).forEach((value, index) => expect(Math.abs((found?.[index] ?? NaN) - value)).toBeLessThan(1e-5));
}

/** In float64: for each channel (3x + 1 − mean)/√(variance + ε)·γ + β over the four records and two places. */
function byHand(): Float64Array {
  const values = Float64Array.from(x, (value) => 3 * value + 1);
  const channelOf = (index: number): number => Math.floor(index / 2) % CHANNELS;
  return values.map((value, index) => {
    const channel = channelOf(index);
    const same = [...values].filter((_other, at) => channelOf(at) === channel);
    const mean = same.reduce((sum, other) => sum + other, 0) / same.length;
    const variance = same.reduce((sum, other) => sum + (other - mean) ** 2, 0) / same.length;
    return ((value - mean) / Math.sqrt(variance + EPSILON)) * Number(tensors[0]?.values[channel]) + Number(tensors[1]?.values[channel]);
  });
}

describe.each(['operator', 'written out'] as const)('a batch normalisation in training form (%s)', (form) => {
  const graph = withBatchStatistics(network(form), findNormalizations(network(form)));

  it('normalises by the batch at hand, whatever is stored', async () => {
    const [output] = await run(bind(graph, { batch: 4 }), fed);
    expectClose(output, byHand());
  });

  it('does not read the stored statistics', () => {
    const bound = bind(graph, { batch: 4 });
    expect(bound.nodes.flatMap(({ inputs }) => inputs).filter((name) => name === 'mean' || name === 'variance')).toEqual([]);
  });
});

test('both forms have one gradient', async () => {
  const gradientOf = async (form: 'operator' | 'written out'): Promise<readonly Float32Array[]> => {
    const bound = bind(withBatchStatistics(network(form), findNormalizations(network(form))), { batch: 4 });
    const build = new GraphBuilder(bound);
    const seed = build.input('seed', SHAPE);
    const gradients = differentiate(build, bound, bound.outputs[0] ?? '', seed, ['x', 'gamma', 'beta']);
    for (const name of gradients.values()) build.output(name);
    return run(build.build(), { ...fed, [seed]: new ort.Tensor('float32', smooth(SHAPE, 1.1).values, SHAPE) });
  };
  const [operator, written] = [await gradientOf('operator'), await gradientOf('written out')];
  expect(operator).toHaveLength(3);
  operator.forEach((gradient, index) => expectClose(written[index], gradient));
});

test('the operator in training form gives what onnxruntime\'s own gives, running statistics included', async () => {
  const build = new GraphBuilder({ inputs: [], nodes: [], tensors: new Map(tensors.map((each) => [each.name, each])) });
  const input = build.input('x', ['batch', CHANNELS, 2]);
  for (const output of build.split('BatchNormalization', [input, 'gamma', 'beta', 'mean', 'variance'], 3, { epsilon: EPSILON, momentum: 0.8, training_mode: 1 })) build.output(output);
  const own = await run(build.build(), fed);
  const ours = await run(bind(build.build(), { batch: 4 }), fed);
  expect(own).toHaveLength(3);
  own.forEach((values, index) => expectClose(ours[index], values));
});

test('a normalisation that is applied twice is refused: each place would have statistics of its own', () => {
  const build = new GraphBuilder({ inputs: [], nodes: [], tensors: new Map(tensors.map((each) => [each.name, each])) });
  const twice = [1, 2].reduce((value) => build.node('BatchNormalization', [value, 'gamma', 'beta', 'mean', 'variance']), build.input('x', ['batch', CHANNELS, 2]));
  build.output(twice);
  const graph = build.build();
  expect(() => withBatchStatistics(graph, findNormalizations(graph))).toThrow(expect.objectContaining({ code: 'normalization-shared', field: 'batchNormalization' }));
});
