import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GrowingFeatures } from '../../../src/data/growing-features';
import { openDataset } from '../../../src/data/open-dataset';
import type { TableSource } from '../../../src/data/source-spec';
import { useFolder } from './sources';

const folder = useFolder();

async function collect(chunks: readonly (readonly number[])[], limit: number): Promise<ArrayLike<number>> {
  const features = new GrowingFeatures(limit);
  for (const chunk of chunks) features.append(Float32Array.from(chunk));
  const store = features.finish();
  return store.gather(Uint32Array.from({ length: store.length }, (_, index) => index), 1);
}

describe('features collected chunk by chunk', () => {
  const value = fc.oneof(fc.nat(255), fc.float({ noNaN: true }).map((number) => number + 0));

  test('are what was appended, in memory and in a temporary file alike', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.array(value, { maxLength: 20 }), { maxLength: 8 }), fc.nat(200), async (chunks, limit) => {
      expect(Array.from(await collect(chunks, limit))).toEqual(chunks.flat());
      expect(Array.from(await collect(chunks, Infinity))).toEqual(chunks.flat());
    }));
  });

  test('stay bytes as long as they can', async () => {
    for (const limit of [0, Infinity]) {
      expect(await collect([[0, 255], [7]], limit)).toBeInstanceOf(Uint8Array);
      expect(await collect([[0, 255], [7.5]], limit)).toBeInstanceOf(Float32Array);
      expect(await collect([[0, 255], [-1]], limit)).toBeInstanceOf(Float32Array);
    }
  });
});

test('a table larger than the memory allowed gives the same records', async () => {
  const rows = Array.from({ length: 5000 }, (_, row) => `${row % 256},${row / 4},${row % 3}`);
  await folder.file('t.csv', `a,b,y\n${rows.join('\n')}\n`);
  const source: TableSource = { format: 'csv', path: 't.csv', label: 'y', features: ['a', 'b'] };
  const small = await openDataset(source, { base: folder.path, residentLimit: 1000 });
  const large = await openDataset(source, { base: folder.path });
  const records = Uint32Array.of(4999, 0, 1, 2, 700, 701, 3);
  expect(await small.read(records)).toEqual(await large.read(records));
  expect(await small.digests()).toEqual(await large.digests());
  expect(await small.standardization(records)).toEqual(await large.standardization(records));
});
