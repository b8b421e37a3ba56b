import * as tf from '@tensorflow/tfjs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inspectModel } from '../../../src/model/inspect-model';
import { openModel } from '../../../src/model/open-model';
import { realPackage } from '../../real/packages';
import { largestDifference, runGraph, waves } from './run-graph';

let docs: string;
beforeAll(async () => {
  docs = join(await realPackage('tensorspace@0.6.1'), 'docs');
  await tf.setBackend('cpu');
});

/** TensorFlow.js's own reading of a model, without the network. */
async function loadWithTensorFlow(path: string, shards: ReadonlyMap<string, Uint8Array> = new Map()): Promise<tf.LayersModel> {
  const json = JSON.parse(await readFile(path, 'utf8')) as { modelTopology: object; weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[] };
  const parts = await Promise.all(json.weightsManifest.flatMap((group) => group.paths).map(async (name) => shards.get(join(name)) ?? await readFile(join(dirname(path), name))));
  const weightData = new Uint8Array(Buffer.concat(parts)).buffer;
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs: json.weightsManifest.flatMap((group) => group.weights), weightData }));
}

function predict(model: tf.LayersModel, features: Float32Array, count: number): Float32Array {
  return tf.tidy(() => {
    const outputs = model.predict(tf.tensor(features, [count, ...(model.inputs[0]?.shape.slice(1) ?? [])] as number[]));
    const last = Array.isArray(outputs) ? outputs.at(-1) : outputs;
    return last?.dataSync<'float32'>() ?? new Float32Array();
  });
}

describe.each([
  ['a Keras model converted to TensorFlow.js', 'keras/convertedModel/model.json', 44426],
  ['a tf.keras model converted to TensorFlow.js', 'tensorflow/convertedModel/layerModel/model.json', 44426],
  ['a functional model saved by TensorFlow.js', 'tfjs/convertedModel/model.json', 61706],
  ['a sequential model saved by TensorFlow.js', 'tfjs/rawModel/mnist.json', 61706],
])('%s', (_, path, parameters) => {
  test('gives the outputs that TensorFlow.js gives', async () => {
    const model = await openModel(join(docs, path));
    expect(model.format).toBe('TensorFlow.js layers');
    expect([...model.graph.tensors.values()].filter((tensor) => tensor.role === 'parameter').reduce((sum, tensor) => sum + tensor.values.length, 0)).toBe(parameters);
    const features = waves(8 * 28 * 28);
    const expected = predict(await loadWithTensorFlow(join(docs, path)), features, 8);
    // Probabilities of order one, computed in float32 in another order: 1e-5 is some 80 roundings.
    expect(largestDifference(await runGraph(model.graph, features, 8), expected)).toBeLessThan(1e-5);
  });

  test('is written back byte for byte where nothing changed, but for settings of its training', async () => {
    const model = await openModel(join(docs, path));
    const [json, ...shards] = await model.write(new Map());
    for (const file of shards) expect(Buffer.from(file.bytes).equals(await readFile(join(docs, dirname(path), file.path))), file.path).toBe(true);
    const before = JSON.parse(await readFile(join(docs, path), 'utf8')) as { modelTopology: { training_config?: unknown } };
    expect(model.residues.map(({ name }) => name)).toEqual(before.modelTopology.training_config === undefined ? [] : ['modelTopology: training_config']);
    delete before.modelTopology.training_config;
    expect(JSON.parse(new TextDecoder().decode(json?.bytes))).toEqual(before);
    if (model.residues.length === 0) expect(Buffer.from(json?.bytes ?? []).equals(await readFile(join(docs, path)))).toBe(true);
  });

  test('is written back with new weights that TensorFlow.js reads as we do', async () => {
    const model = await openModel(join(docs, path));
    const values = new Map([...model.graph.tensors.values()].filter((tensor) => tensor.role === 'parameter').map((tensor) => [tensor.name, (tensor.values as Float32Array).map((value) => 0.9 * value + 0.01)]));
    const files = await model.write(values);
    expect(files[0]?.path).toBe(path.split('/').at(-1));
    const shards = new Map(files.slice(1).map((file) => [file.path, file.bytes]));
    const changed = { ...model.graph, tensors: new Map([...model.graph.tensors].map(([name, tensor]) => [name, { ...tensor, values: values.get(name) ?? tensor.values }])) };
    const features = waves(2 * 28 * 28);
    const expected = predict(await loadWithTensorFlow(join(docs, path), shards), features, 2);
    expect(largestDifference(await runGraph(changed, features, 2), expected)).toBeLessThan(1e-5);
  });
});

describe('a model that was saved with its optimiser, in two shards that part in the middle of a number', () => {
  const path = join(__dirname, '..', '..', 'fixtures', 'models', 'tfjs', 'model.json');

  test('gives the outputs that TensorFlow.js gives, and has the moving statistics as buffers', async () => {
    const { graph } = await openModel(path);
    const expected = predict(await loadWithTensorFlow(path), waves(4 * 24), 4);
    // Probabilities of order one: 1e-6 is some 8 roundings.
    expect(largestDifference(await runGraph(graph, waves(4 * 24), 4), expected)).toBeLessThan(1e-6);
    expect([...graph.tensors.values()].filter((tensor) => tensor.role === 'buffer').map((tensor) => tensor.name)).toEqual([
      'batch_normalization_BatchNormalization1/moving_mean', 'batch_normalization_BatchNormalization1/moving_variance',
    ]);
  });

  test('is written without what the optimiser remembers', async () => {
    const model = await openModel(path);
    // Adam: the step count, and two slots for each of 6 trained tensors; then its settings.
    expect(model.residues.map((residue) => residue.kind)).toEqual([...Array<string>(13).fill('optimizer-state'), 'metadata']);
    const [json, ...shards] = await model.write(new Map([['dense_Dense1/bias', Float32Array.of(5, 6)]]));
    const manifest = JSON.parse(new TextDecoder().decode(json?.bytes)) as { trainingConfig?: unknown; weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[] };
    expect(manifest.trainingConfig).toBeUndefined();
    const weights = manifest.weightsManifest.flatMap((group) => group.weights);
    expect(weights.map((weight) => weight.group)).toEqual(Array(8).fill(undefined));
    // 36 + 3 of the convolution, 4·3 of the normalisation, 24 + 2 of the last layer, four bytes each.
    const written = Buffer.concat(shards.map((shard) => shard.bytes));
    expect(written.length).toBe(4 * (39 + 12 + 26));
    expect(new Float32Array(new Uint8Array(written.subarray(4 * (39 + 6 + 24), 4 * (39 + 6 + 26))).buffer)).toEqual(Float32Array.of(5, 6));
  });
});

test('of a model that names every layer as an output, the one computed from all others is the output', async () => {
  const model = await openModel(join(docs, 'keras/convertedModel/model.json'));
  expect(model.graph.outputs).toEqual(['Softmax/Softmax']);
});

test('a chain of convolutions and poolings is transposed once on the way in and once on the way out', async () => {
  const model = await openModel(join(docs, 'tfjs/rawModel/mnist.json'));
  const weights = new Set(model.graph.tensors.keys());
  const onData = model.graph.nodes.filter((node) => node.operator === 'Transpose' && !weights.has(node.inputs[0] ?? ''));
  expect(onData.map((node) => node.attributes['perm'])).toEqual([[0, 3, 1, 2], [0, 2, 3, 1]]);
});

test('a graph model is refused, with the reason, and can be looked at', async () => {
  const path = join(docs, 'tensorflow/convertedModel/graphModel/model.json');
  await expect(openModel(path)).rejects.toMatchObject({ name: 'UserError', code: 'graph-model-not-trainable' });
  const summary = await inspectModel(path);
  expect(summary).toMatchObject({ format: 'TensorFlow.js graph model', parameters: 44426 });
  expect(summary.obstacle).toMatch(/cannot be trained/);
});
