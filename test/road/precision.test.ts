import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { passes } from '../../src/certificate/verify';
import { encodeModel, type OnnxTensor, type OnnxValueInfo } from '../../src/graph/onnx-proto';
import { encodeFloats, type FloatType } from '../../src/model/floats';
import { openOnnxFile } from '../../src/model/onnx/onnx-file';
import { checkCertificate } from '../../src/run/check-certificate';
import { startRun } from '../../src/run/start-run';

/** Models whose files keep half as many bits as training computes with, on the data of the shipped example. */

const { privateKey, publicKey } = createKeyPair();
const features = 28 * 28;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'precision-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One linear layer with weights of a narrow type, as an exporter of half-precision models writes it. */
function linear(type: FloatType, code: number): Uint8Array {
  const tensor = (name: string, dims: number[]): OnnxTensor => ({ name, dims, dataType: code, rawData: encodeFloats(Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, (_, index) => Math.sin(index) / 50), type) });
  const value = (name: string, width: number): OnnxValueInfo => ({ name, type: { tensorType: { elemType: code, shape: { dim: [{ dimParam: 'batch' }, { dimValue: width }] } } } });
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: { name: 'linear', node: [{ opType: 'Gemm', name: 'classes', input: ['x', 'weight', 'bias'], output: ['y'] }], initializer: [tensor('weight', [features, 10]), tensor('bias', [10])], input: [value('x', features)], output: [value('y', 10)] },
  });
}

it.each([['float16', 10], ['bfloat16', 16]] as const)('a %s model is trained in float32 and rounded back, and its certificate says so', async (type, code) => {
  const original = linear(type, code);
  writeFileSync(join(folder, `${type}.onnx`), original);
  const request = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as { data: { train: Record<string, unknown>; evaluation?: unknown } };
  request.data.train['shape'] = [features];
  delete request.data.evaluation;
  const path = join(folder, `${type}.unlearn.json`);
  writeFileSync(path, JSON.stringify({ ...request, model: `${type}.onnx`, recovery: { epochs: 1, learningRate: 0.05 } }));
  const completed = await startRun(path, { signer: signerFromPem(privateKey), engineEntry: join('dist', 'engine.js') });
  const verification = await checkCertificate(completed.certificate, [publicKey]);
  expect(passes(verification)).toBe(true);
  expect(verification.statement?.predicate.limits.filter((limit) => limit.includes(type))).toEqual([expect.stringMatching(/noised in float32 and rounded to the nearest, ties to even/)]);

  const released = readFileSync(completed.model);
  expect(released).toHaveLength(original.length);
  const { floats } = await openOnnxFile(released, completed.model);
  const before = (await openOnnxFile(original, 'original')).floats;
  for (const [index, tensor] of floats.entries()) {
    expect(tensor.type).toBe(type);
    expect(tensor.values.every(Number.isFinite)).toBe(true);
    // Noise moves every number; that one of thousands of 8 bits comes out as it was is no miracle, that all do is.
    expect(tensor.values).not.toEqual(before[index]?.values);
  }
  // Everything but the numbers is as it was: 784·10 + 10 of two bytes each may differ.
  const changed = released.reduce((count, byte, at) => count + (byte === original[at] ? 0 : 1), 0);
  expect(changed).toBeLessThanOrEqual(2 * (features * 10 + 10));
}, 120_000);
