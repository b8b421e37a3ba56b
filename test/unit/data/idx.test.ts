import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { openIdxStream } from '../../../src/data/element-stream';
import type { NumericArray } from '../../../src/data/numeric-array';
import type { Where } from '../../../src/data/source-file';
import { collect, idx, inMemory, userError } from './sources';

const readIdx = (bytes: Uint8Array, where: Where = {}, pieces = 1): Promise<NumericArray> => collect(openIdxStream(inMemory(bytes, where, pieces)));

describe('IDX files', () => {
  test('give shape and values of every element type, which are big-endian', async () => {
    expect(await readIdx(idx(8, [2, 3], [0, 1, 2, 253, 254, 255]))).toEqual({ shape: [2, 3], values: Uint8Array.of(0, 1, 2, 253, 254, 255) });
    expect((await readIdx(idx(9, [2], [-128, 127]))).values).toEqual(Int8Array.of(-128, 127));
    expect((await readIdx(idx(11, [2], [-32768, 258]))).values).toEqual(Int16Array.of(-32768, 258));
    expect((await readIdx(idx(12, [1], [-16909060]))).values).toEqual(Int32Array.of(-16909060));
    expect((await readIdx(idx(13, [2], [0.5, -1.25]))).values).toEqual(Float32Array.of(0.5, -1.25));
    expect((await readIdx(idx(14, [1], [0.1]))).values).toEqual(Float64Array.of(0.1));
  });

  test('that hold fewer or more bytes than their header says are refused', async () => {
    const bytes = idx(8, [4], [1, 2, 3, 4]);
    expect((await userError(readIdx(bytes.subarray(0, -1), { file: 'a' }), 'file-truncated')).file).toBe('a');
    await userError(readIdx(Uint8Array.of(...bytes, 0)), 'file-too-long');
    await userError(readIdx(bytes.subarray(0, 6)), 'file-truncated');
  });

  test('are told by their first four bytes', async () => {
    await userError(readIdx(new TextEncoder().encode('a,b\n1,2\n')), 'idx-magic');
    await userError(readIdx(Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0)), 'idx-magic');
    await userError(readIdx(Uint8Array.of(0, 0)), 'idx-magic');
  });

  test('come back as they were written, whatever the shape and the pieces they are read in', async () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    const arrays = shapes.chain((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return fc.tuple(fc.constant(shape), fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: length, maxLength: length }));
    });
    await fc.assert(fc.asyncProperty(arrays, fc.integer({ min: 1, max: 9 }), async ([shape, values], pieces) => {
      expect(await readIdx(idx(12, shape, values), {}, pieces)).toEqual({ shape, values: Int32Array.from(values) });
    }));
  });

  test('made of any bytes are read or refused, never anything else', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (tail) => {
      try {
        await readIdx(Uint8Array.of(0, 0, ...tail));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }));
  });
});
