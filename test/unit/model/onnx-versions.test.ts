import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeModel, type OnnxAttribute, type OnnxNode, type OnnxTensor } from '../../../src/graph/onnx-proto';
import { inspectModel } from '../../../src/model/inspect-model';
import { openModel } from '../../../src/model/open-model';
import versions from '../../fixtures/models/torch/versions.json';
import { largestDifference, runGraph, waves } from './run-graph';

/** What operator sets after 17 write in other ways, as the newer of PyTorch's exporters does. */

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'versions-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const integers = (name: string, ...values: number[]): OnnxTensor => ({ name, dims: [values.length], dataType: 7, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
const flag = (name: string, i: number): OnnxAttribute => ({ name, type: 2, i });

/** The output for two records of [1, 2, 3, 4] and [5, 6, 7, 8], of a model of operator set 18 that ends in y. */
async function outputOf(node: OnnxNode[], initializer: OnnxTensor[]): Promise<number[]> {
  const path = join(await mkdtemp(join(scratch, 'case-')), 'model.onnx');
  const dim = [{ dimParam: 'batch' }, { dimValue: 4 }];
  await writeFile(path, encodeModel({
    irVersion: 9,
    opsetImport: [{ domain: '', version: 18 }],
    graph: { name: 'main', node, initializer, input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim } } } }], output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }] },
  }));
  return [...await runGraph((await openModel(path)).graph, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2)];
}

test('Split into a number of parts', async () => {
  const nodes = [{ opType: 'Split', name: 'split', input: ['x'], output: ['low', 'high'], attribute: [flag('axis', 1), flag('num_outputs', 2)] }, { opType: 'Sub', input: ['high', 'low'], output: ['y'] }];
  // 3 - 1, 4 - 2; 7 - 5, 8 - 6.
  expect(await outputOf(nodes, [])).toEqual([2, 2, 2, 2]);
});

test.each([
  // Means of 1, 2, 3, 4 and of 5, 6, 7, 8.
  ['axes as an input', [integers('axes', 1)], ['x', 'axes'], 0, [2.5, 6.5]],
  ['axes as an input, and what no axes would mean', [integers('axes', 1)], ['x', 'axes'], 1, [2.5, 6.5]],
  ['no axes, which then mean nothing', [], ['x'], 1, [1, 2, 3, 4, 5, 6, 7, 8]],
  ['empty axes, which then mean nothing', [integers('axes')], ['x', 'axes'], 1, [1, 2, 3, 4, 5, 6, 7, 8]],
] as const)('ReduceMean with %s', async (_, initializer, input, noop, expected) => {
  const nodes = [{ opType: 'ReduceMean', name: 'mean', input: [...input], output: ['y'], attribute: [flag('keepdims', 1), flag('noop_with_empty_axes', noop)] }];
  expect(await outputOf(nodes, [...initializer])).toEqual(expected);
});

test.each(Object.entries(versions))('%s.onnx, as PyTorch exports it, can be trained and gives what PyTorch gives', async (name, { shape, outputs }) => {
  const path = join(__dirname, '..', '..', 'fixtures', 'models', 'torch', `${name}.onnx`);
  expect((await inspectModel(path)).obstacle).toBeUndefined();
  const { graph } = await openModel(path);
  // A few hundred products of float32, in another order, of outputs below ten.
  expect(largestDifference(await runGraph(graph, waves(2 * shape.reduce((product, size) => product * size, 1)), 2), outputs)).toBeLessThan(1e-5);
});

test('an open slice of operator set 9, whose end is the largest of all whole numbers, goes to the end', async () => {
  const path = join(await mkdtemp(join(scratch, 'case-')), 'model.onnx');
  const list = (name: string, ...ints: number[]): OnnxAttribute => ({ name, type: 7, ints });
  const dim = [{ dimParam: 'batch' }, { dimValue: 4 }];
  await writeFile(path, encodeModel({
    irVersion: 4,
    opsetImport: [{ domain: '', version: 9 }],
    graph: {
      name: 'main', initializer: [],
      node: [{ opType: 'Slice', input: ['x'], output: ['y'], attribute: [list('starts', 2), list('ends', 2 ** 63 - 1025), list('axes', 1)] }],
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim } } } }], output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }],
    },
  }));
  expect([...await runGraph((await openModel(path)).graph, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2)]).toEqual([3, 4, 7, 8]);
});

test('an attention that gives more than its result is named and not trained', async () => {
  const path = join(await mkdtemp(join(scratch, 'case-')), 'model.onnx');
  const dim = [{ dimParam: 'batch' }, { dimValue: 1 }, { dimValue: 2 }, { dimValue: 2 }];
  await writeFile(path, encodeModel({
    irVersion: 11,
    opsetImport: [{ domain: '', version: 23 }],
    graph: {
      name: 'main', initializer: [],
      node: [{ opType: 'Attention', name: 'look', input: ['x', 'x', 'x', '', 'x', 'x'], output: ['y'] }],
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim } } } }], output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }],
    },
  }));
  expect((await inspectModel(path)).obstacle).toMatch(/"look": operator Attention/);
});
