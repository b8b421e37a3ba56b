import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { inspectTable } from '../../../src/data/inspect-table';
import { decodeZstdFrame, prepareZstd } from '../../../src/data/zstd-frame';
import { useFolder, userError } from './sources';

const folder = useFolder();
beforeAll(prepareZstd);

/** One block: its kind (0 as it is, 1 one byte repeated, 2 compressed), the size in its header, and what follows. */
const block = (kind: number, size: number, bytes: readonly number[], last = true): number[] => {
  const header = (size << 3) | (kind << 1) | (last ? 1 : 0);
  return [header & 255, (header >> 8) & 255, header >> 16, ...bytes];
};
/** A frame that says that it holds so many bytes, in a single segment, and has these blocks. */
const frame = (content: number, ...blocks: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, content & 255, (content >> 8) & 255, (content >> 16) & 255, content >>> 24, ...blocks.flat()]);
/** A frame that does not say how much it holds; its window is of a kilobyte. */
const silent = (...blocks: readonly (readonly number[])[]): Uint8Array => Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, ...blocks.flat()]);

test('bytes as they are and repeated ones are decoded, whether or not the frame says how many', () => {
  const blocks = [block(0, 3, [1, 2, 3], false), block(1, 4, [7])];
  for (const bytes of [frame(7, ...blocks), silent(...blocks)]) expect([...decodeZstdFrame(bytes)]).toEqual([1, 2, 3, 7, 7, 7, 7]);
  expect(decodeZstdFrame(frame(0, block(0, 0, [])))).toHaveLength(0);
});

test('columns of numbers can be read from it in place', () => {
  expect(decodeZstdFrame(frame(8, block(1, 8, [1]))).byteOffset % 8).toBe(0);
});

test.each([
  ['is no frame', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 'no frame'],
  ['claims more than its blocks can hold', frame(0xffffffff, block(1, 4, [7])), 'claims more'],
  ['claims less than its blocks hold', frame(2, block(1, 4, [7])), 'damaged'],
  ['is cut off', frame(4, block(0, 4, [1, 2, 3])), 'cut off'],
  ['is cut off between two blocks', frame(4, block(0, 2, [1, 2], false)), 'outside the bounds'],
  ['has a block that is no compressed one', frame(4, block(2, 4, [255, 255, 255, 255])), 'damaged'],
  ['has a block of no known kind', silent(block(3, 4, [1, 2, 3, 4])), 'damaged'],
  ['holds more than a gibibyte', frame(0x40000001, ...Array.from({ length: 8193 }, (_, index) => block(1, 1 << 17, [0], index === 8192))), 'gibibyte'],
  ['is empty', new Uint8Array(0), 'outside the bounds'],
])('what %s is refused', (_, bytes, message) => {
  expect(() => decodeZstdFrame(bytes)).toThrow(expect.objectContaining({ name: 'RangeError', message: expect.stringContaining(message) as unknown }));
});

test('a damaged table of codes, which some decoders follow without end, is refused', async () => {
  const bad = new Uint8Array(await readFile(path.join(__dirname, '../../fixtures/data/arrow-zstd.feather')));
  bad[2008] = 127;
  await folder.file('codes.feather', bad);
  await userError(inspectTable('codes.feather', { base: folder.path }), 'arrow-damaged');
});
