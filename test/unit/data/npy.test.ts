import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { openNpyStream } from '../../../src/data/element-stream';
import { openNpzStream } from '../../../src/data/npz';
import type { NumericArray } from '../../../src/data/numeric-array';
import { findFile } from '../../../src/data/source-file';
import { collect, inMemory, npy, useFolder, userError } from './sources';

const folder = useFolder();
const fixtures = path.join(__dirname, '../../fixtures/data');
const readNpy = (bytes: Uint8Array, pieces = 1): Promise<NumericArray> => collect(openNpyStream(inMemory(bytes, {}, pieces)));
const readNpz = async (name: string, key: string | undefined, base = fixtures): Promise<NumericArray> => collect(openNpzStream(await findFile(name, 'features', { base }), key, 'data.featuresKey'));

const fixture = (name: string): Promise<Uint8Array> => readFile(path.join(fixtures, name));
/** Element (i, j) is 4 i + j - offset: see make_numpy.py. */
const counting = (offset: number): number[] => Array.from({ length: 12 }, (_, index) => index - offset);

describe.each(['numpy-stored.npz', 'numpy-compressed.npz'])('arrays that NumPy wrote to %s', (name) => {
  test.each(['u1', 'u2', 'u4', 'u8', 'i1', 'i2', 'i4', 'i8', 'f2', 'f4', 'f8'])('are read for the type %s in both byte orders', async (type) => {
    for (const order of ['little', 'big']) {
      const array = await readNpz(name, `${type}_${order}`);
      expect(array.shape).toEqual([3, 4]);
      expect(Array.from(array.values)).toEqual(counting(type.startsWith('u') ? 0 : 5));
    }
  });

  test('are read for booleans and vectors', async () => {
    expect(Array.from((await readNpz(name, 'b1')).values)).toEqual(counting(0).map((value) => value % 2));
    expect(await readNpz(name, 'vector')).toEqual({ shape: [3], values: Float64Array.of(0, 1, 2) });
    expect(await readNpz(name, 'scalar')).toEqual({ shape: [], values: Float64Array.of(7) });
  });

  test('are brought from Fortran order into row-major order', async () => {
    expect(Array.from((await readNpz(name, 'fortran')).values)).toEqual(counting(5));
    expect(await readNpz(name, 'fortran3')).toEqual({ shape: [2, 3, 4], values: Int16Array.from({ length: 24 }, (_, index) => index) });
  });

  test('are refused for text and complex numbers, by name', async () => {
    expect((await userError(readNpz(name, 'text'), 'npy-type')).message).toContain("'<U1'");
    expect((await userError(readNpz(name, 'complex'), 'npy-type')).message).toContain("'<c16'");
  });

  test('must be named where there are several, and the names there are get listed', async () => {
    expect((await userError(readNpz(name, undefined), 'npz-key')).field).toBe('data.featuresKey');
    expect((await userError(readNpz(name, 'x'), 'npz-key')).message).toContain('"fortran", "fortran3", "vector"');
  });
});

describe('NPY and NPZ files', () => {
  test('with Python objects are refused without being loaded', async () => {
    expect((await userError(readNpy(await fixture('numpy-object.npy')), 'npy-type')).remedy).toContain('never loaded');
  });

  test('that are cut short are refused wherever the cut is', async () => {
    const bytes = npy('<f4', [3], Float32Array.of(1, 2, 3));
    for (const length of [bytes.length - 1, 64, 60, 11, 9]) await userError(readNpy(bytes.subarray(0, length)), 'file-truncated');
    await userError(readNpy(bytes.subarray(0, 5)), 'npy-magic');
    await userError(readNpy(Uint8Array.of(...bytes, 9)), 'file-too-long');
    const archive = await fixture('numpy-stored.npz');
    await userError(readNpz(await folder.file('cut.npz', archive.subarray(0, -30)), 'b1', folder.path), 'npz-damaged');
    await userError(readNpz(await folder.file('cut.npz', archive.subarray(0, 100)), 'b1', folder.path), 'npz-damaged');
  });

  test('with 64-bit integers that no float64 equals are refused', async () => {
    expect((await readNpy(npy('<i8', [1], BigInt64Array.of(-(2n ** 53n))))).values[0]).toBe(-(2 ** 53));
    expect((await userError(readNpy(npy('<i8', [1], BigInt64Array.of(2n ** 53n + 1n))), 'value-too-large')).message).toContain('9007199254740993');
  });

  test('in half precision give the exact values of IEEE 754', async () => {
    // 0x3c01 = (1 + 1/1024), 0x0001 = 2^-24 (smallest subnormal), 0x7bff = 65504 (largest), 0xc000 = -2, 0x7c00 = infinity
    expect((await readNpy(npy('<f2', [5], Uint16Array.of(0x3c01, 0x0001, 0x7bff, 0xc000, 0x7c00)))).values).toEqual(Float32Array.of(1 + 1 / 1024, 2 ** -24, 65504, -2, Infinity));
  });

  test('in Fortran order mean the same as in C order', async () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(shapes, fc.integer({ min: 1, max: 5 }), async (shape, pieces) => {
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
      expect((await readNpy(npy('<f8', shape, columnMajor, true), pieces)).values).toEqual(Float64Array.from({ length }, (_, index) => index));
    }));
  });

  test('with any header are read or refused, never anything else', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ maxLength: 60 }), async (header) => {
      const text = Buffer.from(header);
      const bytes = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([text.length & 255, text.length >> 8]), text]);
      try {
        await readNpy(new Uint8Array(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }));
  });
});
