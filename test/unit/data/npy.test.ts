import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { parseNpy } from '../../../src/data/npy';
import { parseNpz } from '../../../src/data/npz';
import { npy, thrownUserError } from './sources';

const fixture = (name: string): Promise<Uint8Array> => readFile(path.join(__dirname, '../../fixtures/data', name));
/** Element (i, j) is 4 i + j - offset: see make_numpy.py. */
const counting = (offset: number): number[] => Array.from({ length: 12 }, (_, index) => index - offset);

describe.each(['numpy-stored.npz', 'numpy-compressed.npz'])('arrays that NumPy wrote to %s', (name) => {
  test.each(['u1', 'u2', 'u4', 'u8', 'i1', 'i2', 'i4', 'i8', 'f2', 'f4', 'f8'])('are read for the type %s in both byte orders', async (type) => {
    const bytes = await fixture(name);
    for (const order of ['little', 'big']) {
      const array = parseNpz(bytes, `${type}_${order}`);
      expect(array.shape).toEqual([3, 4]);
      expect(Array.from(array.values)).toEqual(counting(type.startsWith('u') ? 0 : 5));
    }
  });

  test('are read for booleans and vectors', async () => {
    const bytes = await fixture(name);
    expect(Array.from(parseNpz(bytes, 'b1').values)).toEqual(counting(0).map((value) => value % 2));
    expect(parseNpz(bytes, 'vector')).toEqual({ shape: [3], values: Float64Array.of(0, 1, 2) });
    expect(parseNpz(bytes, 'scalar')).toEqual({ shape: [], values: Float64Array.of(7) });
  });

  test('are brought from Fortran order into row-major order', async () => {
    const bytes = await fixture(name);
    expect(Array.from(parseNpz(bytes, 'fortran').values)).toEqual(counting(5));
    expect(parseNpz(bytes, 'fortran3')).toEqual({ shape: [2, 3, 4], values: Int16Array.from({ length: 24 }, (_, index) => index) });
  });

  test('are refused for text and complex numbers, by name', async () => {
    const bytes = await fixture(name);
    expect((await thrownUserError(() => parseNpz(bytes, 'text'), 'npy-type')).message).toContain("'<U1'");
    expect((await thrownUserError(() => parseNpz(bytes, 'complex'), 'npy-type')).message).toContain("'<c16'");
  });

  test('must be named where there are several, and the names there are get listed', async () => {
    const bytes = await fixture(name);
    expect((await thrownUserError(() => parseNpz(bytes, undefined, {}, 'data.featuresKey'), 'npz-key')).field).toBe('data.featuresKey');
    expect((await thrownUserError(() => parseNpz(bytes, 'x'), 'npz-key')).message).toContain('"fortran", "fortran3", "vector"');
  });
});

describe('NPY and NPZ files', () => {
  test('with Python objects are refused without being loaded', async () => {
    const bytes = await fixture('numpy-object.npy');
    expect((await thrownUserError(() => parseNpy(bytes), 'npy-type')).remedy).toContain('never loaded');
  });

  test('that are cut short are refused wherever the cut is', async () => {
    const bytes = npy('<f4', [3], Float32Array.of(1, 2, 3));
    for (const length of [bytes.length - 1, 64, 60, 11, 9]) await thrownUserError(() => parseNpy(bytes.subarray(0, length)), 'file-truncated');
    await thrownUserError(() => parseNpy(bytes.subarray(0, 5)), 'npy-magic');
    await thrownUserError(() => parseNpy(Uint8Array.of(...bytes, 9)), 'file-too-long');
    const archive = await fixture('numpy-stored.npz');
    await thrownUserError(() => parseNpz(archive.subarray(0, -30), 'b1'), 'npz-damaged');
    await thrownUserError(() => parseNpz(archive.subarray(0, 100), 'b1'), 'npz-damaged');
  });

  test('with 64-bit integers that no float64 equals are refused', async () => {
    expect(parseNpy(npy('<i8', [1], BigInt64Array.of(-(2n ** 53n)))).values[0]).toBe(-(2 ** 53));
    expect((await thrownUserError(() => parseNpy(npy('<i8', [1], BigInt64Array.of(2n ** 53n + 1n))), 'value-too-large')).message).toContain('9007199254740993');
  });

  test('in half precision give the exact values of IEEE 754', () => {
    // 0x3c01 = (1 + 1/1024), 0x0001 = 2^-24 (smallest subnormal), 0x7bff = 65504 (largest), 0xc000 = -2, 0x7c00 = infinity
    expect(parseNpy(npy('<f2', [5], Uint16Array.of(0x3c01, 0x0001, 0x7bff, 0xc000, 0x7c00))).values).toEqual(Float32Array.of(1 + 1 / 1024, 2 ** -24, 65504, -2, Infinity));
  });

  test('in Fortran order mean the same as in C order', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(shapes, (shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      // The value at row-major position p is p; its column-major position follows from its indices.
      const columnMajor = new Float64Array(length);
      for (let position = 0; position < length; position++) {
        let rest = position;
        const indices = shape.map(() => 0);
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          indices[axis] = rest % (shape[axis] ?? 1);
          rest = Math.floor(rest / (shape[axis] ?? 1));
        }
        let stride = 1;
        let target = 0;
        shape.forEach((size, axis) => {
          target += stride * (indices[axis] ?? 0);
          stride *= size;
        });
        columnMajor[target] = position;
      }
      expect(parseNpy(npy('<f8', shape, columnMajor, true)).values).toEqual(Float64Array.from({ length }, (_, index) => index));
    }));
  });

  test('with any header are read or refused, never anything else', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (header) => {
      const text = Buffer.from(header);
      const bytes = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([text.length & 255, text.length >> 8]), text]);
      try {
        parseNpy(new Uint8Array(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }));
  });
});
