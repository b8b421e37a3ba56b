import { expect, test } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { augmented } from '../../../src/engine/augment';

/** One image of the numbers 1, 2, 3, …, read as often as asked for. */
function image(...featureShape: number[]): Dataset {
  const size = featureShape.reduce((product, length) => product * length, 1);
  const read = (records: Uint32Array): ReturnType<Dataset['read']> =>
    Promise.resolve({ size: records.length, labels: new Int32Array(records.length), features: Float32Array.from({ length: size * records.length }, (_, index) => (index % size) + 1) });
  return { count: 1, featureShape, labelKind: 'class', read, digests: () => Promise.resolve(new Uint8Array(32)) };
}

async function images(dataset: Dataset, count: number): Promise<string[]> {
  const { features } = await dataset.read(new Uint32Array(count));
  const size = features.length / count;
  return Array.from({ length: count }, (_, index) => features.slice(index * size, (index + 1) * size).join());
}

test('flipping gives the image and its mirror image, each about half of the time', async () => {
  const seen = await images(augmented(image(2, 3), { flip: true }, 'channels-last', 1), 400);
  const mirrored = seen.filter((pixels) => pixels === '3,2,1,6,5,4').length;
  expect(seen.filter((pixels) => pixels === '1,2,3,4,5,6').length + mirrored).toBe(400);
  // 200 expected, standard deviation 10.
  expect(Math.abs(mirrored - 200)).toBeLessThan(60);
});

test('shifting by one pixel gives all nine positions, filled from outside', async () => {
  const seen = new Set(await images(augmented(image(2, 2), { shift: 1, fill: 9 }, 'channels-last', 1), 400));
  expect([...seen].sort()).toEqual(['1,2,3,4', '2,9,4,9', '3,4,9,9', '4,9,9,9', '9,1,9,3', '9,3,9,9', '9,9,1,2', '9,9,2,9', '9,9,9,1'].sort());
});

test('channels stay together in both layouts', async () => {
  // Channels last: the pixels (1,2) and (3,4). Channels first: the planes 1,2 and 3,4.
  expect(new Set(await images(augmented(image(1, 2, 2), { flip: true }, 'channels-last', 1), 50))).toEqual(new Set(['1,2,3,4', '3,4,1,2']));
  expect(new Set(await images(augmented(image(2, 1, 2), { flip: true }, 'channels-first', 1), 50))).toEqual(new Set(['1,2,3,4', '2,1,4,3']));
});

test('the same seed gives the same images, and two readings give different ones', async () => {
  const [a, b] = [1, 1].map((seed) => augmented(image(4, 4), { shift: 2, flip: true }, 'channels-last', seed));
  if (a === undefined || b === undefined) throw new Error('no dataset');
  const first = await images(a, 20);
  expect(await images(b, 20)).toEqual(first);
  expect(await images(a, 20)).not.toEqual(first);
});

test('records that are not images are refused', () => {
  expect(() => augmented(image(5), { flip: true }, 'channels-last', 1)).toThrow(RangeError);
});
