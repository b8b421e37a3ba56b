import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { inspectModel } from '../../../src/model/inspect-model';
import { openModel } from '../../../src/model/open-model';
import { realPackage } from '../../real/packages';

let docs: string;
let scratch: string;
beforeAll(async () => {
  docs = join(await realPackage('tensorspace@0.6.1'), 'docs');
  scratch = await mkdtemp(join(tmpdir(), 'bad-models-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const keras = (): Promise<Buffer> => readFile(join(docs, 'keras/rawModel/combined/mnist.h5'));

async function saved(name: string, bytes: Uint8Array | string): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'case-'));
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function refusal(path: string): Promise<UserError> {
  try {
    await openModel(path);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the model was opened');
}

/** A copy of the TensorFlow.js model with its model.json changed. */
async function tfjs(change: (json: Record<string, unknown>) => unknown): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'tfjs-'));
  await cp(join(docs, 'keras/convertedModel'), folder, { recursive: true });
  const path = join(folder, 'model.json');
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>)));
  return path;
}

/** Replaces text by text of the same length, so that the container stays sound. */
function patched(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  if (at < 0) throw new Error(`no ${from}`);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(to.padEnd(from.length)), bytes.subarray(at + from.length)]);
}

test('a file that does not exist', async () => {
  const path = join(scratch, 'none.h5');
  expect(await refusal(path)).toMatchObject({ code: 'model-missing', file: path });
});

test.each([
  ['tensorflow/rawModel/saved/saved_model.pb', /TensorFlow graph/],
  ['tensorflow/rawModel/frozen/frozen_model.pb', /TensorFlow graph/],
])('%s of tensorspace is refused as what it is', async (path, what) => {
  const file = join(docs, path);
  await expect(inspectModel(file)).rejects.toMatchObject({ code: 'model-format-unsupported', message: expect.stringMatching(what) as string, file });
});

test.each([['model.tflite', '\u001c\0\0\0TFL3', /TensorFlow Lite/], ['model.gguf', 'GGUF\u0003\0\0\0', /GGUF/]])('%s is refused as what it is', async (name, start, what) => {
  expect(await refusal(await saved(name, start))).toMatchObject({ code: 'model-format-unsupported', message: expect.stringMatching(what) as string });
});

test('a folder', async () => {
  const path = join(scratch, 'folder.h5');
  await mkdir(path);
  expect(await refusal(path)).toMatchObject({ code: 'model-unreadable', file: path });
});

test('an empty file', async () => {
  expect(await refusal(await saved('model.h5', ''))).toMatchObject({ code: 'model-not-hdf5', message: 'the file is empty.' });
});

test('a file that is named .h5 and is something else', async () => {
  expect(await refusal(await saved('model.h5', 'once upon a time'))).toMatchObject({ code: 'model-not-hdf5' });
});

test('a file of no known kind', async () => {
  expect(await refusal(await saved('model.bin', 'once upon a time'))).toMatchObject({ code: 'model-format-unknown' });
});

test.each([400_000, 20_000, 3000, 100, 9])('an HDF5 file that ends after %i bytes', async (length) => {
  const path = await saved('model.h5', (await keras()).subarray(0, length));
  const error = await refusal(path);
  expect(['model-truncated', 'model-damaged']).toContain(error.code);
  expect(error.file).toBe(path);
  expect(error.remedy).toBe('Copy or download it again.');
});

test('a layer that is not supported is named', async () => {
  const path = await saved('model.h5', patched(await keras(), '"class_name": "Flatten"', '"class_name": "MyLayer"'));
  expect(await refusal(path)).toMatchObject({ code: 'layer-unsupported', message: 'layer `flatten_1` (MyLayer) is not supported yet.', file: path });
});

test('an activation that is not supported is named with its layer', async () => {
  const path = await saved('model.h5', patched(await keras(), '"activation": "softmax"', '"activation": "sine"'));
  expect((await refusal(path)).message).toBe('layer `Softmax` (Dense) with the activation sine is not supported yet.');
});

test.each([NaN, Infinity])('a weight of %d is named', async (value) => {
  const model = await openModel(join(docs, 'keras/rawModel/combined/mnist.h5'));
  const values = new Float32Array(84);
  values[7] = 123.456;
  const [file] = await model.write(new Map([['Dense_2/bias:0', values]]));
  const bytes = Buffer.from(file?.bytes ?? '');
  // No model is written with such a number, so it is put into the file.
  const place = bytes.indexOf(Buffer.from(values.buffer, 4 * 7, 4));
  bytes.writeFloatLE(value, place);
  const error = await refusal(await saved('model.h5', bytes));
  expect(error).toMatchObject({ code: 'weights-not-finite', message: `the tensor \`Dense_2/bias:0\` holds ${value} at position 7.` });
});

test('weights without the JSON file that describes their model', async () => {
  const path = await saved('weights.h5', await readFile(join(docs, 'keras/rawModel/separated/weights.h5')));
  expect(await refusal(path)).toMatchObject({ code: 'model-config-missing', file: path });
});

test('a model whose configuration promises another shape', async () => {
  const path = await saved('model.h5', patched(await keras(), '"units": 84', '"units": 85'));
  expect(await refusal(path)).toMatchObject({ code: 'weights-misshapen', message: 'the weight `Dense_2/kernel:0` has shape (120, 84), and layer `Dense_2` (Dense) needs (120, 85).' });
});

test('a weight file that is not there', async () => {
  const path = await tfjs((json) => json);
  await rm(path.replace('model.json', 'group1-shard1of1'));
  expect(await refusal(path)).toMatchObject({ code: 'weights-missing', file: path.replace('model.json', 'group1-shard1of1') });
});

test.each(['../secret.bin', '/etc/passwd', 'https://example.org/weights.bin', 'C:\\weights.bin'])('weights that are said to be in %s', async (place) => {
  const path = await tfjs((json) => ({ ...json, weightsManifest: [{ paths: [place], weights: [] }] }));
  expect(await refusal(path)).toMatchObject({ code: 'weights-missing', file: path });
});

test('a weight file that is cut short', async () => {
  const path = await tfjs((json) => json);
  await writeFile(path.replace('model.json', 'group1-shard1of1'), new Uint8Array(1000));
  expect(await refusal(path)).toMatchObject({ code: 'model-truncated', file: path });
});

test('a weight file with bytes that no weight owns', async () => {
  const path = await tfjs((json) => json);
  await writeFile(path.replace('model.json', 'group1-shard1of1'), new Uint8Array(177704 + 4));
  expect(await refusal(path)).toMatchObject({ code: 'data-unexpected', file: path });
});

test('quantised weights', async () => {
  const path = await tfjs((json) => JSON.parse(JSON.stringify(json).replace('"dtype":"float32"}]', '"dtype":"float32","quantization":{"dtype":"uint8","min":-1,"scale":0.01}}]')) as unknown);
  expect(await refusal(path)).toMatchObject({ code: 'weights-quantized', file: path });
  const { tensors, obstacle } = await inspectModel(path);
  expect(tensors.filter(({ dataType }) => dataType === 'quantised')).toHaveLength(1);
  expect(obstacle).toMatch(/quantised/);
});

test('JSON that is no model', async () => {
  expect(await refusal(await saved('model.json', '{"name": "package"}'))).toMatchObject({ code: 'model-format-unknown' });
  expect(await refusal(await saved('model.json', '{"name": '))).toMatchObject({ code: 'model-config-invalid' });
});
