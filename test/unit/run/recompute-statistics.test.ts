import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { openEngine } from '../../../src/engine/engines';
import { GraphBuilder } from '../../../src/graph/builder';
import type { Graph, NamedTensor } from '../../../src/graph/graph';
import { upTo } from '../../../src/graph/with-values';
import { findNormalizations } from '../../../src/run/normalization-statistics';
import { neutralStatistics, recomputeStatistics } from '../../../src/run/recompute-statistics';

const CHANNELS = 3;
const SIZE = 4;

function tensor(name: string, role: NamedTensor['role'], values: readonly number[], shape: readonly number[] = [values.length]): NamedTensor {
  return { name, role, dataType: 'float32', shape, values: Float32Array.from(values) };
}

/** Images [3, 4, 4] through two batch normalisations, one the operator and one written out, with a factor of 5 between them. */
function network(): Graph {
  const tensors = ['1', '2'].flatMap((layer) => [
    tensor(`gamma${layer}`, 'parameter', [1, 2, 3]),
    tensor(`beta${layer}`, 'parameter', [0.5, 0, -0.5]),
    tensor(`mean${layer}`, 'buffer', [9, 9, 9]),
    tensor(`variance${layer}`, 'buffer', [7, 7, 7]),
  ]);
  const build = new GraphBuilder({ inputs: [], nodes: [], tensors: new Map(tensors.map((each) => [each.name, each])) });
  const x = build.input('x', ['batch', CHANNELS, SIZE, SIZE]);
  const first = build.node('BatchNormalization', [x, 'gamma1', 'beta1', 'mean1', 'variance1'], { epsilon: 0 });
  const between = build.node('Mul', [first, build.scalar(5)]);
  const shaped = (name: string): string => build.node('Reshape', [name, build.integers([CHANNELS, 1, 1])]);
  const centred = build.node('Sub', [between, shaped('mean2')]);
  const deviation = build.node('Sqrt', [build.node('Add', ['variance2', build.scalar(0)])]);
  const scaled = build.node('Mul', [centred, shaped(build.node('Div', ['gamma2', deviation]))]);
  build.output(build.node('Add', [scaled, shaped('beta2')]));
  return build.build();
}

/** 600 records whose channels have different means and spreads. */
function images(): Dataset & { readonly raw: Float32Array } {
  const width = CHANNELS * SIZE * SIZE;
  let state = 1;
  const raw = Float32Array.from({ length: 600 * width }, (_unused, index) => {
    state = (state * 48271) % 2147483647;
    const channel = Math.floor(index / (SIZE * SIZE)) % CHANNELS;
    return 10 * channel + (1 + channel) * (state / 2147483647);
  });
  return {
    raw,
    count: 600,
    featureShape: [CHANNELS, SIZE, SIZE],
    labelKind: 'value',
    read: (records) => Promise.resolve({ size: records.length, features: Float32Array.from(Array.from(records).flatMap((record) => Array.from(raw.subarray(record * width, (record + 1) * width)))), labels: new Float32Array(records.length) }),
    digests: () => Promise.reject(new Error('not needed')),
  };
}

describe('batch normalisations', () => {
  it('are found in either form, with the value that they normalise and its channels', () => {
    const found = findNormalizations(network());
    expect(found.map(({ mean, variance, channelAxis }) => ({ mean, variance, channelAxis }))).toEqual([
      { mean: 'mean1', variance: 'variance1', channelAxis: 1 },
      { mean: 'mean2', variance: 'variance2', channelAxis: 1 },
    ]);
  });

  it('start neutral, as before any training', () => {
    const neutral = neutralStatistics(network(), findNormalizations(network()));
    expect([...(neutral.tensors.get('mean1')?.values ?? [])]).toEqual([0, 0, 0]);
    expect([...(neutral.tensors.get('variance2')?.values ?? [])]).toEqual([1, 1, 1]);
  });

  it.each(['onnxruntime', 'tensorflow'] as const)('recomputed on %s have the mean and variance of what they see, layer after layer', async (name) => {
    const engine = await openEngine(name);
    const graph = network();
    const data = images();
    const records = Uint32Array.from({ length: 500 }, (_unused, record) => record);
    const recomputed = await recomputeStatistics(engine, graph, findNormalizations(graph), data, records);

    // The first sees the data themselves: moments of the 500 records, in float64.
    const per = CHANNELS * SIZE * SIZE;
    const channel = (index: number): number[] => Array.from(data.raw.subarray(0, 500 * per)).filter((_value, at) => Math.floor(at / (SIZE * SIZE)) % CHANNELS === index);
    const moments = [0, 1, 2].map((index) => {
      const values = channel(index);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
    });
    moments.forEach(({ mean, variance }, index) => {
      expect(Number(recomputed.tensors.get('mean1')?.values[index])).toBeCloseTo(mean, 4);
      expect(Number(recomputed.tensors.get('variance1')?.values[index])).toBeCloseTo(variance, 4);
      // The second sees 5·(γ·normal + β): mean 5β, variance 25γ².
      expect(Number(recomputed.tensors.get('mean2')?.values[index])).toBeCloseTo(5 * ([0.5, 0, -0.5][index] ?? 0), 3);
      expect(Number(recomputed.tensors.get('variance2')?.values[index]) / (25 * (index + 1) ** 2)).toBeCloseTo(1, 4);
    });
  });
});

describe('the part of a graph up to a value', () => {
  it('holds only the nodes and tensors that the value needs', () => {
    const graph = network();
    const [first] = findNormalizations(graph);
    expect(upTo(graph, first?.input ?? '').nodes).toHaveLength(0);
    expect([...upTo(graph, graph.nodes[0]?.outputs[0] ?? '').tensors.keys()].sort()).toEqual(['beta1', 'gamma1', 'mean1', 'variance1']);
  });
});
