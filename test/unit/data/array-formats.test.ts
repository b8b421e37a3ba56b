import { copyFile, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SourceDataset } from '../../../src/data/source-dataset';
import { openDataset } from '../../../src/data/open-dataset';
import { UserError } from '../../../src/error';
import { decodePng } from '../../../src/data/png';
import type { ArraySource } from '../../../src/data/source-spec';
import { idx, npy, useFolder, userError } from './sources';

const folder = useFolder();
const open = (source: Omit<ArraySource, 'labelKind'>): Promise<SourceDataset> => openDataset(source, { base: folder.path });

async function all(data: SourceDataset): Promise<{ features: number[]; labels: number[] }> {
  const batch = await data.read(Uint32Array.from({ length: data.count }, (_, record) => record));
  return { features: Array.from(batch.features), labels: Array.from(batch.labels) };
}

/** A PNG image of the given pixels, each [red, green, blue, alpha]. */
function png(width: number, pixels: readonly (readonly [number, number, number, number])[], colorType: 0 | 2 | 4 | 6 = 2, filterType = -1): Uint8Array {
  const image = new PNG({ width, height: pixels.length / width });
  image.data.set(pixels.flat());
  return new Uint8Array(PNG.sync.write(image, { colorType, inputColorType: 6, filterType }));
}

const fixture = (name: string): Promise<Uint8Array> => readFile(path.join(__dirname, '../../fixtures/data', name));

describe('HDF5 files', () => {
  const source: ArraySource = { format: 'hdf5', features: 'arrays.h5', featuresKey: '/group/features', labelsKey: 'labels' };

  beforeAll(async () => {
    await copyFile(path.join(__dirname, '../../fixtures/data/arrays.h5'), path.join(folder.path, 'arrays.h5'));
  });

  test('give datasets by their paths, whatever byte order and compression', async () => {
    const counting = Array.from({ length: 12 }, (_, index) => index - 5); // see make_hdf5.py
    expect(await all(await open(source))).toEqual({ features: counting, labels: [0, 1, 2] });
    expect((await all(await open({ ...source, featuresKey: 'double' }))).features).toEqual(counting);
  });

  test('refuse datasets that are not there or not numbers, naming those there are', async () => {
    const missing = await userError(open({ ...source, featuresKey: 'x' }), 'hdf5-key');
    expect(missing).toMatchObject({ file: 'arrays.h5', field: 'data.featuresKey' });
    expect(missing.message).toContain('group/features');
    await userError(open({ ...source, labelsKey: undefined }), 'hdf5-key');
    await userError(open({ ...source, featuresKey: 'text' }), 'hdf5-type');
  });

  test('give half precision as the numbers of IEEE 754, in either byte order, whole or row by row', async () => {
    await copyFile(path.join(__dirname, '../../fixtures/data/half.h5'), path.join(folder.path, 'half.h5'));
    // See make_half.py: the largest number, the smallest one, the smallest normal one, and halves of small integers.
    const numbers = [1.5, -2, 65_504, 2 ** -24, 2 ** -14, 0.0999755859375];
    for (const featuresKey of ['little', 'big', 'chunks']) {
      expect(await all(await open({ ...source, features: 'half.h5', featuresKey }))).toEqual({ features: numbers, labels: [0, 1, 2] });
    }
    const infinite = await userError(open({ ...source, features: 'half.h5', featuresKey: 'infinite' }), 'feature-not-finite');
    expect(infinite.message).toContain('record 1, feature 1 is -Infinity');
  });

  test('that are none are refused', async () => {
    await folder.file('no.h5', 'no');
    await userError(open({ ...source, features: 'no.h5' }), 'hdf5-damaged');
  });
});

describe('PNG images with one record a row', () => {
  beforeAll(async () => {
    await folder.file('labels.json', '[1, 0]');
  });

  test('give the colours of each row', async () => {
    await folder.file('rows.png', png(2, [[1, 2, 3, 255], [4, 5, 6, 255], [7, 8, 9, 255], [10, 11, 12, 255]]));
    const data = await open({ format: 'png', features: 'rows.png', labels: 'labels.json' });
    expect(data.featureShape).toEqual([2, 3]);
    expect(await all(data)).toEqual({ features: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], labels: [1, 0] });
    expect((await open({ format: 'png', features: 'rows.png', labels: 'labels.json', shape: [1, 2, 3] })).featureShape).toEqual([1, 2, 3]);
  });

  test('give one number a pixel where they are grey', async () => {
    await folder.file('grey.png', png(1, [[7, 7, 7, 255], [9, 9, 9, 255]], 0));
    expect((await all(await open({ format: 'png', features: 'grey.png', labels: 'labels.json' }))).features).toEqual([7, 9]);
  });

  test.each([0, 1, 2, 3, 4])('are decoded with filter %i as the reference decoder does', (filterType) => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.constant(255)), { minLength: 25, maxLength: 25 }), fc.constantFrom(2 as const, 6 as const), (width, some, colorType) => {
      const pixels = some.slice(0, 25 - (25 % width));
      const bytes = png(width, pixels, colorType, filterType);
      expect(decodePng(bytes)).toEqual({ shape: [pixels.length / width, width, 3], values: Uint8Array.from(pixels.flatMap((pixel) => pixel.slice(0, 3))) });
    }), { numRuns: 50 });
  });

  test('are decoded with a palette and with other depths than 8 bits', async () => {
    // Made by Pillow: see make_png.py.
    const expected = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 0, 0];
    expect(Array.from(decodePng(await fixture('palette.png')).values)).toEqual(expected);
    expect(decodePng(await fixture('one-bit.png'))).toEqual({ shape: [2, 2, 1], values: Uint8Array.of(255, 0, 0, 255) });
  });

  test('with any byte changed are read or refused, never anything else', () => {
    const good = png(3, Array.from({ length: 9 }, (_, pixel) => [pixel, 2 * pixel, 3 * pixel, 255] as const));
    fc.assert(fc.property(fc.nat(good.length - 1), fc.nat(255), (position, value) => {
      const bad = good.slice();
      bad[position] = value;
      try {
        decodePng(bad);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }), { numRuns: 500 });
  });

  test('may follow one another, in natural order where a pattern names them', async () => {
    for (const [name, value] of [['b10.png', 3], ['b2.png', 2], ['b1.png', 1]] as const) await folder.file(name, png(1, [[value, value, value, 255]]));
    await folder.file('three.json', '[0, 1, 2]');
    expect((await all(await open({ format: 'png', features: 'b*.png', labels: 'three.json' }))).features).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect((await all(await open({ format: 'png', features: ['b10.png', 'b1.png'], labels: 'labels.json' }))).features).toEqual([3, 3, 3, 1, 1, 1]);
    expect(await userError(open({ format: 'png', features: ['b1.png', 'nix'], labels: 'labels.json' }), 'file-missing')).toMatchObject({ file: 'nix', field: 'data.features[1]' });
    expect((await userError(open({ format: 'png', features: 'z*.png', labels: 'labels.json' }), 'file-missing')).file).toBe('z*.png');
    await userError(open({ format: 'png', features: [], labels: 'labels.json' }), 'file-missing');
    expect((await userError(open({ format: 'png', features: ['b1.png', 'rows.png'], labels: 'three.json' }), 'shape-mismatch')).file).toBe('rows.png');
  });

  test('are refused when damaged, transparent or beyond all measure', async () => {
    const good = png(1, [[1, 1, 1, 255], [2, 2, 2, 255]]);
    await folder.file('bad.png', good.subarray(0, -20));
    await userError(open({ format: 'png', features: 'bad.png', labels: 'labels.json' }), 'image-damaged');
    await folder.file('bad.png', 'GIF89a');
    await userError(open({ format: 'png', features: 'bad.png', labels: 'labels.json' }), 'image-damaged');
    await folder.file('bad.png', png(1, [[1, 1, 1, 255], [2, 2, 2, 128]], 6));
    await userError(open({ format: 'png', features: 'bad.png', labels: 'labels.json' }), 'image-transparent');
    const huge = good.slice();
    new DataView(huge.buffer).setUint32(16, 2 ** 30);
    await folder.file('bad.png', huge);
    await userError(open({ format: 'png', features: 'bad.png', labels: 'labels.json' }), 'image-too-large');
  });
});

describe('binary CIFAR files', () => {
  // Record r: label r + 1 (after a coarse label 9 for CIFAR-100), then planes of 1024 times r * 3 + 1, r * 3 + 2 and r * 3 + 3.
  const record = (r: number, labels: readonly number[]): number[] => [...labels, ...[1, 2, 3].flatMap((colour) => Array<number>(1024).fill(3 * r + colour))];

  test('give images with colours last, and their own labels', async () => {
    await folder.file('batch1.bin', Uint8Array.from(record(0, [1])));
    await folder.file('batch2.bin', Uint8Array.from(record(1, [2])));
    const data = await open({ format: 'cifar10', features: 'batch*.bin' });
    expect(data.featureShape).toEqual([32, 32, 3]);
    const { features, labels } = await all(data);
    expect(labels).toEqual([1, 2]);
    expect(features.slice(0, 6)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(features.slice(-3)).toEqual([4, 5, 6]);
  });

  test('have coarse and fine labels in CIFAR-100, of which the fine ones count', async () => {
    await folder.file('train.bin', Uint8Array.from(record(0, [9, 7])));
    const { features, labels } = await all(await open({ format: 'cifar100', features: 'train.bin' }));
    expect(labels).toEqual([7]);
    expect(features.slice(0, 3)).toEqual([1, 2, 3]);
  });

  test('have a size that is a multiple of their records', async () => {
    await folder.file('short.bin', new Uint8Array(3072));
    await userError(open({ format: 'cifar10', features: 'short.bin' }), 'cifar-size');
  });
});

describe('labels', () => {
  beforeAll(async () => {
    await folder.file('x.npy', npy('<f4', [3, 1], Float32Array.of(1, 2, 3)));
  });

  test('may be in another format than the features, and texts in JSON', async () => {
    await folder.file('y.idx', idx(8, [3], [2, 1, 0]));
    await folder.file('y.json', '["cat", "dog", "cat"]');
    expect((await open({ format: 'npy', features: 'x.npy', labels: 'y.idx' })).labels).toEqual(Int32Array.of(2, 1, 0));
    expect((await open({ format: 'npy', features: 'x.npy', labels: 'y.json', classes: ['dog', 'cat'] })).labels).toEqual(Int32Array.of(1, 0, 1));
    expect((await open({ format: 'npy', features: ['x.npy', 'x.npy'], labels: ['y.json', 'y.idx'], classes: ['dog', 'cat', 0, 1, 2] })).labels).toEqual(Int32Array.of(1, 0, 1, 4, 3, 2));
  });

  test('that are no array of labels are refused', async () => {
    for (const text of ['{"a": 1}', '[[1], [2]]', 'x,y\n1,2\n']) {
      await folder.file('bad.json', text);
      await userError(open({ format: 'npy', features: 'x.npy', labels: 'bad.json' }), 'labels-format');
    }
  });
});
