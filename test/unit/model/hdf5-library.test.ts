import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as hdf5 from 'h5wasm';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { byteLength, readDataset, stringsOf, withHdf5 } from '../../../src/model/hdf5/container';

const sound = (): Promise<Uint8Array> => readFile(join(__dirname, '..', '..', 'fixtures', 'models', 'layers.h5'));

/** Marsaglia's xorshift32. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** All attributes of all that is in a file, and the numbers of its datasets. */
function readEverything(root: hdf5.Group): readonly unknown[] {
  return ['/', ...root.paths()].map((path) => {
    const entity = root.get(path);
    if (!(entity instanceof hdf5.Group) && !(entity instanceof hdf5.Dataset)) return path;
    const attributes = Object.keys(entity.attrs).map((name) => stringsOf(entity, name));
    return [path, attributes, entity instanceof hdf5.Dataset && byteLength(entity) < 1e6 ? readDataset(entity) : undefined];
  });
}

async function everythingIn(bytes: Uint8Array): Promise<unknown> {
  return (await withHdf5(bytes, 'layers.h5', 'r', readEverything)).result;
}

async function* damaged(count: number, bytesOfEach: number): AsyncGenerator<{ readonly number: number; readonly bytes: Uint8Array }> {
  const original = await sound();
  const random = generator(12_345);
  for (let number = 1; number <= count; number += 1) {
    const bytes = new Uint8Array(original);
    for (let change = 0; change < bytesOfEach; change += 1) bytes[random(bytes.length)] = random(256);
    yield { number, bytes };
  }
}

/** Without the memory put back, the six hundred and tenth ended the library for the whole process. */
test('seven hundred damaged files leave no trace in the library', async () => {
  const original = await sound();
  const expected = await everythingIn(original);
  const { FS } = await hdf5.ready;
  let errors = 0;
  for await (const { number, bytes } of damaged(700, 40)) {
    await everythingIn(bytes).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      errors += 1;
    });
    if (number % 100 === 0) expect(await everythingIn(original)).toEqual(expected);
  }
  expect(errors).toBeGreaterThan(500);
  expect((FS as unknown as { streams: readonly unknown[] }).streams.filter((stream) => stream !== null && stream !== undefined)).toHaveLength(3);
}, 600_000);

test('a file that somebody else has open in the library stays open and readable, whatever comes of a model', async () => {
  const original = new Uint8Array(await sound());
  const library = await hdf5.ready;
  library.FS.writeFile('/another.h5', original);
  const another = new hdf5.File('/another.h5', 'r');
  const names = another.paths();
  await expect(withHdf5(original.slice(0, original.length / 2), 'half.h5', 'r', (root) => root.paths())).rejects.toMatchObject({ code: 'model-truncated' });
  await expect(withHdf5(original, 'whole.h5', 'r', (root) => root.paths())).resolves.toMatchObject({ result: names });
  expect(another.paths()).toEqual(names);
  another.close();
  library.FS.unlink('/another.h5');
});

test('damaged files that tell the library to read gigabytes are refused, and its memory stays below 200 MB', async () => {
  const library = await hdf5.ready;
  // These had it take 670 and 1,762 MB.
  const greedy = new Set([113, 541]);
  for await (const { number, bytes } of damaged(541, 12)) {
    if (greedy.has(number)) await expect(everythingIn(bytes)).rejects.toMatchObject({ code: 'model-damaged' });
  }
  expect(library.HEAPU8.length).toBeLessThanOrEqual(200e6 + 16 * (await sound()).length);
});
