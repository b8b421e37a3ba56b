import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { UserError } from '../error';
import { largestExpansion } from './byte-source';
import type { NumericArray } from './numeric-array';
import type { Where } from './source-file';

/** An image of this many pixels takes a gigabyte to decode. */
const largestImage = 2 ** 28;
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
  readonly hasTransparency: boolean;
  /** The compressed rows. */
  readonly data: Buffer;
}

/** Chunks of a PNG (ISO/IEC 15948, section 5); undefined where the file ends before its end chunk. */
function readLayout(bytes: Uint8Array): Layout | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const data: Buffer[] = [];
  let hasTransparency = false;
  for (let start = 8; start + 12 <= file.length;) {
    const length = file.readUInt32BE(start);
    const type = file.toString('latin1', start + 4, start + 8);
    if (type === 'IEND') {
      return { width: file.readUInt32BE(16), height: file.readUInt32BE(20), depth: file.readUInt8(24), colorType: file.readUInt8(25), interlaced: file.readUInt8(28) !== 0, hasTransparency, data: Buffer.concat(data) };
    }
    if (type === 'IDAT') data.push(file.subarray(start + 8, start + 8 + length));
    hasTransparency ||= type === 'tRNS';
    start += 12 + length;
  }
  return undefined;
}

/** The predictor of filter type 4 (ISO/IEC 15948, section 9.4). */
function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Undoes the filters of 8-bit rows; each row is one byte for its filter and `rowSize` bytes. */
function unfilter(rows: Uint8Array, height: number, rowSize: number, pixelSize: number): Uint8Array {
  const pixels = new Uint8Array(height * rowSize);
  for (let row = 0; row < height; row++) {
    const filter = rows[row * (rowSize + 1)] ?? 0;
    const source = row * (rowSize + 1) + 1;
    const target = row * rowSize;
    for (let index = 0; index < rowSize; index++) {
      const left = index < pixelSize ? 0 : (pixels[target + index - pixelSize] ?? 0);
      const up = row === 0 ? 0 : (pixels[target + index - rowSize] ?? 0);
      const corner = row === 0 || index < pixelSize ? 0 : (pixels[target + index - rowSize - pixelSize] ?? 0);
      const predicted = filter === 0 ? 0 : filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
      pixels[target + index] = (rows[source + index] ?? 0) + predicted;
    }
  }
  return pixels;
}

/** Of `size` bytes a pixel, the first `kept`. The last one, where there is one more than colours, is the opacity and must be full. */
export function dropOpacity(pixels: Uint8Array, size: number, kept: number, where: Where): Uint8Array {
  if (size === kept) return pixels;
  const values = new Uint8Array((pixels.length / size) * kept);
  for (let source = 0, target = 0; source < pixels.length; source += size) {
    if (pixels[source + size - 1] !== 255) throw new UserError('image-transparent', 'is partly transparent, so its colours are not settled.', { ...where, remedy: 'Save it without an alpha channel.' });
    for (let channel = 0; channel < kept; channel++) values[target++] = pixels[source + channel] ?? 0;
  }
  return values;
}

/** Numbers of a pixel for each colour type (11.2.1). */
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of all rows as they are compressed, each with one for its filter: no more than so many can become of the bytes there are. */
function requirePlausible({ width, height, depth, colorType, interlaced, data }: Layout): void {
  const rows = height * (Math.ceil((width * depth * (samples[colorType] ?? 1)) / 8) + 1);
  if (rows > data.length * largestExpansion) throw new RangeError(`${width} × ${height} pixels in ${data.length} bytes`);
  // In seven images there are more rows, but never twice as many bytes; the general decoder would take any number of them.
  if (interlaced) inflateSync(data, { maxOutputLength: 2 * rows + 64 });
}

/** Bytes of a pixel for each colour type that is decoded here: grey, colours, and both with opacity. */
const pixelSizes: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** Plain 8-bit images, several times faster than the general decoder; undefined for all others. */
function decodePlain(layout: Layout): { readonly pixels: Uint8Array; readonly size: number } | undefined {
  const { width, height, depth, colorType, interlaced, hasTransparency } = layout;
  const size = pixelSizes[colorType];
  if (depth !== 8 || interlaced || hasTransparency || size === undefined) return undefined;
  const expected = height * (width * size + 1);
  const rows = inflateSync(layout.data, { maxOutputLength: expected + 1 });
  if (rows.length !== expected) throw new RangeError(`${rows.length} bytes of pixels instead of ${expected}`);
  return { pixels: unfilter(rows, height, width * size, size), size };
}

/**
 * The pixels of a PNG as [height, width, channels] bytes: one channel for grey images, three for colours (also of a palette).
 * @throws UserError `image-damaged`, `image-too-large`, `image-colors` for 16 bits a colour, `image-transparent`.
 */
export function decodePng(bytes: Uint8Array, where: Where = {}): NumericArray {
  const layout = isPng(bytes) && bytes.length >= 33 ? readLayout(bytes) : undefined;
  if (layout === undefined) throw new UserError('image-damaged', 'is not a complete PNG image.', { ...where, remedy: 'Copy or download it again.' });
  const { width, height, colorType } = layout;
  if (width * height > largestImage) throw new UserError('image-too-large', `has ${width} × ${height} pixels.`, { ...where, remedy: 'Scale it down to the size that the model reads.' });
  if (layout.depth === 16) throw new UserError('image-colors', 'has 16 bits a colour, of which programs make different pixels.', { ...where, remedy: 'Convert it to 8 bits as the model was trained with it, or keep the pixels as an array (.npy).' });
  const channels = (colorType & 2) === 0 ? 1 : 3; // bit 1: colours
  try {
    requirePlausible(layout);
    const { pixels, size } = decodePlain(layout) ?? { pixels: PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).data, size: 4 };
    return { shape: [height, width, channels], values: dropOpacity(pixels, size, channels, where) };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('image-damaged', `is a damaged PNG image (${cause instanceof Error ? cause.message : 'unknown error'}).`, { ...where, remedy: 'Copy it again, or open it in an image program and save it anew.', cause });
  }
}
