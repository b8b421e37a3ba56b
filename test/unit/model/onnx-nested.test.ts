import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeModel, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor, type OnnxValueInfo } from '../../../src/graph/onnx-proto';
import { inspectModel } from '../../../src/model/inspect-model';
import { openOnnxFile } from '../../../src/model/onnx/onnx-file';
import { openModel } from '../../../src/model/open-model';

/** Numbers that ONNX files keep in other places than the main graph, and integers in the place of numbers. */

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'nested-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const FLOAT = 1;
const [tensorAttribute, graphAttribute] = [4, 5];
const floats = (name: string, ...values: number[]): OnnxTensor => ({ name, dims: [values.length], dataType: FLOAT, rawData: new Uint8Array(Float32Array.from(values).buffer) });
const value = (name: string, elemType = FLOAT): OnnxValueInfo => ({ name, type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'batch' }, { dimValue: 2 }] } } } });
const constant = (output: string, tensor: OnnxTensor): OnnxNode => ({ opType: 'Constant', output: [output], attribute: [{ name: 'value', type: tensorAttribute, t: tensor }] });

/** y = x·weight by broadcasting, then whatever else is in the model. */
function modelOf(graph: Partial<OnnxGraph> = {}, model: Partial<OnnxModel> = {}): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    ...model,
    graph: { name: 'main', node: [{ opType: 'Mul', name: 'scale', input: ['x', 'weight'], output: ['y'] }], initializer: [floats('weight', 3, 4)], input: [value('x')], output: [value('y')], ...graph },
  });
}

async function saved(bytes: Uint8Array): Promise<string> {
  const path = join(await mkdtemp(join(scratch, 'case-')), 'model.onnx');
  await writeFile(path, bytes);
  return path;
}

const branch = (name: string, ...values: number[]): OnnxGraph => ({
  name,
  initializer: [floats('slope', ...values)],
  node: [constant('shift', floats('', 0.5, 0.25)), { opType: 'Mul', input: ['x', 'slope'], output: ['scaled'] }, { opType: 'Add', input: ['scaled', 'shift'], output: ['out'] }],
  output: [value('out')],
});

const withIf = modelOf({
  node: [
    constant('always', { dims: [], dataType: 9, rawData: Uint8Array.of(1) }),
    { opType: 'If', name: 'choose', input: ['always'], output: ['y'], attribute: [{ name: 'then_branch', type: graphAttribute, g: branch('yes', 5, 6) }, { name: 'else_branch', type: graphAttribute, g: branch('no', 7, 8) }] },
  ],
  initializer: [],
});

const withLoop = modelOf({
  node: [
    constant('turns', { dims: [], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(3n).buffer) }),
    {
      opType: 'Loop', name: 'repeat', input: ['turns', '', 'x'], output: ['y'],
      attribute: [{
        name: 'body', type: graphAttribute,
        g: {
          name: 'body', input: [{ name: 'turn' }, { name: 'on' }, { name: 'state' }], output: [{ name: 'on' }, { name: 'next' }],
          node: [{ opType: 'If', name: 'inner', input: ['on'], output: ['next'], attribute: [{ name: 'then_branch', type: graphAttribute, g: branch('deep', 9, 10) }] }],
        },
      }],
    },
  ],
  initializer: [],
});

describe('a graph inside of a node', () => {
  test('is viewed: its tensors are listed by the path of the node, and the node is named as what cannot be trained', async () => {
    const { tensors, obstacle } = await inspectModel(await saved(withIf));
    expect(tensors.map(({ name, shape, dataType }) => `${name} (${shape.join()}) ${dataType}`)).toEqual([
      'always () bool',
      'choose/then_branch/slope (2) float32', 'choose/then_branch/shift (2) float32',
      'choose/else_branch/slope (2) float32', 'choose/else_branch/shift (2) float32',
    ]);
    expect(obstacle).toMatch(/node `choose` \(If\) holds a graph of its own/);
  });

  test('is viewed however deep it is', async () => {
    const { tensors, obstacle } = await inspectModel(await saved(withLoop));
    expect(tensors.map(({ name }) => name)).toEqual(['turns', 'repeat/body/inner/then_branch/slope', 'repeat/body/inner/then_branch/shift']);
    expect(obstacle).toMatch(/node `repeat` \(Loop\)/);
  });

  test('stops a run', async () => {
    await expect(openModel(await saved(withIf))).rejects.toMatchObject({ code: 'layer-unsupported' });
  });

  test('has its numbers found in their places', async () => {
    const { floats: found, write } = await openOnnxFile(withIf, 'model.onnx');
    expect(found.map(({ values }) => [...values])).toEqual([[5, 6], [0.5, 0.25], [7, 8], [0.5, 0.25]]);
    const [file] = write(new Map([['choose/else_branch/slope', Float32Array.of(-7, -8)]]));
    expect((await openOnnxFile(file?.bytes ?? new Uint8Array(), 'model.onnx')).floats.map(({ values }) => [...values])).toEqual([[5, 6], [0.5, 0.25], [-7, -8], [0.5, 0.25]]);
  });
});

describe('numbers that no running node has', () => {
  test.each([
    ['in a function that nothing calls', modelOf({}, { functions: [{ name: 'unused', domain: 'own', output: ['z'], node: [constant('z', floats('', 1, 2))] }] }), 'unused/z'],
    ['in the graph that training would run', modelOf({}, { trainingInfo: [{ algorithm: { name: 'adam', initializer: [floats('momentum', 1, 2)] } }] }), 'training/momentum'],
    ['in a sparse tensor', modelOf({ sparseInitializer: [{ values: floats('thin', 1, 2), indices: { dims: [2], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(0n, 1n).buffer) }, dims: [4] }] }), 'thin'],
  ])('%s stop a run by name, and are viewed', async (_, bytes, name) => {
    const path = await saved(bytes);
    await expect(openModel(path)).rejects.toMatchObject({ code: 'tensor-uncovered', message: expect.stringContaining(`\`${name}\``) as string });
    expect((await inspectModel(path)).tensors.map((tensor) => tensor.name)).toContain(name);
  });

  test('are not held against a model that has none', async () => {
    expect((await openModel(await saved(modelOf()))).graph.tensors.get('weight')?.values).toEqual(Float32Array.of(3, 4));
  });
});

describe('quantised models are refused by the node that computes with integers, and viewed', () => {
  const scale = floats('s', 0.1);
  const zero: OnnxTensor = { name: 'z', dims: [], dataType: 3, rawData: Uint8Array.of(0) };
  const bytes: OnnxTensor = { name: 'w', dims: [2, 2], dataType: 3, rawData: Uint8Array.of(1, 2, 3, 4) };
  test.each([
    ['QLinearMatMul', [{ opType: 'QLinearMatMul', name: 'product', input: ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], output: ['y'] }]],
    ['DequantizeLinear', [{ opType: 'DequantizeLinear', name: 'product', input: ['w', 's', 'z'], output: ['real'] }, { opType: 'MatMul', input: ['x', 'real'], output: ['y'] }]],
    ['MatMulInteger', [{ opType: 'MatMulInteger', name: 'product', input: ['x', 'w'], output: ['y'] }]],
    ['DynamicQuantizeLinear', [{ opType: 'DynamicQuantizeLinear', name: 'product', input: ['x'], output: ['y', 's2', 'z2'] }]],
  ] as const)('%s', async (operator, node) => {
    const path = await saved(modelOf({ node: node.map((each) => ({ ...each, input: [...each.input], output: [...each.output] })), initializer: [scale, zero, bytes] }));
    await expect(openModel(path)).rejects.toMatchObject({ code: 'weights-quantized', message: expect.stringContaining(`node \`product\` (${operator})`) as string });
    const { tensors, obstacle } = await inspectModel(path);
    expect(tensors.find(({ name }) => name === 'w')).toMatchObject({ dataType: 'int8', role: 'buffer' });
    expect(obstacle).toMatch(/rounded integers/);
  });
});

test('a number that float16 cannot hold is refused when written, by the name of its tensor', async () => {
  const half: OnnxTensor = { name: 'weight', dims: [2], dataType: 10, rawData: new Uint8Array(Uint16Array.of(0x3c00, 0x4000).buffer) };
  const model = await openModel(await saved(modelOf({ initializer: [half] })));
  expect(model.roundedTo).toEqual(['float16']);
  expect([...(model.graph.tensors.get('weight')?.values ?? [])]).toEqual([1, 2]);
  // 65,504 is the largest; from 65,520 on, half a step above, rounding gives infinity.
  const [file] = await model.write(new Map([['weight', Float32Array.of(65_519, -65_504)]]));
  expect([...((await openOnnxFile(file?.bytes ?? new Uint8Array(), 'model.onnx')).floats[0]?.values ?? [])]).toEqual([65_504, -65_504]);
  expect(() => model.write(new Map([['weight', Float32Array.of(1, -65_520)]]))).toThrow(/`weight`.*-65520 at position 1.*float16/);
});
