import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import { decodeModel, encodeModel } from '../../../src/graph/onnx-proto';
import { openOnnx } from '../../../src/model/onnx/open-onnx';
import { openModel } from '../../../src/model/open-model';
import { findNormalizations } from '../../../src/run/normalization-statistics';
import expected from '../../fixtures/models/torch/batchnorm-training.json';
import { largestDifference, runGraph } from './run-graph';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models', 'torch');
const images = gunzipSync(readFileSync(join(__dirname, '..', '..', '..', 'examples', 'mnist', 'train-images-idx3-ubyte.gz'))).subarray(16);
const features = Float32Array.from(images.subarray(0, 4 * 784), (value) => value / 255);

describe.each([['batchnorm-training-17.onnx', expected[17]], ['batchnorm-training-12.onnx', expected[12]]] as const)('%s, exported for training', (name, outputs) => {
  it('predicts with its running statistics, as PyTorch does once training is over', async () => {
    const { graph } = await openModel(join(fixtures, name));
    expect(largestDifference(await runGraph(graph, features, 4), outputs)).toBeLessThan(1e-5);
  });

  it('says in how many places it is in training form, and which statistics to take from the retain set', async () => {
    const model = await openModel(join(fixtures, name));
    expect(model.inTrainingForm).toBe(2);
    expect(findNormalizations(model.graph).map(({ mean, variance }) => [mean, variance])).toEqual([['1.running_mean', '1.running_var'], ['6.running_mean', '6.running_var']]);
  });

  it('gives the updated statistics as outputs, which are no predictions', async () => {
    const file = decodeModel(readFileSync(join(fixtures, name)));
    const statistics = file.graph?.node?.find(({ opType }) => opType === 'BatchNormalization')?.output?.[1] ?? '';
    const asOutput = encodeModel({ ...file, graph: { ...file.graph, output: [{ name: statistics }, ...(file.graph?.output ?? [])] } });
    const { graph } = await openOnnx(asOutput, name);
    expect(graph.outputs).toEqual((file.graph?.output ?? []).map((output) => output.name));
  });

  it('is refused where a node computes with the updated statistics', async () => {
    const file = decodeModel(readFileSync(join(fixtures, name)));
    const statistics = file.graph?.node?.find(({ opType }) => opType === 'BatchNormalization')?.output?.[1] ?? '';
    const node = [...(file.graph?.node ?? []), { opType: 'Relu', name: 'after', input: [statistics], output: ['positive'] }];
    await expect(openOnnx(encodeModel({ ...file, graph: { ...file.graph, node } }), name)).rejects.toMatchObject({ code: 'layer-unsupported' });
  });
});

test('a model exported for inference is not in training form', async () => {
  expect((await openModel(join(fixtures, 'traced.onnx'))).inTrainingForm).toBe(0);
});
