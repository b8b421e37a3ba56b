import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { parseIdx } from '../../../src/data/idx';
import { idx, thrownUserError } from './sources';

describe('IDX files', () => {
  test('give shape and values of every element type, which are big-endian', () => {
    expect(parseIdx(idx(8, [2, 3], [0, 1, 2, 253, 254, 255]))).toEqual({ shape: [2, 3], values: Uint8Array.of(0, 1, 2, 253, 254, 255) });
    expect(parseIdx(idx(9, [2], [-128, 127])).values).toEqual(Int8Array.of(-128, 127));
    expect(parseIdx(idx(11, [2], [-32768, 258])).values).toEqual(Int16Array.of(-32768, 258));
    expect(parseIdx(idx(12, [1], [-16909060])).values).toEqual(Int32Array.of(-16909060));
    expect(parseIdx(idx(13, [2], [0.5, -1.25])).values).toEqual(Float32Array.of(0.5, -1.25));
    expect(parseIdx(idx(14, [1], [0.1])).values).toEqual(Float64Array.of(0.1));
  });

  test('that hold fewer or more bytes than their header says are refused', async () => {
    const bytes = idx(8, [4], [1, 2, 3, 4]);
    expect((await thrownUserError(() => parseIdx(bytes.subarray(0, -1), { file: 'a' }), 'file-truncated')).file).toBe('a');
    await thrownUserError(() => parseIdx(Uint8Array.of(...bytes, 0)), 'file-too-long');
    await thrownUserError(() => parseIdx(bytes.subarray(0, 6)), 'file-truncated');
  });

  test('are told by their first four bytes', async () => {
    await thrownUserError(() => parseIdx(new TextEncoder().encode('a,b\n1,2\n')), 'idx-magic');
    await thrownUserError(() => parseIdx(Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0)), 'idx-magic');
    await thrownUserError(() => parseIdx(Uint8Array.of(0, 0)), 'idx-magic');
  });

  test('come back as they were written, whatever the shape', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    const arrays = shapes.chain((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return fc.tuple(fc.constant(shape), fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: length, maxLength: length }));
    });
    fc.assert(fc.property(arrays, ([shape, values]) => {
      expect(parseIdx(idx(12, shape, values))).toEqual({ shape, values: Int32Array.from(values) });
    }));
  });

  test('made of any bytes are read or refused, never anything else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (tail) => {
      try {
        parseIdx(Uint8Array.of(0, 0, ...tail));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }));
  });
});
