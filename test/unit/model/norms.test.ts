import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectModel } from '../../../src/model/inspect-model';
import { normOf } from '../../../src/model/norms';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'norms-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('norms are those of Euclid: √(3² + 4²) = 5', () => expect(normOf(new Float32Array([3, -4]))).toBe(5));

test('squares of numbers near the largest float32 do not overflow', () => {
  const large = 2 ** 127;
  // √(2·2²⁵⁴) = 2¹²⁷·√2; a few roundings of 2⁻⁵³ are allowed.
  expect((normOf(new Float32Array([large, large])) ?? NaN) / large).toBeCloseTo(Math.SQRT2, 12);
});

test('what is not floating-point has no norm, nor has what is not finite', () => {
  expect(normOf(new Int32Array([3, 4]))).toBeUndefined();
  expect(normOf(new Float32Array([1, NaN]))).toBeUndefined();
  expect(normOf(new Float32Array([1, Infinity]))).toBeUndefined();
});

test('the floating-point tensors of a checkpoint have norms, and whole numbers none', async () => {
  const header = JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, h: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] }, steps: { dtype: 'I32', shape: [1], data_offsets: [12, 16] } });
  const bytes = Buffer.alloc(8 + header.length + 16);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8);
  bytes.writeFloatLE(3, 8 + header.length);
  bytes.writeFloatLE(4, 12 + header.length);
  bytes.writeUInt16LE(0x40c0, 16 + header.length); // 6 in bfloat16
  bytes.writeUInt16LE(0x4100, 18 + header.length); // 8
  bytes.writeInt32LE(7, 20 + header.length);
  const path = join(folder, 'state.safetensors');
  writeFileSync(path, bytes);
  const { tensors, obstacle } = await inspectModel(path);
  expect(tensors.map(({ name, norm }) => [name, norm])).toEqual([['w', 5], ['h', 10], ['steps', undefined]]);
  expect(obstacle).toMatch(/Export the model to ONNX/); // the remedy is said with the reason
});
