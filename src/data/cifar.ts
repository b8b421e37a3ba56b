import { UserError } from '../error';
import type { NumericArray } from './numeric-array';
import type { Where } from './source-file';

const side = 32;
const channels = 3;
const planeSize = side * side;
/** CIFAR-10 has one label byte before each image, CIFAR-100 two: the coarse and the fine class. */
const labelSizes = { cifar10: 1, cifar100: 2 } as const;

/**
 * Reads the binary version of CIFAR (A. Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html): records of a label and three planes of
 * 32 × 32 bytes. Images come as [32, 32, 3], colours last, as TensorFlow's models want them; labels of CIFAR-100 are the fine ones.
 * @throws UserError `cifar-size`.
 */
export function parseCifar(bytes: Uint8Array, format: 'cifar10' | 'cifar100', where: Where = {}): { readonly images: NumericArray; readonly labels: NumericArray } {
  const labelSize = labelSizes[format];
  const recordSize = labelSize + channels * planeSize;
  const count = bytes.length / recordSize;
  if (!Number.isInteger(count)) throw new UserError('cifar-size', `its size is not a multiple of ${recordSize} bytes, as that of a ${format} file is.`, { ...where, remedy: 'Name the binary version of the data set (.bin), unpacked and complete; cifar10 and cifar100 differ in the length of a record.' });
  const images = new Uint8Array(count * channels * planeSize);
  const labels = new Uint8Array(count);
  for (let record = 0; record < count; record++) {
    const start = record * recordSize + labelSize;
    labels[record] = bytes[start - 1] ?? 0;
    for (let index = 0; index < channels * planeSize; index++) {
      images[(record * planeSize + (index % planeSize)) * channels + Math.floor(index / planeSize)] = bytes[start + index] ?? 0;
    }
  }
  return { images: { shape: [count, side, side, channels], values: images }, labels: { shape: [count], values: labels } };
}
