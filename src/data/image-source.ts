import { readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { VARCHAR } from '@duckdb/node-api';
import { decode } from 'jpeg-js';
import { UserError } from '../error';
import type { FeatureStore } from './feature-store';
import { featureShape, toFeatures, toScale } from './features';
import { GrowingFeatures, residentLimitOf } from './growing-features';
import type { ResidentOptions } from './growing-features';
import { toLabels } from './labels';
import type { RawLabel } from './labels';
import { chunksOf } from './row-source';
import { StoredDataset } from './stored-dataset';
import { elementCount } from './numeric-array';
import type { NumericArray } from './numeric-array';
import { decodePng, dropOpacity, isPng } from './png';
import { textOf } from './sql';
import { compareNaturally, findFile, findFolder, isInside, readFileBytes } from './source-file';
import type { PathOptions, Where } from './source-file';
import type { ImageSource } from './source-spec';
import { Table } from './table';
import type { TableOptions } from './table';
import { formatOfName, tableFiles } from './table-format';
import type { TableOrigin } from './table-format';

const imageName = /\.(png|jpe?g)$/i;
const largestJpeg = { maxResolutionInMP: 256, maxMemoryUsageInMB: 2048 };
/** Each square of 8 × 8 pixels takes a bit at least, and the decoder takes some 20 bytes for a pixel: here twice as much of both, and so many megabytes for the smallest images. */
const mostPixelsOfByte = 1024;
const decoderBytesOfPixel = 40;
const decoderMegabytes = 64;

/** Images of other formats: nobody would expect them to be left out. */
const otherImage = /\.(webp|gif|bmp|tiff?|avif|heic|jp2|jxl|p[bgnp]m)$/i;

/** Names in a folder, in natural order, without hidden ones; a link counts as what it leads to. */
async function listFolder(absolute: string): Promise<{ readonly name: string; readonly isFolder: boolean }[]> {
  const entries = (await readdir(absolute, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  const listed = await Promise.all(entries.map(async (entry) => ({ name: entry.name, isFolder: entry.isSymbolicLink() ? await leadsToFolder(path.join(absolute, entry.name)) : entry.isDirectory() })));
  return listed.sort((a, b) => compareNaturally(a.name, b.name));
}

function leadsToFolder(link: string): Promise<boolean> {
  return stat(link).then((status) => status.isDirectory(), () => false);
}

/** Images that would be passed over are refused: whoever trained on them would not see that they are missing. */
function refuseImage(name: string, isPlaced: boolean, where: Where): void {
  if (otherImage.test(name)) throw new UserError('image-format', `holds ${name}, an image of a format that is not read.`, { ...where, remedy: 'Convert it to PNG, or move it out of the folder if it is no record.' });
  if (!isPlaced && imageName.test(name)) throw new UserError('image-misplaced', `holds ${name}, which does not lie directly in the folder of a class.`, { ...where, remedy: 'Move it into the folder of its class, or out of this one if it is no record; or name a table of paths and labels.' });
}

/** Paths and labels of the images under a folder with one folder a class; files that are no images are passed over. */
async function listClassFolders(absolute: string, where: Where): Promise<string[][]> {
  const rows: string[][] = [];
  for (const { name, isFolder } of await listFolder(absolute)) {
    if (!isFolder) refuseImage(name, false, where);
    for (const entry of isFolder ? await listFolder(path.join(absolute, name)) : []) {
      for (const deeper of entry.isFolder ? await listFolder(path.join(absolute, name, entry.name)) : []) refuseImage(`${name}/${entry.name}/${deeper.name}`, false, where);
      if (entry.isFolder) continue;
      refuseImage(`${name}/${entry.name}`, true, where);
      if (imageName.test(entry.name)) rows.push([`${name}/${entry.name}`, name]);
    }
  }
  if (rows.length === 0) throw new UserError('data-empty', 'holds no PNG or JPEG images in folders of their classes.', { ...where, remedy: 'Name the folder that has one folder of images for each class, or a table of paths and labels.' });
  return rows;
}

/**
 * The table behind images: paths and labels, and for a list whatever other columns it has.
 * @throws UserError as `findFile`; `data-empty`, `images-format`.
 */
export async function imageTable(source: ImageSource, field: string, options: PathOptions): Promise<{ readonly origin: TableOrigin; readonly folder: string }> {
  const format = formatOfName(source.path);
  if (format !== undefined) {
    const file = await findFile(source.path, `${field}.path`, options);
    return { origin: await tableFiles([file], format), folder: path.dirname(file.path) };
  }
  const where = { file: source.path, field: `${field}.path` };
  const folder = await findFolder(source.path, `${field}.path`, options);
  const columns = [source.image ?? 'path', source.label ?? 'label'].map((name) => ({ name, type: VARCHAR }));
  const list = await listClassFolders(folder, where);
  return { origin: { where, rows: () => Promise.resolve({ columns, chunks: () => chunksOf(columns, list), close: () => undefined }) }, folder };
}

interface JpegFrame {
  readonly width: number;
  readonly height: number;
  /** How many colours there are. */
  readonly colors: number;
}

/** What the frame header of a JPEG says (ITU-T T.81, B.2.2). */
function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  const short = (at: number): number => 256 * (bytes[at] ?? 0) + (bytes[at + 1] ?? 0);
  for (let at = 2; at + 9 < bytes.length; at += 2 + short(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff) return undefined;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) return { height: short(at + 5), width: short(at + 7), colors: bytes[at + 9] ?? 0 };
  }
  return undefined;
}

/** Pixels as [height, width, channels] bytes. @throws UserError `image-damaged`, `image-colors`, `image-transparent`. */
export function decodeImage(bytes: Uint8Array, where: Where): NumericArray {
  if (isPng(bytes)) return decodePng(bytes, where);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new UserError('image-damaged', 'is neither a PNG nor a JPEG image.', { ...where, remedy: 'Convert it to PNG, or move it out of the folder if it is no record.' });
  const frame = jpegFrame(bytes);
  if (frame?.colors === 4) throw new UserError('image-colors', 'has the colours of print (CMYK), of which programs make different pixels.', { ...where, remedy: 'Convert it to PNG as the model was trained with it.' });
  const most = { pixels: mostPixelsOfByte * bytes.length, megabytes: decoderMegabytes + (mostPixelsOfByte * bytes.length * decoderBytesOfPixel) / 1e6 };
  if (frame !== undefined && frame.width * frame.height > most.pixels) throw new UserError('image-damaged', `promises ${frame.width} × ${frame.height} pixels, which ${bytes.length} bytes cannot hold.`, { ...where, remedy: 'Copy it again, or open it in an image program and save it anew.' });
  try {
    const { width, height, data } = decode(bytes, { useTArray: true, tolerantDecoding: false, ...largestJpeg, maxMemoryUsageInMB: Math.min(largestJpeg.maxMemoryUsageInMB, most.megabytes) });
    if (frame?.colors === 1) return { shape: [height, width, 1], values: data.filter((_, index) => index % 4 === 0) };
    return { shape: [height, width, 3], values: dropOpacity(data, 4, 3, where) };
  } catch (cause) {
    throw new UserError('image-damaged', `is a damaged or unusual JPEG image (${cause instanceof Error ? cause.message : String(cause)}).`, { ...where, remedy: 'Open it in an image program and save it as PNG, or copy it again.', cause });
  }
}

/** Grey images as colours, where colours are wanted. */
function withChannels(image: NumericArray, channels: number, where: Where): NumericArray {
  const [height = 0, width = 0, found = 0] = image.shape;
  if (found === channels) return image;
  if (found === 1) return { shape: [height, width, channels], values: Uint8Array.from({ length: image.values.length * channels }, (_, index) => image.values[Math.floor(index / channels)] ?? 0) };
  throw new UserError('image-channels', 'has colours, but grey images are expected.', { ...where, remedy: 'Convert it, or set "channels" to 3.' });
}

/** Paths of a list are data and nobody's choice: they lead to images beside the list or in the workspace, and nowhere else. */
function requireInside(name: string, folder: string, workspace: string | undefined, where: Where): void {
  if (workspace === undefined || [folder, workspace].some((allowed) => isInside(path.resolve(allowed), path.resolve(folder, name)))) return;
  throw new UserError('file-outside-workspace', 'is named by the list, but lies neither beside it nor in the workspace.', { ...where, remedy: 'Put the list beside the images.' });
}

/** One image at a time, so that no more than the limit is in memory. */
async function readImages(paths: readonly string[], source: ImageSource, folder: string, field: string, options: PathOptions & ResidentOptions): Promise<{ readonly shape: readonly number[]; readonly pixels: FeatureStore }> {
  let shape: readonly number[] = [];
  let pixels: GrowingFeatures | undefined;
  for (const name of paths) {
    requireInside(name, folder, options.workspace, { file: name, field: `${field}.path` });
    const file = await findFile(name, `${field}.path`, { ...options, base: folder });
    const where = { file: file.file, field: file.field };
    const decoded = decodeImage(await readFileBytes(file), where);
    const image = withChannels(decoded, source.channels ?? (pixels === undefined ? (decoded.shape[2] ?? 3) : (shape[2] ?? 3)), where);
    if (pixels === undefined) {
      ({ shape } = image);
      pixels = new GrowingFeatures(residentLimitOf(options), paths.length * elementCount(shape));
    } else if (image.shape.join() !== shape.join()) {
      throw new UserError('shape-mismatch', `has ${image.shape.slice(0, 2).join(' × ')} pixels, but the first image has ${shape.slice(0, 2).join(' × ')}.`, { ...where, remedy: 'Bring all images to the size of the model\'s input.' });
    }
    pixels.append(toFeatures(image.values, elementCount(shape), where));
  }
  return { shape, pixels: (pixels ?? new GrowingFeatures(residentLimitOf(options))).finish() };
}

/** Of folders the classes are in the order of their names, unless the request gives another. */
export function classesOf(source: ImageSource, labels: readonly RawLabel[]): ImageSource['classes'] {
  if (source.classes !== undefined || formatOfName(source.path) !== undefined || source.labelKind === 'value') return source.classes;
  return [...new Set(labels.map(String))].sort(compareNaturally);
}

/**
 * The classes of images in the order of their numbers, whatever part of them lies in another folder; undefined where labels are such numbers.
 * @throws UserError as `findFolder`; `data-empty`.
 */
export async function classNames(source: ImageSource, field: string, options: PathOptions): Promise<ImageSource['classes']> {
  if (source.classes !== undefined || formatOfName(source.path) !== undefined) return source.classes;
  const rows = await listClassFolders(await findFolder(source.path, `${field}.path`, options), { file: source.path, field: `${field}.path` });
  return classesOf(source, rows.map(([, label]) => label ?? null));
}

/**
 * Opens images that all have one size: a folder with one folder a class, or a table of paths and labels.
 * @throws UserError for what is missing, damaged, or of another size than the first.
 */
export async function openImageSource(source: ImageSource, field: string, options: PathOptions & TableOptions & ResidentOptions): Promise<StoredDataset> {
  const { origin, folder } = await imageTable(source, field, options);
  const table = await Table.open(origin, options);
  let rows: RawLabel[][];
  try {
    const columns = [table.column(source.image ?? 'path', `${field}.image`), table.column(source.label ?? 'label', `${field}.label`)];
    rows = [];
    for await (const chunk of table.each(columns.map(textOf))) rows.push(...chunk.getRows().map((row) => row.map((cell) => (cell === null ? null : String(cell)))));
  } finally {
    table.close();
  }
  if (rows.length === 0) throw new UserError('data-empty', 'holds no records.', { ...origin.where, remedy: 'Write one row for each image into the table.' });
  const labels = rows.map(([, label]) => label ?? null);
  const paths = rows.map(([name], record) => {
    if (typeof name !== 'string') throw new UserError('file-missing', `record ${record} has no path.`, { ...origin.where, remedy: 'Fill in the path in that row, or name the column of paths in "image".' });
    return name;
  });
  const { shape, pixels } = await readImages(paths, source, folder, field, options);
  const declared = featureShape(source.shape, shape, { field: `${field}.shape` });
  return new StoredDataset({
    features: pixels,
    labels: toLabels(labels, { ...source, classes: classesOf(source, labels) }, { ...origin.where, field: `${field}.label` }),
    featureShape: declared,
    scale: toScale(source.scale, elementCount(declared), `${field}.scale`),
  });
}
