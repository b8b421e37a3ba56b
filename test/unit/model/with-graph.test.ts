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

test('an export that folded weights together is not the model of the checkpoint any more', async () => {
  await expect(openModel(await together('state.pt', 'traced.onnx'))).rejects.toMatchObject({ code: 'weights-unexpected' });
});

test('a checkpoint alone has no graph', async () => {
  await expect(openModel(join(fixtures, 'state.pt'))).rejects.toMatchObject({ code: 'model-without-graph' });
});
