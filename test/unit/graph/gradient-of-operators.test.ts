import { describe, expect, test } from 'vitest';
import type { GraphBuilder } from '../../../src/graph/builder';
import type { AttributeValue } from '../../../src/graph/graph';
import pytorch from '../../fixtures/graph/pytorch-operators.json';
import { supportedOperators } from '../../../src/graph/registry';
import { checkGradient, positive, separated, smooth } from './check-gradient';
import type { Construction, Input, Reference } from './check-gradient';

type Attributes = Readonly<Record<string, AttributeValue>>;

/** The operator on all inputs, with attributes and, after them, constant integer inputs. */
const op = (operator: string, attributes: Attributes = {}, ...integers: (readonly number[])[]): Construction =>
  (build, ...inputs) => build.node(operator, [...inputs, ...integers.map((values) => build.integers(values))], attributes);

/** The final hidden state of a recurrent layer: its second output. */
function lastState(build: GraphBuilder, operator: string, inputs: readonly string[], attributes: Attributes): string {
  const state = build.fresh('state');
  build.split(operator, inputs, 2, attributes, { outputs: ['', state] });
  return state;
}

interface Case {
  readonly construct: Construction;
  readonly inputs: readonly Input[];
  readonly differentiable?: readonly number[];
}

const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  Gemm: {
    'plain, with a row as offset': { construct: op('Gemm'), inputs: [smooth([3, 4]), smooth([4, 2], 1), smooth([2], 2)] },
    'A transposed, scaled': { construct: op('Gemm', { transA: 1, alpha: 0.5, beta: 2 }), inputs: [smooth([4, 3]), smooth([4, 2], 1), smooth([3, 2], 2)] },
    'B transposed': { construct: op('Gemm', { transB: 1 }), inputs: [smooth([3, 4]), smooth([2, 4], 1)] },
    'both transposed, a column as offset': { construct: op('Gemm', { transA: 1, transB: 1 }), inputs: [smooth([4, 3]), smooth([2, 4], 1), smooth([3, 1], 2)] },
  },
  MatMul: {
    matrices: { construct: op('MatMul'), inputs: [smooth([3, 4]), smooth([4, 2], 1)] },
    'a stack times a matrix': { construct: op('MatMul'), inputs: [smooth([2, 3, 4]), smooth([4, 2], 1)] },
    'stacks': { construct: op('MatMul'), inputs: [smooth([2, 3, 2]), smooth([2, 2, 3], 1)] },
    'stacks broadcast against each other': { construct: op('MatMul'), inputs: [smooth([2, 1, 3, 2]), smooth([3, 2, 2], 1)] },
    'a vector on the left': { construct: op('MatMul'), inputs: [smooth([4]), smooth([4, 2], 1)] },
    'a vector on the right': { construct: op('MatMul'), inputs: [smooth([2, 3, 4]), smooth([4], 1)] },
  },
  Add: { broadcast: { construct: op('Add'), inputs: [smooth([2, 3]), smooth([3], 1)] }, 'of a value to itself': { construct: (build, x) => build.node('Add', [x, x]), inputs: [smooth([3])] } },
  Sub: { broadcast: { construct: op('Sub'), inputs: [smooth([3]), smooth([2, 1], 1)] } },
  Mul: { broadcast: { construct: op('Mul'), inputs: [smooth([2, 3]), smooth([2, 1], 1)] }, 'of a value with itself': { construct: (build, x) => build.node('Mul', [x, x]), inputs: [smooth([3])] } },
  Div: { broadcast: { construct: op('Div'), inputs: [smooth([2, 3]), positive([3])] } },
  Pow: {
    'to a constant': { construct: (build, x) => build.node('Pow', [x, build.scalar(3)]), inputs: [smooth([5])] },
    'with a trained exponent': { construct: op('Pow'), inputs: [positive([2, 3]), smooth([3], 1)] },
  },
  Min: { 'of three': { construct: op('Min'), inputs: [separated([6]), smooth([6], 2, 0.02), separated([1])] } },
  Max: { 'of two, broadcast': { construct: op('Max'), inputs: [separated([2, 4]), smooth([1], 1, 0.01)] } },
  Sum: { 'of three': { construct: op('Sum'), inputs: [smooth([2, 3]), smooth([3], 1), smooth([2, 1], 2)] } },
  Neg: { any: { construct: op('Neg'), inputs: [smooth([5])] } },
  Abs: { 'away from zero': { construct: op('Abs'), inputs: [separated([6])] } },
  Exp: { any: { construct: op('Exp'), inputs: [smooth([5])] } },
  Log: { positive: { construct: op('Log'), inputs: [positive([5])] } },
  Sqrt: { positive: { construct: op('Sqrt'), inputs: [positive([5])] } },
  Reciprocal: { positive: { construct: op('Reciprocal'), inputs: [positive([5])] } },
  Erf: { any: { construct: op('Erf'), inputs: [smooth([7])] } },
  Sin: { any: { construct: op('Sin'), inputs: [smooth([5])] } },
  Cos: { any: { construct: op('Cos'), inputs: [smooth([5])] } },
  Where: {
    'chosen by a comparison of one of the values': { construct: (build, a = '', b = '') => build.node('Where', [build.node('Greater', [a, build.scalar(0)]), a, b]), inputs: [separated([2, 3]), smooth([3], 1)] },
  },
  Cast: { 'of a mask': { construct: (build, x) => build.node('Mul', [x, build.node('Cast', [build.node('Less', [x, build.scalar(0)])], { to: 1 })]), inputs: [separated([6])] } },
  Relu: { 'away from zero': { construct: op('Relu'), inputs: [separated([8])] } },
  LeakyRelu: { 'away from zero': { construct: op('LeakyRelu', { alpha: 0.3 }), inputs: [separated([8])] } },
  Elu: { 'away from zero': { construct: op('Elu', { alpha: 0.7 }), inputs: [separated([8])] } },
  Selu: { 'away from zero': { construct: op('Selu'), inputs: [separated([8])] } },
  Celu: { 'away from zero': { construct: op('Celu', { alpha: 0.8 }), inputs: [separated([8])] } },
  PRelu: { 'one slope a channel': { construct: op('PRelu'), inputs: [separated([2, 3, 2]), smooth([3, 1], 1)] } },
  Sigmoid: { any: { construct: op('Sigmoid'), inputs: [smooth([5], 0, 3)] } },
  Tanh: { any: { construct: op('Tanh'), inputs: [smooth([5])] } },
  Softplus: { any: { construct: op('Softplus'), inputs: [smooth([5], 0, 3)] } },
  Softsign: { 'away from zero': { construct: op('Softsign'), inputs: [separated([6])] } },
  HardSigmoid: { 'on both sides of both bounds': { construct: op('HardSigmoid', { alpha: 0.5 / 1.2, beta: 0.5 }), inputs: [separated([24])] } },
  HardSwish: { 'away from its kinks': { construct: (build, x) => build.node('HardSwish', [build.node('Mul', [x, build.scalar(4)])]), inputs: [{ shape: [6], values: Float32Array.of(-1.2, -0.6, -0.2, 0.2, 0.6, 1.2) }] } },
  Swish: { any: { construct: op('Swish'), inputs: [smooth([5])] }, scaled: { construct: op('Swish', { alpha: 1.7 }), inputs: [smooth([5])] } },
  Gelu: { exact: { construct: op('Gelu'), inputs: [smooth([5])] }, tanh: { construct: op('Gelu', { approximate: 'tanh' }), inputs: [smooth([5])] } },
  Mish: { any: { construct: op('Mish'), inputs: [smooth([5])] } },
  Clip: {
    'on both sides of both bounds': { construct: (build, x) => build.node('Clip', [x, build.scalar(-0.45), build.scalar(0.6)]), inputs: [separated([12])] },
    'with an upper bound alone': { construct: (build, x) => build.node('Clip', [x, '', build.scalar(0.3)]), inputs: [separated([8])] },
  },
  Softmax: { 'along the last axis': { construct: op('Softmax'), inputs: [smooth([2, 4])] }, 'along the first axis': { construct: op('Softmax', { axis: 0 }), inputs: [smooth([3, 2])] } },
  LogSoftmax: { 'along the last axis': { construct: op('LogSoftmax'), inputs: [smooth([2, 4])] }, 'along a middle axis': { construct: op('LogSoftmax', { axis: 1 }), inputs: [smooth([2, 3, 2])] } },
  ReduceSum: { 'over given axes': { construct: op('ReduceSum', { keepdims: 0 }, [1]), inputs: [smooth([2, 3, 2])] }, 'over all': { construct: op('ReduceSum'), inputs: [smooth([2, 3])] } },
  ReduceMean: { 'over given axes, kept': { construct: op('ReduceMean', { axes: [-1, 0] }), inputs: [smooth([2, 3, 2])] }, 'over all': { construct: op('ReduceMean', { keepdims: 0 }), inputs: [smooth([2, 3])] } },
  ReduceMax: { 'over an axis': { construct: op('ReduceMax', { axes: [1], keepdims: 0 }), inputs: [separated([3, 4])] } },
  ReduceMin: { 'over all': { construct: op('ReduceMin'), inputs: [separated([3, 4])] } },
  ReduceSumSquare: { 'over an axis': { construct: op('ReduceSumSquare', { axes: [0], keepdims: 0 }), inputs: [smooth([3, 2])] } },
  ReduceL1: { 'over an axis': { construct: op('ReduceL1', { axes: [1] }), inputs: [separated([3, 2])] } },
  ReduceL2: { 'over an axis': { construct: op('ReduceL2', { axes: [1] }), inputs: [positive([3, 2])] } },
  ReduceLogSum: { 'over an axis': { construct: op('ReduceLogSum', { axes: [1] }), inputs: [positive([3, 2])] } },
  Reshape: { 'with an inferred size': { construct: op('Reshape', {}, [0, -1]), inputs: [smooth([2, 3, 2])] } },
  Flatten: { 'after the first axis': { construct: op('Flatten'), inputs: [smooth([2, 3, 2])] } },
  Squeeze: { 'given axes': { construct: op('Squeeze', {}, [1]), inputs: [smooth([2, 1, 3])] }, 'all ones': { construct: op('Squeeze'), inputs: [smooth([1, 2, 1])] } },
  Unsqueeze: { 'at both ends': { construct: op('Unsqueeze', {}, [0, -1]), inputs: [smooth([2, 3])] } },
  Transpose: { 'three axes': { construct: op('Transpose', { perm: [2, 0, 1] }), inputs: [smooth([2, 3, 4])] }, reversed: { construct: op('Transpose'), inputs: [smooth([2, 3])] } },
  Concat: { 'of three': { construct: op('Concat', { axis: 1 }), inputs: [smooth([2, 1]), smooth([2, 3], 1), smooth([2, 2], 2)] } },
  Split: {
    'one part used': { construct: (build, x) => build.split('Split', [x, build.integers([1, 3])], 2, { axis: 1 })[1] ?? '', inputs: [smooth([2, 4])] },
    'equal parts multiplied': { construct: (build, x) => build.node('Mul', build.split('Split', [x], 2, { axis: 0 })), inputs: [smooth([4, 2])] },
  },
  Slice: {
    'a middle part': { construct: op('Slice', {}, [1, 0], [3, -1], [0, 1]), inputs: [smooth([4, 3])] },
    'every second': { construct: op('Slice', {}, [1], [100], [0], [2]), inputs: [smooth([6, 2])] },
    backwards: { construct: op('Slice', {}, [-1, -1], [-100, -100], [0, 1], [-1, -2]), inputs: [smooth([3, 5])] },
  },
  Pad: { 'around all axes': { construct: op('Pad', {}, [1, 0, 0, 2]), inputs: [smooth([2, 3])] }, 'negative on one side': { construct: op('Pad', {}, [-1, 0, 1, 1]), inputs: [smooth([3, 2])] } },
  Expand: { 'a new axis and a widened one': { construct: op('Expand', {}, [2, 3, 4]), inputs: [smooth([3, 1])] } },
  Tile: { 'two axes': { construct: op('Tile', {}, [2, 3]), inputs: [smooth([2, 2])] } },
  Identity: { any: { construct: op('Identity'), inputs: [smooth([3])] } },
  Dropout: { off: { construct: op('Dropout'), inputs: [smooth([3])] } },
  MaxPool: {
    'windows that tile the input': { construct: op('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }), inputs: [separated([1, 2, 4, 4])] },
    'overlapping, padded': { construct: op('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }), inputs: [separated([2, 1, 5, 5])] },
    'Keras same, uneven': { construct: op('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }), inputs: [separated([1, 1, 5, 3])] },
    'one dimension, dilated': { construct: op('MaxPool', { kernel_shape: [2], dilations: [2] }), inputs: [separated([1, 2, 6])] },
    'ceil_mode': { construct: op('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }), inputs: [separated([1, 1, 5, 5])] },
  },
  AveragePool: {
    'windows that tile the input': { construct: op('AveragePool', { kernel_shape: [2, 2], strides: [2, 2] }), inputs: [smooth([2, 2, 4, 4])] },
    'overlapping, padded, padding not counted': { construct: op('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }), inputs: [smooth([1, 2, 5, 5])] },
    'overlapping, padded, padding counted': { construct: op('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 0], count_include_pad: 1 }), inputs: [smooth([1, 2, 5, 5])] },
    'Keras same, uneven': { construct: op('AveragePool', { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }), inputs: [smooth([1, 1, 5, 4])] },
    'one dimension': { construct: op('AveragePool', { kernel_shape: [2], strides: [2] }), inputs: [smooth([1, 2, 5])] },
  },
  BatchNormalization: {
    'in inference form': { construct: op('BatchNormalization', { epsilon: 0.01 }), inputs: [smooth([2, 3, 2]), smooth([3], 1), smooth([3], 2), smooth([3], 3), positive([3])] },
    'in training form': { construct: (build, ...inputs) => build.split('BatchNormalization', inputs, 3, { epsilon: 0.1, training_mode: 1 })[0] ?? '', inputs: [smooth([4, 3, 2]), smooth([3], 1), smooth([3], 2), smooth([3], 3), positive([3])], differentiable: [0, 1, 2] },
    'in training form, of rows': { construct: (build, ...inputs) => build.split('BatchNormalization', inputs, 3, { epsilon: 0.1, training_mode: 1 })[0] ?? '', inputs: [smooth([5, 3]), smooth([3], 1), smooth([3], 2), smooth([3], 3), positive([3])], differentiable: [0, 1, 2] },
  },
  LayerNormalization: {
    'over the last axis': { construct: op('LayerNormalization', { epsilon: 0.1 }), inputs: [smooth([2, 2, 4]), smooth([4], 1), smooth([4], 2)] },
    'over the last two axes, without bias': { construct: op('LayerNormalization', { axis: 1, epsilon: 0.1 }), inputs: [smooth([2, 2, 3]), smooth([2, 3], 1)] },
  },
  InstanceNormalization: { images: { construct: op('InstanceNormalization', { epsilon: 0.1 }), inputs: [smooth([2, 2, 2, 3]), smooth([2], 1), smooth([2], 2)] } },
  GroupNormalization: {
    'scale per channel': { construct: op('GroupNormalization', { num_groups: 2, epsilon: 0.1 }), inputs: [smooth([2, 4, 3]), smooth([4], 1), smooth([4], 2)] },
    'scale per group': { construct: op('GroupNormalization', { num_groups: 2, epsilon: 0.1 }), inputs: [smooth([2, 4, 3]), smooth([2], 1), smooth([2], 2)] },
  },
  LpNormalization: { Euclidean: { construct: op('LpNormalization'), inputs: [positive([2, 3])] }, 'sum of magnitudes': { construct: op('LpNormalization', { p: 1, axis: 0 }), inputs: [positive([2, 3])] } },
  Gather: {
    'rows, some of them twice': { construct: (build, table) => build.node('Gather', [table, build.constant(Int32Array.of(2, 0, 2, 1, 2, 0), [2, 3], 'int32')]), inputs: [smooth([4, 2])] },
    columns: { construct: (build, table) => build.node('Gather', [table, build.constant(BigInt64Array.of(1n, 1n, 0n), [3], 'int64')], { axis: 1 }), inputs: [smooth([2, 3, 2])] },
  },
  Einsum: {
    'a matrix product': { construct: op('Einsum', { equation: 'ij,jk->ik' }), inputs: [smooth([2, 3]), smooth([3, 2], 1)] },
    'attention scores': { construct: op('Einsum', { equation: 'bqhd,bkhd->bhqk' }), inputs: [smooth([2, 2, 2, 3]), smooth([2, 3, 2, 3], 1)] },
    'attention values': { construct: op('Einsum', { equation: 'bhqk,bkhd->bqhd' }), inputs: [smooth([1, 2, 2, 3]), smooth([1, 3, 2, 2], 1)] },
    'an inner product with its result implied': { construct: op('Einsum', { equation: 'i,i' }), inputs: [smooth([4]), smooth([4], 1)] },
    'a label that only one operand has is summed': { construct: op('Einsum', { equation: 'ijk,j->k' }), inputs: [smooth([2, 3, 2]), smooth([3], 1)] },
    'three operands': { construct: op('Einsum', { equation: 'ab,bc,cd->ad' }), inputs: [smooth([2, 2]), smooth([2, 3], 1), smooth([3, 2], 2)] },
    'a transposition': { construct: op('Einsum', { equation: 'ijk->kij' }), inputs: [smooth([2, 3, 2])] },
  },
  Resize: {
    'by whole factors': { construct: (build, x) => build.node('Resize', [x, '', build.constant(Float32Array.of(1, 1, 2, 3), [4])], { mode: 'nearest' }), inputs: [smooth([1, 2, 2, 2])] },
    'to given sizes': { construct: (build, x) => build.node('Resize', [x, '', '', build.integers([1, 1, 4, 4])], { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }), inputs: [smooth([1, 1, 2, 2])] },
  },
  DepthToSpace: { 'depth first': { construct: op('DepthToSpace', { blocksize: 2 }), inputs: [smooth([1, 8, 2, 1])] }, 'columns first': { construct: op('DepthToSpace', { blocksize: 2, mode: 'CRD' }), inputs: [smooth([1, 8, 1, 2])] } },
  SpaceToDepth: { any: { construct: op('SpaceToDepth', { blocksize: 2 }), inputs: [smooth([1, 2, 2, 4])] } },
  LSTM: {
    'the whole sequence': { construct: (build, ...inputs) => build.split('LSTM', inputs, 1, { hidden_size: 2 })[0] ?? '', inputs: [smooth([3, 2, 3]), smooth([1, 8, 3], 1), smooth([1, 8, 2], 2), smooth([1, 16], 3)] },
    'the last state, both directions': { construct: (build, ...inputs) => lastState(build, 'LSTM', inputs, { hidden_size: 2, direction: 'bidirectional' }), inputs: [smooth([2, 2, 2]), smooth([2, 8, 2], 1), smooth([2, 8, 2], 2), smooth([2, 16], 3)] },
  },
  GRU: {
    'the whole sequence, reversed': { construct: (build, ...inputs) => build.split('GRU', inputs, 1, { hidden_size: 2, direction: 'reverse' })[0] ?? '', inputs: [smooth([3, 2, 3]), smooth([1, 6, 3], 1), smooth([1, 6, 2], 2), smooth([1, 12], 3)] },
    'the last state, reset after the product': { construct: (build, ...inputs) => lastState(build, 'GRU', inputs, { hidden_size: 2, linear_before_reset: 1 }), inputs: [smooth([3, 2, 2]), smooth([1, 6, 2], 1), smooth([1, 6, 2], 2), smooth([1, 12], 3)] },
  },
  GlobalAveragePool: { any: { construct: op('GlobalAveragePool'), inputs: [smooth([2, 2, 3, 2])] } },
  GlobalMaxPool: { any: { construct: op('GlobalMaxPool'), inputs: [separated([2, 2, 3, 2])] } },
};

/** Operators that came after the operator set that graphs are written in; PyTorch has them. */
const newerThanOnnxRuntimes = new Set(['Gelu', 'GroupNormalization', 'Mish', 'Swish']);
const references: Readonly<Record<string, Reference | undefined>> = pytorch.cases;

for (const [operator, variants] of Object.entries(cases)) {
  describe(operator, () => {
    for (const [name, { construct, inputs, ...options }] of Object.entries(variants)) {
      const reference = references[`${operator}: ${name}`];
      test(name, () => checkGradient(construct, inputs, { ...options, notInOnnxRuntime: newerThanOnnxRuntimes.has(operator), ...(reference === undefined ? {} : { reference }) }));
    }
  });
}

/** One-dimensional, strided, dilated, grouped, depthwise and unevenly padded, as PyTorch computes them; any others are in gradient-of-convolutions. */
const convolutions: Readonly<Record<string, readonly [Construction, readonly Input[]]>> = {
  'Conv: one dimension, strided, dilated, unevenly padded': [op('Conv', { strides: [2], dilations: [2], pads: [2, 1] }), [smooth([2, 2, 7]), smooth([3, 2, 3], 1), smooth([3], 2)]],
  'Conv: two dimensions, in groups, unevenly padded': [op('Conv', { strides: [2, 1], pads: [0, 1, 2, 0], group: 2 }), [smooth([2, 4, 5, 4]), smooth([2, 2, 3, 2], 1), smooth([2], 2)]],
  'Conv: depthwise': [op('Conv', { pads: [1, 1, 1, 1], group: 3 }), [smooth([2, 3, 4, 4]), smooth([3, 1, 3, 3], 1)]],
  'ConvTranspose: one dimension, strided and dilated': [op('ConvTranspose', { strides: [2], dilations: [2], pads: [1, 1], output_padding: [1] }), [smooth([2, 2, 4]), smooth([2, 3, 3], 1), smooth([3], 2)]],
  'ConvTranspose: two dimensions, in groups': [op('ConvTranspose', { strides: [2, 2], pads: [1, 0, 1, 0], group: 2 }), [smooth([1, 4, 3, 3]), smooth([4, 2, 3, 2], 1), smooth([4], 2)]],
};

for (const [name, [construct, inputs]] of Object.entries(convolutions)) {
  test(name, () => {
    const reference = references[name];
    if (reference === undefined) throw new Error(`${name} is not in the fixture`);
    return checkGradient(construct, inputs, { reference });
  });
}

test('every operator that has a gradient is checked here or among the convolutions', () => {
  const elsewhere = new Set(['Conv', 'ConvTranspose', 'Sign', 'Floor', 'Ceil', 'Round', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Not', 'Shape']);
  expect(supportedOperators.filter((operator) => !(operator in cases) && !elsewhere.has(operator))).toEqual([]);
});

test('every operator but those that PyTorch has no counterpart of is checked against PyTorch, and no reference goes unused', () => {
  const compared = new Set(Object.keys(references).map((name) => name.split(':')[0]));
  expect(Object.keys(cases).filter((operator) => !compared.has(operator))).toEqual(['Sum', 'Cast', 'SpaceToDepth']);
  const known = new Set([...Object.entries(cases).flatMap(([operator, variants]) => Object.keys(variants).map((name) => `${operator}: ${name}`)), ...Object.keys(convolutions)]);
  expect(Object.keys(references).filter((name) => !known.has(name))).toEqual([]);
});
