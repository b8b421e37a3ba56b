import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/graph/graph';
import { buildGraph } from '../../../src/model/keras/build-graph';
import type { WeightSource } from '../../../src/model/keras/layer';
import { readTopology } from '../../../src/model/keras/topology';
import { largestDifference, runGraph, waves } from './run-graph';

type LayerJson = readonly [className: string, config: Readonly<Record<string, unknown>>];

/** A Sequential model whose weights are waves of whatever shape a layer asks for. */
function sequential(inputShape: readonly number[], layers: readonly LayerJson[], shapes: Readonly<Record<string, readonly number[]>> = {}, generation = 2): Graph {
  const config = [
    { class_name: 'InputLayer', config: { name: 'input', batch_input_shape: [null, ...inputShape] } },
    ...layers.map(([class_name, own], index) => ({ class_name, config: { name: `layer${index}`, ...own } })),
  ];
  const weights: WeightSource = {
    generation,
    names: [],
    find: ([layer = ''], name) => {
      const shape = shapes[`${layer}/${name}`];
      return shape === undefined ? undefined : { name: `${layer}/${name}`, shape, values: waves(shape.reduce((size, dimension) => size * dimension, 1)) };
    },
  };
  return buildGraph(readTopology({ class_name: 'Sequential', config }, 'test'), weights, 'test');
}

/** Moves the last axis of images to the front: (height, width, channels) → (channels, height, width). */
function channelsFirst(values: Float32Array, count: number, [height, width, channels]: readonly [number, number, number]): Float32Array {
  return Float32Array.from({ length: values.length }, (_, index) => {
    const size = height * width * channels;
    const [record, within] = [Math.floor(index / size), index % size];
    const [channel, pixel] = [Math.floor(within / (height * width)), within % (height * width)];
    expect(record).toBeLessThan(count);
    return values[record * size + pixel * channels + channel] ?? NaN;
  });
}

test('channels in front give the same as channels last: convolution, pooling, normalisation, flattening', async () => {
  const shapes = {
    'layer0/kernel': [3, 3, 2, 4], 'layer0/bias': [4],
    'layer1/gamma': [4], 'layer1/beta': [4], 'layer1/moving_mean': [4], 'layer1/moving_variance': [4],
    'layer4/depthwise_kernel': [2, 2, 4, 2], 'layer4/bias': [8], 'layer7/kernel': [32, 3], 'layer7/bias': [3],
  };
  const layers = (data_format: string): LayerJson[] => [
    ['Conv2D', { filters: 4, kernel_size: [3, 3], strides: [1, 1], padding: 'same', data_format, activation: 'relu' }],
    // Waves are negative here and there: a large ε keeps the root real.
    ['BatchNormalization', { axis: data_format === 'channels_last' ? -1 : 1, epsilon: 2 }],
    ['ZeroPadding2D', { padding: [[1, 0], [0, 1]], data_format }],
    ['MaxPooling2D', { pool_size: [2, 2], data_format }],
    ['DepthwiseConv2D', { kernel_size: [2, 2], depth_multiplier: 2, data_format }],
    ['UpSampling2D', { size: [2, 2], data_format }],
    ['Flatten', { data_format }],
    ['Dense', { units: 3, activation: 'linear' }],
  ];
  const image = waves(2 * 5 * 6 * 2);
  const last = { ...shapes, 'layer7/kernel': [2 * 2 * 2 * 2 * 8, 3] };
  const expected = await runGraph(sequential([5, 6, 2], layers('channels_last'), last), image, 2);
  const actual = await runGraph(sequential([2, 5, 6], layers('channels_first'), last), channelsFirst(image, 2, [5, 6, 2]), 2);
  // Sums of tens of products of order one: 1e-4 is some hundred roundings.
  expect(largestDifference(actual, expected)).toBeLessThan(1e-4);
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('activations compute what Keras documents', () => {
  test.each<[string, (x: number) => number]>([
    ['linear', (x) => x],
    ['relu', (x) => Math.max(x, 0)],
    ['relu6', (x) => Math.min(Math.max(x, 0), 6)],
    ['sigmoid', sigmoid],
    ['tanh', Math.tanh],
    ['elu', (x) => (x > 0 ? x : Math.expm1(x))],
    ['selu', (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))],
    ['softplus', (x) => Math.log1p(Math.exp(x))],
    ['softsign', (x) => x / (1 + Math.abs(x))],
    ['exponential', Math.exp],
    ['hard_sigmoid', (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1)],
    ['leaky_relu', (x) => (x > 0 ? x : 0.2 * x)],
    ['swish', (x) => x * sigmoid(x)],
    ['silu', (x) => x * sigmoid(x)],
    ['mish', (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
  ])('%s', async (name, formula) => {
    const x = Float32Array.from({ length: 41 }, (_, index) => (index - 20) * 0.4);
    const actual = await runGraph(sequential([41], [['Activation', { activation: name }]]), x, 1);
    // Values up to e^8 ≈ 3000 in float32: relative to that, 1e-6 is some 8 roundings.
    expect(largestDifference(actual, Array.from(x, formula))).toBeLessThan(name === 'exponential' ? 3e-3 : 2e-6);
  });

  test('the hard sigmoid of Keras 3 has another slope', async () => {
    const actual = await runGraph(sequential([3], [['Activation', { activation: 'hard_sigmoid' }]], {}, 3), Float32Array.of(-4, 1.5, 2), 1);
    expect(largestDifference(actual, [0, 0.75, 5 / 6])).toBeLessThan(1e-6);
  });

  test('a rectifier with a maximum, with a slope, and a softmax over another axis', async () => {
    const x = Float32Array.of(-2, 0.5, 9, 1);
    expect([...await runGraph(sequential([4], [['ReLU', { max_value: 2 }]]), x, 1)]).toEqual([0, 0.5, 2, 1]);
    expect([...await runGraph(sequential([4], [['ReLU', { negative_slope: 0.5 }]]), x, 1)]).toEqual([-1, 0.5, 9, 1]);
    expect([...await runGraph(sequential([4], [['LeakyReLU', {}]]), Float32Array.of(-1, 0, 1, 2), 1)]).toEqual([Math.fround(-0.3), 0, 1, 2]);
    // Two columns of two equal numbers each.
    expect([...await runGraph(sequential([2, 2], [['Softmax', { axis: 1 }]]), Float32Array.of(3, 7, 3, 7), 1)]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});

describe('what a layer does not support is refused with the layer and the setting', () => {
  test.each<[LayerJson, readonly number[], RegExp]>([
    [['Activation', { activation: 'sine' }], [3], /layer `layer0` \(Activation\) with the activation sine is not supported yet/],
    [['Lambda', { function: 'lambda x: x' }], [3], /layer `layer0` \(Lambda\) is not supported: it runs Python code, which is never executed here/],
    [['StringLookup', {}], [3], /\(StringLookup\) is not supported: it reads text/],
    [['Dense', { units: 2, dtype: { class_name: 'QuantizedDTypePolicy', config: { mode: 'int8' } } }], [3], /layer `layer0` \(Dense\) is quantised/],
    [['TimeDistributed', { layer: { class_name: 'Lambda', config: {} } }], [3, 2], /with the layer Lambda in it/],
    [['Discretization', { bin_boundaries: null, num_bins: 4 }], [3], /with boundaries that are not in its file/],
    [['IntegerLookup', { vocabulary: null }], [3], /with a vocabulary that is not in its file/],
    [['IntegerLookup', { vocabulary: [1, 2], num_oov_indices: 0 }], [3], /with no place for unknown numbers/],
    [['IntegerLookup', { vocabulary: [1, 2], num_oov_indices: 2, oov_method: 'farmhash' }], [3], /with a hash of unknown numbers/],
    [['IntegerLookup', { vocabulary: [1, 2], invert: true }], [3], /with invert/],
    [['IntegerLookup', { vocabulary: [1, 2], output_mode: 'tf_idf' }], [3], /with the output mode tf_idf/],
    [['MultiHeadAttention', { num_heads: 2, key_dim: 3, use_gate: true }], [3, 4], /layer `layer0` \(MultiHeadAttention\) with use_gate is not supported yet/],
    [['TFOpLambda', { function: 'math.top_k' }], [3], /with the function tf\.math\.top_k/],
    [['UpSampling2D', { interpolation: 'bicubic' }], [2, 2, 1], /with bicubic interpolation/],
    [['MaxPooling2D', { pool_size: [5, 5] }], [2, 2, 1], /with a window of 5×5 on an input of 2×2/],
    [['Reshape', { target_shape: [5, -1] }], [3], /with the target shape \(5, -1\) on an input of shape \(3\)/],
    [['LSTM', { units: 2, time_major: true }], [3, 2], /with time_major/],
    [['CategoryEncoding', { num_tokens: 2 ** 30 }], [3], /with 1073741824 categories/],
    [['AdaptiveMaxPooling1D', { output_size: 1e6 }], [3, 2], /with more windows than are read, 1000000/],
    [['LocallyConnected1D', { filters: 1e6, kernel_size: 1 }], [3, 200], /with 600 numbers connected with 3000000/],
    [['Conv2D', { filters: 1, kernel_size: [1, 1] }], [3], /with an input of shape \(3\)/],
    [['Custom', {}], [3], /layer `layer0` \(Custom\) is not supported yet/],
  ])('%j', (layer, shape, message) => {
    expect(() => sequential(shape, [layer])).toThrow(message);
  });
});

describe('whole numbers and bins', () => {
  test('a vocabulary gives the places of its numbers, and zero for any other', async () => {
    const look = (output_mode: string): Graph => sequential([1], [['IntegerLookup', { vocabulary: [5, 9, 1], output_mode }]]);
    expect([...await runGraph(look('int'), Float32Array.of(9, 4, 1, 5), 4)]).toEqual([2, 0, 3, 1]);
    expect([...await runGraph(look('one_hot'), Float32Array.of(9, 4), 2)]).toEqual([0, 0, 1, 0, 1, 0, 0, 0]);
  });

  test('boundaries belong to the bin above them', async () => {
    const bins = (output_mode: string, count: number): Graph => sequential([count], [['Discretization', { bin_boundaries: [0, 1, 2.5], output_mode }]]);
    expect([...await runGraph(bins('int', 4), Float32Array.of(-1, 0, 2, 2.5), 1)]).toEqual([0, 1, 2, 3]);
    expect([...await runGraph(bins('multi_hot', 2), Float32Array.of(-1, 2), 1)]).toEqual([1, 0, 1, 0]);
    expect([...await runGraph(bins('count', 3), Float32Array.of(2, 2, 0.5), 1)]).toEqual([0, 1, 2, 0]);
  });

  test('what a configuration states is a buffer that nothing here can write', () => {
    const { tensors } = sequential([2], [['Normalization', { mean: [1, 2], variance: 4 }]]);
    expect([...tensors.values()].filter(({ role }) => role === 'buffer').map(({ name, values, isFixed }) => [name, [...values], isFixed])).toEqual([['layer0/mean', [1, 2], true], ['layer0/variance', [4, 4], true]]);
  });
});

test('a record in which no step counts has a mean of zero', async () => {
  const graph = sequential([3], [['Embedding', { input_dim: 4, output_dim: 2, mask_zero: true }], ['GlobalAveragePooling1D', {}]], { 'layer0/embeddings': [4, 2] });
  const table = waves(8);
  const result = await runGraph(graph, Float32Array.of(0, 0, 0, 0, 3, 0), 2);
  expect([...result]).toEqual([0, 0, table[6], table[7]]);
});
