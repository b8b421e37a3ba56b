import { PNG } from 'pngjs';
import { UserError } from '../error';
import type { NumericArray } from './numeric-array';
import type { Where } from './source-file';

/** An image of this many pixels takes a gigabyte to decode. */
const largestImage = 2 ** 28;
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** Of four bytes a pixel, the first `channels`. */
export function dropChannels(rgba: Uint8Array, channels: number): Uint8Array {
  const values = new Uint8Array((rgba.length / 4) * channels);
  for (let source = 0, target = 0; source < rgba.length; source += 4) {
    for (let channel = 0; channel < channels; channel++) values[target++] = rgba[source + channel] ?? 0;
  }
  return values;
}

/**
 * The pixels of a PNG as [height, width, channels] bytes: one channel for grey images, three for colours (also of a palette).
 * @throws UserError `image-damaged`, `image-too-large`, `image-transparent`.
 */
export function decodePng(bytes: Uint8Array, where: Where = {}): NumericArray {
  if (!isPng(bytes) || bytes.length < 29) throw new UserError('image-damaged', 'is not a PNG image.', where);
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [header.getUint32(16), header.getUint32(20)];
  if (width * height > largestImage) throw new UserError('image-too-large', `has ${width} × ${height} pixels.`, where);
  // The decoder does not miss the end of a file that was cut short; with it, the checksums of all chunks have been compared.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('IEND')) throw new UserError('image-damaged', 'is a PNG image cut short.', where);
  let image: ReturnType<typeof PNG.sync.read>;
  try {
    image = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (cause) {
    throw new UserError('image-damaged', `is a damaged PNG image (${cause instanceof Error ? cause.message : 'unknown error'}).`, { ...where, cause });
  }
  for (let alpha = 3; alpha < image.data.length; alpha += 4) {
    if (image.data[alpha] !== 255) throw new UserError('image-transparent', 'is partly transparent, so its colours are not settled.', { ...where, remedy: 'Save it without an alpha channel.' });
  }
  // Colour type of the header: bit 1 set for colours.
  const channels = ((bytes[25] ?? 0) & 2) === 0 ? 1 : 3;
  return { shape: [height, width, channels], values: dropChannels(image.data, channels) };
}
