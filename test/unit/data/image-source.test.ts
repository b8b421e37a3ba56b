import { mkdir, readFile, symlink, unlink } from 'node:fs/promises';
import * as path from 'node:path';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SourceDataset } from '../../../src/data/source-dataset';
import { resolveDuplicates } from '../../../src/data/duplicates';
import { openDataset } from '../../../src/data/open-dataset';
import { selectForget } from '../../../src/data/select-forget';
import type { ImageSource } from '../../../src/data/source-spec';
import { useFolder, userError } from './sources';

const folder = useFolder();
const fixture = (name: string): Promise<Buffer> => readFile(path.join(__dirname, '../../fixtures/data', name));
const source: ImageSource = { format: 'images', path: 'animals' };
const open = (changes: Partial<ImageSource> = {}): Promise<SourceDataset> => openDataset({ ...source, ...changes }, { base: folder.path });

/** A 2 × 2 image of one colour; grey if its type is 0. */
function square([red, green, blue]: readonly [number, number, number], colorType: 0 | 2 = 2, width = 2): Uint8Array {
  const image = new PNG({ width, height: 2 });
  for (let pixel = 0; pixel < image.data.length; pixel += 4) image.data.set([red, green, blue, 255], pixel);
  return new Uint8Array(PNG.sync.write(image, { colorType, inputColorType: 6 }));
}

beforeAll(async () => {
  for (const name of ['animals', 'animals/cat', 'animals/dog', 'grey', 'grey/a', 'grey/b']) await mkdir(path.join(folder.path, name));
  await folder.file('animals/dog/2.png', square([2, 20, 200]));
  await folder.file('animals/dog/10.png', square([10, 10, 10]));
  await folder.file('animals/cat/1.png', square([1, 1, 1]));
  await folder.file('animals/cat/notes.txt', 'not an image');
  await folder.file('animals/README', 'nor this');
  await folder.file('grey/a/1.png', square([7, 7, 7], 0));
  await folder.file('grey/b/1.png', square([8, 9, 10]));
  await folder.file('list.csv', 'label,path,owner\ndog,animals/dog/10.png,ann\ncat,animals/cat/1.png,bob\ndog,animals/dog/2.png,ann\n');
});

describe('a folder with one folder of images a class', () => {
  test('gives records in natural order, classes by name and colours last', async () => {
    const data = await open();
    expect({ count: data.count, shape: data.featureShape, labels: Array.from(data.labels) }).toEqual({ count: 3, shape: [2, 2, 3], labels: [0, 1, 1] });
    expect(Array.from((await data.read(Uint32Array.of(1))).features)).toEqual([2, 20, 200, 2, 20, 200, 2, 20, 200, 2, 20, 200]);
    expect(Array.from((await open({ classes: ['dog', 'cat'] })).labels)).toEqual([1, 0, 0]);
  });

  test('can be selected from by path and class', async () => {
    const select = async (where: string): Promise<number[]> => Array.from((await selectForget(source, 3, { where }, { base: folder.path })).records);
    expect(await select("path = 'dog/10.png'")).toEqual([2]);
    expect(await select("label = 'dog'")).toEqual([1, 2]);
    expect(Array.from((await selectForget(source, 3, { ids: { column: 'path', values: ['cat/1.png'] } }, { base: folder.path })).records)).toEqual([0]);
  });

  test('takes grey images as colours where the request or the first image says so', async () => {
    expect((await userError(open({ path: 'grey' }), 'image-channels')).file).toBe('b/1.png');
    const data = await open({ path: 'grey', channels: 3 });
    expect(Array.from((await data.read(Uint32Array.of(0))).features)).toEqual(Array<number>(12).fill(7));
  });

  test('follows links within the workspace, and refuses those that lead out of it, to an image or to a class', async () => {
    await mkdir(path.join(folder.path, 'elsewhere'));
    await mkdir(path.join(folder.path, 'work'));
    await mkdir(path.join(folder.path, 'work/data'));
    for (const place of ['work/data/a', 'work/b']) await mkdir(path.join(folder.path, place));
    for (const place of ['work/data/a/1.png', 'work/b/2.png', 'elsewhere/3.png']) await folder.file(place, square([1, 2, 3]));
    const linked = async (): Promise<SourceDataset> => openDataset({ format: 'images', path: 'work/data' }, { base: folder.path, workspace: path.join(folder.path, 'work') });
    await symlink(path.join(folder.path, 'work/b'), path.join(folder.path, 'work/data/b'));
    expect(Array.from((await linked()).labels)).toEqual([0, 1]);
    await symlink(path.join(folder.path, 'elsewhere'), path.join(folder.path, 'work/data/c'));
    expect(await userError(linked(), 'file-outside-workspace')).toMatchObject({ file: 'c/3.png' });
    await unlink(path.join(folder.path, 'work/data/c'));
    await symlink(path.join(folder.path, 'elsewhere/3.png'), path.join(folder.path, 'work/data/a/3.png'));
    expect(await userError(linked(), 'file-outside-workspace')).toMatchObject({ file: 'a/3.png' });
  });

  test('leaves no image out without saying so', async () => {
    await mkdir(path.join(folder.path, 'odd'));
    for (const place of ['odd/a', 'odd/a/more']) await mkdir(path.join(folder.path, place));
    await folder.file('odd/a/1.png', square([1, 2, 3]));
    const refused = async (name: string, code: string): Promise<void> => {
      await folder.file(`odd/${name}`, square([4, 5, 6]));
      expect((await userError(open({ path: 'odd' }), code)).message).toContain(`holds ${name}, `);
      await unlink(path.join(folder.path, 'odd', name));
    };
    await refused('a/2.webp', 'image-format');
    await refused('b.tif', 'image-format');
    await refused('2.png', 'image-misplaced');
    await refused('a/more/2.jpg', 'image-misplaced');
    expect((await open({ path: 'odd' })).count).toBe(1);
  });

  test('finds the same pixels in PNG files of other bytes: another compression, an opacity that is full', async () => {
    await mkdir(path.join(folder.path, 'again'));
    await mkdir(path.join(folder.path, 'again/a'));
    const image = new PNG({ width: 8, height: 8 });
    image.data.forEach((_, index) => (image.data[index] = index % 4 === 3 ? 255 : (index * 37) % 256));
    const files = [PNG.sync.write(image, { colorType: 2, deflateLevel: 1 }), PNG.sync.write(image, { colorType: 2, deflateLevel: 9, filterType: 4 }), PNG.sync.write(image, { colorType: 6 })];
    expect(new Set(files.map((file) => file.toString('base64'))).size).toBe(3);
    for (const [index, file] of files.entries()) await folder.file(`again/a/${index}.png`, file);
    const { duplicates } = await resolveDuplicates(await open({ path: 'again' }), Uint32Array.of(0), { policy: 'keep' });
    expect(Array.from(duplicates)).toEqual([1, 2]);
  });

  test('takes a JPEG of one colour as grey, and refuses what programs make different pixels of', async () => {
    for (const name of ['jpeg', 'print', 'deep']) for (const place of [name, `${name}/a`]) await mkdir(path.join(folder.path, place));
    await folder.file('jpeg/a/1.jpg', await fixture('grey.jpg')); // see make_jpeg.py
    const grey = await open({ path: 'jpeg' });
    expect(grey.featureShape).toEqual([8, 8, 1]);
    Array.from((await grey.read(Uint32Array.of(0))).features).forEach((value, pixel) => expect(Math.abs(value - 4 * pixel)).toBeLessThanOrEqual(4)); // lossy
    await folder.file('print/a/1.jpg', await fixture('print.jpg'));
    await userError(open({ path: 'print' }), 'image-colors');
    await folder.file('deep/a/1.png', await fixture('deep.png'));
    await userError(open({ path: 'deep' }), 'image-colors');
  });

  test('is refused when there are no images, or it is no folder', async () => {
    await mkdir(path.join(folder.path, 'empty'));
    await userError(open({ path: 'empty' }), 'data-empty');
    await userError(open({ path: 'animals/README' }), 'not-a-folder');
    await userError(open({ path: 'nowhere' }), 'file-missing');
  });
});

describe('a table of paths and labels', () => {
  test('gives records in its order and is selected from by all its columns', async () => {
    const listed: ImageSource = { ...source, path: 'list.csv', classes: ['cat', 'dog'] };
    expect(Array.from((await openDataset(listed, { base: folder.path })).labels)).toEqual([1, 0, 1]);
    expect(Array.from((await selectForget(listed, 3, { where: "owner = 'ann'" }, { base: folder.path })).records)).toEqual([0, 2]);
  });

  test('names the image that is missing, of another size or damaged', async () => {
    await folder.file('wide.png', square([0, 0, 0], 2, 3));
    await folder.file('bad.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0));
    await folder.file('text.png', 'text');
    for (const [name, code] of [['gone.png', 'file-missing'], ['wide.png', 'shape-mismatch'], ['bad.jpg', 'image-damaged'], ['text.png', 'image-damaged']] as const) {
      await folder.file('bad.csv', `path,label\nanimals/cat/1.png,0\n${name},0\n`);
      expect((await userError(open({ path: 'bad.csv' }), code)).file).toBe(name);
    }
    await folder.file('bad.csv', 'path,label\n,0\n');
    await userError(open({ path: 'bad.csv' }), 'file-missing');
    expect((await userError(open({ path: 'list.csv', image: 'file' }), 'column-missing')).field).toBe('data.image');
  });
});

test('JPEG images are decoded to about the colours they were made of', async () => {
  const data = new Uint8Array(16 * 16 * 4);
  for (let pixel = 0; pixel < data.length; pixel += 4) data.set([200, 100, 50, 255], pixel);
  await folder.file('one.jpg', encode({ width: 16, height: 16, data }, 95).data);
  await folder.file('jpeg.csv', 'path,label\none.jpg,0\n');
  const image = await open({ path: 'jpeg.csv' });
  expect(image.featureShape).toEqual([16, 16, 3]);
  const { features } = await image.read(Uint32Array.of(0));
  // One colour survives quantisation at quality 95 to within a few levels.
  features.forEach((value, index) => expect(Math.abs(value - ([200, 100, 50][index % 3] ?? 0))).toBeLessThanOrEqual(4));
});
