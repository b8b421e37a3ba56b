import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModel } from '../../../src/model/open-model';
import expectedOutputs from '../../fixtures/models/torch/outputs.json';
import { largestDifference, runGraph, waves } from './run-graph';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models', 'torch');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'with-graph-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** A checkpoint beside an export of its model. */
async function together(checkpoint: string, onnx: string): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'case-'));
  const name = `model${checkpoint.slice(checkpoint.lastIndexOf('.'))}`;
  await cp(join(fixtures, checkpoint), join(folder, name));
  await cp(join(fixtures, onnx), join(folder, 'model.onnx'));
  return join(folder, name);
}

test.each([['state.pt', 'PyTorch with ONNX'], ['legacy.pth', 'PyTorch with ONNX'], ['model.safetensors', 'safetensors with ONNX']])('%s takes its graph from the ONNX export beside it', async (checkpoint, format) => {
  const path = await together(checkpoint, 'traced-9.onnx');
  const model = await openModel(path);
  expect(model.format).toBe(format);
  // Probabilities of order one: 1e-6 is some 8 roundings.
  expect(largestDifference(await runGraph(model.graph, waves(4 * 2 * 8 * 8), 4), expectedOutputs.net)).toBeLessThan(1e-6);

  const [same] = await model.write(new Map());
  expect(Buffer.from(same?.bytes ?? []).equals(await readFile(path))).toBe(true);

  const [changed] = await model.write(new Map([['classes.bias', Float32Array.of(3, 2, 1)]]));
  await writeFile(path, changed?.bytes ?? '');
  const again = await openModel(path);
  expect(again.graph.tensors.get('classes.bias')?.values).toEqual(Float32Array.of(3, 2, 1));
  expect(again.graph.tensors.get('classes.weight')).toEqual(model.graph.tensors.get('classes.weight'));
});

/** A safetensors file with its own tensors and one more, of whole numbers. */
async function withIntegers(path: string, name: string, numbers: readonly number[]): Promise<void> {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE());
  const data = bytes.subarray(8 + length);
  const more = Buffer.from(BigInt64Array.from(numbers, BigInt).buffer);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, object>;
  const text = Buffer.from(JSON.stringify({ ...header, [name]: { dtype: 'I64', shape: [numbers.length], data_offsets: [data.length, data.length + more.length] } }));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(text.length));
  await writeFile(path, Buffer.concat([start, text, data, more]));
}

test('how many batches a normalisation has seen starts again at zero, and is listed among what is dropped', async () => {
  const path = await together('model.safetensors', 'traced-9.onnx');
  await withIntegers(path, 'second.num_batches_tracked', [977]);
  const model = await openModel(path);
  expect(model.residues).toContainEqual({ name: 'second.num_batches_tracked', kind: 'buffer', treatment: 'dropped' });
  const [written] = await model.write(new Map([['classes.bias', Float32Array.of(3, 2, 1)]]));
  expect(Buffer.from(written?.bytes ?? []).readBigInt64LE((written?.bytes.length ?? 0) - 8)).toBe(0n);
});

test('other whole numbers, which may be anything that training noted down, are not released with a certificate', async () => {
  const path = await together('model.safetensors', 'traced-9.onnx');
  await withIntegers(path, 'seen_records', [17, 4, 23]);
  await expect(openModel(path)).rejects.toMatchObject({ code: 'tensor-uncovered', file: path, message: expect.stringContaining('`seen_records`') as string });
});

test('an export that folded weights together is not the model of the checkpoint any more', async () => {
  await expect(openModel(await together('state.pt', 'traced.onnx'))).rejects.toMatchObject({ code: 'weights-unexpected' });
});

test('a checkpoint alone has no graph', async () => {
  await expect(openModel(join(fixtures, 'state.pt'))).rejects.toMatchObject({ code: 'model-without-graph' });
});
