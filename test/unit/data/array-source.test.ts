import { mkdir, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../../src/data/open-dataset';
import type { SourceDataset } from '../../../src/data/source-dataset';
import type { ArraySource } from '../../../src/data/source-spec';
import { idx, npy, useFolder, userError } from './sources';

const folder = useFolder();
const images = idx(8, [3, 2, 2], [0, 51, 102, 255, 1, 2, 3, 4, 5, 6, 7, 8]);
const labels = idx(8, [3], [2, 0, 1]);
const source: ArraySource = { format: 'idx', features: 'images', labels: 'labels' };

beforeAll(async () => {
  await folder.file('images', images);
  await folder.file('labels', labels);
});

const open = (changes: Partial<ArraySource> = {}): Promise<SourceDataset> => openDataset({ ...source, ...changes }, { base: folder.path });

describe('features and labels in IDX files', () => {
  test('become records with the shape of the file, read in the order asked for', async () => {
    const data = await open();
    expect({ count: data.count, shape: data.featureShape, kind: data.labelKind, classes: data.classCount }).toEqual({ count: 3, shape: [2, 2], kind: 'class', classes: 3 });
    const batch = await data.read(Uint32Array.of(2, 0, 2));
    expect(batch.size).toBe(3);
    expect(Array.from(batch.features)).toEqual([5, 6, 7, 8, 0, 51, 102, 255, 5, 6, 7, 8]);
    expect(batch.labels).toEqual(Int32Array.of(1, 2, 1));
  });

  test('are scaled with one number, or one for each feature', async () => {
    expect(Array.from((await (await open({ scale: { divide: 51 } })).read(Uint32Array.of(0))).features)).toEqual([0, 1, 2, 5]);
    const each = await open({ scale: { subtract: [0, 50, 100, 250], divide: [1, 2, 4, -5] } });
    expect(Array.from((await each.read(Uint32Array.of(0))).features)).toEqual([0, 0.5, 0.5, -1]);
  });

  test('take the declared shape where it has as many features', async () => {
    expect((await open({ shape: [4, 1] })).featureShape).toEqual([4, 1]);
    const error = await userError(open({ shape: [28, 28] }), 'shape-mismatch');
    expect(error.field).toBe('data.shape');
    expect(error.message).toContain('784');
  });

  test('may be compressed', async () => {
    await folder.file('images.gz', gzipSync(images));
    expect(Array.from((await (await open({ features: 'images.gz' })).read(Uint32Array.of(1))).features)).toEqual([1, 2, 3, 4]);
    await folder.file('cut.gz', gzipSync(images).subarray(0, -9));
    await userError(open({ features: 'cut.gz' }), 'file-truncated');
  });

  test('must be as many of each', async () => {
    await folder.file('two', idx(8, [2], [0, 1]));
    const error = await userError(open({ labels: 'two' }), 'length-mismatch');
    expect(error).toMatchObject({ file: 'two', field: 'data.labels' });
  });

  test('give an out-of-range record number back as a defect of the caller', async () => {
    await expect((await open()).read(Uint32Array.of(3))).rejects.toThrow(RangeError);
  });
});

describe('features and labels in NumPy files', () => {
  test('come from one archive or two files', async () => {
    const x = npy('<f4', [2, 2], Float32Array.of(1, 2, 3, 4));
    const y = npy('<i8', [2], BigInt64Array.of(1n, 0n));
    await folder.file('both.npz', zipSync({ 'x.npy': x, 'y.npy': y }));
    await folder.file('x.npy', x);
    await folder.file('y.npy', y);
    for (const spec of [{ format: 'npz', features: 'both.npz', labels: undefined, featuresKey: 'x', labelsKey: 'y' }, { format: 'npy', features: 'x.npy', labels: 'y.npy' }] as const) {
      const batch = await (await open(spec)).read(Uint32Array.of(0, 1));
      expect(batch).toEqual({ size: 2, features: Float32Array.of(1, 2, 3, 4), labels: Int32Array.of(1, 0) });
    }
    expect((await userError(open({ format: 'npy', features: 'x.npy', labels: undefined }), 'labels-missing')).field).toBe('data.labels');
  });

  test('may have one-hot labels, and nothing else with more than one number a record', async () => {
    await folder.file('onehot.npy', npy('<f4', [2, 3], Float32Array.of(0, 0, 1, 1, 0, 0)));
    await folder.file('soft.npy', npy('<f4', [2, 3], Float32Array.of(0, 0.5, 0.5, 1, 0, 0)));
    expect((await open({ format: 'npy', features: 'x.npy', labels: 'onehot.npy' })).labels).toEqual(Int32Array.of(2, 0));
    await userError(open({ format: 'npy', features: 'x.npy', labels: 'soft.npy' }), 'label-shape');
  });

  test.each([['NaN', NaN], ['infinite', Infinity], ['too large for float32', 1e39]])('are refused with a feature that is %s, naming it', async (_, value) => {
    await folder.file('bad.npy', npy('<f8', [2, 2], Float64Array.of(1, 2, value, 4)));
    const error = await userError(open({ format: 'npy', features: 'bad.npy', labels: 'y.npy' }), 'feature-not-finite');
    expect(error).toMatchObject({ file: 'bad.npy', field: 'data.features' });
    expect(error.message).toContain('record 1, feature 0');
  });

  test('are refused with integers that float32 would make equal', async () => {
    // 2^24 + 1 is the first integer between two float32 numbers.
    await folder.file('large.npy', npy('<i4', [2, 1], Int32Array.of(2 ** 24, 2 ** 24 + 1)));
    expect((await userError(open({ format: 'npy', features: 'large.npy', labels: 'y.npy' }), 'feature-precision')).message).toContain('record 1');
  });

  test('without records or without features are refused', async () => {
    await folder.file('none.npy', npy('<f4', [0, 2], new Float32Array()));
    await folder.file('narrow.npy', npy('<f4', [2, 0], new Float32Array()));
    await userError(open({ format: 'npy', features: 'none.npy', labels: 'y.npy' }), 'data-empty');
    await userError(open({ format: 'npy', features: 'narrow.npy', labels: 'y.npy' }), 'no-features');
  });
});

describe('labels', () => {
  const withLabels = async (values: readonly number[], changes: Partial<ArraySource> = {}): Promise<SourceDataset> => {
    await folder.file('some', idx(14, [3], values));
    return open({ labels: 'some', ...changes });
  };

  test('that are no class index are refused, naming the record', async () => {
    expect((await userError(withLabels([0, 1.5, 2]), 'label-not-integer')).message).toContain('record 1');
    await userError(withLabels([0, 1, -1]), 'label-not-integer');
    await userError(withLabels([0, 1, NaN]), 'label-not-integer');
  });

  test('become positions in the list of classes', async () => {
    const data = await withLabels([7, 3, 7], { classes: [3, 7] });
    expect(data.labels).toEqual(Int32Array.of(1, 0, 1));
    expect((await userError(withLabels([7, 3, 8], { classes: [3, 7] }), 'label-unknown')).message).toContain('8');
  });

  test('are numbers where values are to be predicted', async () => {
    const data = await withLabels([1.5, -2, 0], { labelKind: 'value' });
    expect(data).toMatchObject({ labels: Float32Array.of(1.5, -2, 0), labelKind: 'value', classCount: undefined });
    await userError(withLabels([1, Infinity, 2], { labelKind: 'value' }), 'label-not-number');
  });
});

describe('a scaling', () => {
  test('must have a number for each feature and never divide by zero', async () => {
    expect((await userError(open({ scale: { divide: [1, 2] } }), 'scale-length')).field).toBe('data.scale.divide');
    expect((await userError(open({ scale: { divide: 0 } }), 'scale-zero')).field).toBe('data.scale.divide');
    expect((await userError(open({ scale: { subtract: NaN } }), 'scale-zero')).field).toBe('data.scale.subtract');
  });
});

describe('digests', () => {
  test('are the same for the same records in other files and shapes, and do not depend on scaling', async () => {
    await folder.file('same.npy', npy('>f8', [3, 4], bigEndian([-0, 51, 102, 255, 1, 2, 3, 4, 5, 6, 7, 8])));
    await folder.file('same-labels.npy', npy('<i2', [3], Int16Array.of(2, 0, 1)));
    const other = await open({ format: 'npy', features: 'same.npy', labels: 'same-labels.npy', scale: { divide: 255 } });
    expect(await other.digests()).toEqual(await (await open()).digests());
  });

  test('differ where a feature or the label differs', async () => {
    await folder.file('other-label', idx(8, [3], [2, 0, 2]));
    const digests = async (changes: Partial<ArraySource>): Promise<string[]> => {
      const all = Buffer.from(await (await open(changes)).digests());
      return [0, 1, 2].map((record) => all.subarray(32 * record, 32 * record + 32).toString('hex'));
    };
    const [a, b, c] = await digests({});
    expect(new Set([a, b, c]).size).toBe(3);
    const [otherA, otherB, otherC] = await digests({ labels: 'other-label' });
    expect([otherA, otherB]).toEqual([a, b]);
    expect(otherC).not.toBe(c);
    const [value] = await digests({ labelKind: 'value' });
    expect(value).not.toBe(a);
  });

  test('of a known record are SHA-256 of its documented canonical content', async () => {
    // 01 (bytes) ‖ 0 51 102 255 ‖ 00 (class) ‖ 2 as little-endian int32; printf '\x01\x00\x33\x66\xff\x00\x02\x00\x00\x00' | sha256sum
    const digests = Buffer.from(await (await open()).digests());
    expect(digests.subarray(0, 32).toString('hex')).toBe('705ece2797a14303521eb40cd32924b2caa8a9c77af0e5d65588588ffdf7cd4f');
  });
});

describe('files of a request', () => {
  test('that are not there, are folders or are empty are refused by name and field', async () => {
    expect(await userError(open({ features: 'nowhere' }), 'file-missing')).toMatchObject({ file: 'nowhere', field: 'data.features' });
    expect(await userError(open({ labels: 'labels/x' }), 'file-missing')).toMatchObject({ field: 'data.labels' });
    await userError(open({ labels: '.' }), 'file-not-file');
    await folder.file('empty', '');
    await userError(open({ labels: 'empty' }), 'file-empty');
  });

  test.skipIf(path.sep === '\\')('with backslashes are refused with advice where / is the separator', async () => {
    expect((await userError(open({ features: 'data\\images' }), 'file-missing')).remedy).toContain('/');
  });

  test('may lie outside the workspace when named so, but not be reached through a link inside it', async () => {
    const workspace = path.join(folder.path, 'workspace');
    await mkdir(workspace);
    await writeFile(path.join(workspace, 'labels'), labels);
    await symlink(path.join(folder.path, 'images'), path.join(workspace, 'link'));
    const options = { base: workspace, workspace };
    expect((await openDataset({ ...source, features: '../images' }, options)).count).toBe(3);
    expect(await userError(openDataset({ ...source, features: 'link' }, options), 'file-outside-workspace')).toMatchObject({ file: 'link', field: 'data.features' });
  });
});

/** float64 values, most significant byte first. */
function bigEndian(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => view.setFloat64(8 * index, value));
  return new Uint8Array(view.buffer);
}
